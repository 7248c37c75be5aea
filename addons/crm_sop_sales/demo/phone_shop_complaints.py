"""Demo complaints in every state, made by the people who would make them, with the methods that their buttons call."""

from dataclasses import dataclass, field

from odoo import Command, api, models

SARI, AGUS = "crm_base.user_sari", "crm_base.user_agus"
#: What happens to a complaint, in this order; one of the demo stops after one of these.
STEPS = ("new", "registered", "in_progress", "solved", "closed")


@dataclass(frozen=True)
class DemoComplaint:
    """A complaint of the demo: who takes it from whom about what, how far it got and how long ago it came."""

    name: str
    officer: str
    customer: str
    title: str
    problem: str
    until: str
    order: str | None = None  # whose first unit it is about
    facts: dict = field(default_factory=dict)
    priority: str = "1"
    days: int = 0
    unassigned: bool = False
    answer: tuple = ()  # decision, why, solution
    told: str | None = None  # what a customer said who wasn't satisfied
    cancelled: str | None = None


COMPLAINTS = (
    DemoComplaint(
        "new_bambang",
        *(AGUS, "crm_sop_sales.partner_bambang", "Gets hot while charging"),
        "<p>Wrote that his phone gets hot while charging. Which phone, and bought where? To be asked.</p>",
        until="new",
        unassigned=True,
    ),
    DemoComplaint(
        "registered_yusuf",
        *(AGUS, "crm_base.partner_yusuf", "Line across the screen"),
        "<p>A green line across the screen since yesterday. It wasn't dropped. He wants another one, as it was sold on "
        "to a customer of his.</p>",
        until="registered",
        order="paid_yusuf",
        priority="2",
    ),
    DemoComplaint(
        "late_andi",
        *(SARI, "crm_sop_sales.partner_andi", "Stylus isn't recognised"),
        "<p>The stylus isn't recognised any more after the update. He sent the handset from Surabaya by courier.</p>",
        until="in_progress",
        order="paid_andi",
        priority="2",
        days=6,
    ),
    DemoComplaint(
        "again_hendra",
        *(AGUS, "crm_base.partner_hendra", "Battery is empty by noon"),
        "<p>Charged in the morning, empty by noon; he drives all day with navigation on.</p>",
        until="solved",
        order="delivered_hendra",
        days=2,
        answer=(
            "advice",
            "The battery test in the shop shows 98 %: nothing is defective.",
            "Navigation app limited in the background, brightness set to automatic; a car charger recommended.",
        ),
        told="Still empty by two o'clock: wants the battery exchanged.",
    ),
    DemoComplaint(
        "solved_kita",
        *(SARI, "crm_sop_sales.partner_yeyen", "Microphone crackles"),
        "<p>Those who are called by this phone hear crackling. The other one of the order is fine.</p>",
        until="solved",
        order="invoiced_kita",
        days=4,
        answer=(
            "exchange",
            "Bought less than 7 days ago; the fault was heard in the shop with two SIM cards.",
            "Handset exchanged for a new one of the same colour, contacts copied.",
        ),
    ),
    DemoComplaint(
        "closed_rina",
        *(SARI, "crm_base.partner_rina", "Photos are blurred"),
        "<p>Photos of the back camera are blurred since the first day.</p>",
        until="closed",
        order="paid_rina",
        days=9,
        answer=(
            "advice",
            "The protecting film was still on the lens: no defect.",
            "Film removed, lens cleaned, three photos made together with the customer.",
        ),
    ),
    DemoComplaint(
        "cancelled_siti",
        *(SARI, "crm_sop_sales.partner_siti", "Charger stopped working"),
        "<p>The charger in the box stopped working after a month.</p>",
        until="new",
        facts={"product_name": "Infinix Note 40", "purchase_period": "Before Lebaran", "shop_name": "ITC Roxy Mas"},
        days=3,
        cancelled="Bought in another shop, with its own warranty card: she goes there.",
    ),
)


class CrmDemoComplaints(models.AbstractModel):
    """Make the demo shop's complaints. Only the demo files call this."""

    _name = "crm.demo.complaints"
    _description = "Demo Data: Complaints of a Phone Shop"

    @api.model
    def _load(self):
        """Say when the shops are open; make each complaint and take it as far as it got."""
        self.env.ref("crm_sop_sales.helpdesk_team_complaints").resource_calendar_id = self._create_calendar()
        for demo in COMPLAINTS:
            complaint = self._create(demo)
            for step in STEPS[1 : STEPS.index(demo.until) + 1]:
                self._do(step, complaint, demo)
                if step == "in_progress":
                    self._date_back(complaint.sudo(), demo.days - demo.days // 2)
            if demo.cancelled:
                complaint._workflow_do("cancel", demo.cancelled)
            self._date_back(complaint.sudo(), demo.days if demo.cancelled else demo.days // 2)
            if demo.told:
                self._tell(complaint, "crm_sop_sales.crm_interaction_outcome_dissatisfied", demo.told)

    def _create_calendar(self):
        """Return the opening hours of the demo's shops: Monday to Saturday, with a break at noon."""
        hours = ((9, 12, "morning"), (13, 17, "afternoon"))
        attendances = [
            {"name": part, "dayofweek": str(day), "hour_from": begin, "hour_to": end, "day_period": part}
            for day in range(6)
            for begin, end, part in hours
        ]
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Shop Hours",
                "company_id": False,
                "tz": "Asia/Jakarta",
                "attendance_ids": [Command.clear(), *map(Command.create, attendances)],
            }
        )
        self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": "crm_sop_sales.calendar_complaints", "record": calendar, "noupdate": True}]
        )
        return calendar

    def _create(self, demo):
        officer = self.env.ref(demo.officer)
        order = demo.order and self.env.ref(f"crm_sop_sales.order_{demo.order}")
        unit = order and order.hold_ids.lot_id.filtered("is_imei")[:1]
        complaint = (
            self.env["helpdesk.ticket"]
            .with_user(officer)
            .with_context(new_complaint=True)
            .create(
                {
                    "partner_id": self.env.ref(demo.customer).id,
                    "name": demo.title,
                    "description": demo.problem,
                    "priority": demo.priority,
                    "user_id": False if demo.unassigned else officer.id,
                    "channel_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone").id,
                    **({"imei": unit.name} if unit else {}),
                    **demo.facts,
                }
            )
        )
        xml_id = f"crm_sop_sales.complaint_{demo.name}"
        self.env["ir.model.data"]._update_xmlids([{"xml_id": xml_id, "record": complaint, "noupdate": True}])
        return complaint

    def _do(self, step, complaint, demo):
        if step == "registered":
            complaint.action_register()
        elif step == "in_progress":
            complaint.action_start()
        elif step == "solved":
            decision, reason, solution = demo.answer
            decision = self.env.ref(f"crm_sop_sales.crm_complaint_decision_{decision}")
            complaint.write({"decision_id": decision.id, "decision_reason": reason, "solution": solution})
            complaint.action_solve()
        elif step == "closed":
            self._tell(complaint, "crm_base.crm_interaction_outcome_satisfied", "Is happy with her photos now.")

    def _tell(self, complaint, outcome, note):
        """Let the owner ask whether the customer is satisfied, and note the answer."""
        contact = complaint.follow_up_id
        contact.write({"outcome_id": self.env.ref(outcome).id, "note": note})
        contact.action_close()

    def _date_back(self, complaint, days):
        """Let all that happened so far have happened so many days ago; what is planned stays planned."""
        if not days:
            return
        self.env.flush_all()
        done = complaint.interaction_ids.filtered(lambda contact: contact.state == "done")
        shift = self.env["crm.demo.orders"]._shift
        for column in ("create_date", "assigned_date", "last_stage_update", "deadline", "answered_at", "closed_date"):
            shift("helpdesk_ticket", column, complaint.ids, days)
        for column in ("deadline", "last_state_date"):
            shift("helpdesk_ticket_sla", column, complaint.ticket_sla_ids.ids, days)
        shift("crm_workflow_log", "date", [*complaint.workflow_log_ids.ids, *done.workflow_log_ids.ids], days)
        for column in ("began_at", "ended_at"):
            shift("crm_interaction", column, done.ids, days)
        self.env.invalidate_all()
        self.env.add_to_compute(done._fields["day"], done)
        self.env.add_to_compute(complaint._fields["days_to_solve"], complaint)
