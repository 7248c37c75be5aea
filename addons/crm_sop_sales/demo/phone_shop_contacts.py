"""Demo contacts of yesterday and today: calls measured from the ring on, visits, and what is still without outcome."""

from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models

SARI, AGUS = "crm_base.user_sari", "crm_base.user_agus"
RINA, HENDRA, YUSUF = "crm_base.partner_rina", "crm_base.partner_hendra", "crm_base.partner_yusuf"
SALUTATIONS = {
    "crm_salutation_mr": (HENDRA, YUSUF, "crm_sop_sales.partner_bambang", "crm_sop_sales.partner_andi"),
    "crm_salutation_ms": (RINA, "crm_base.partner_maya", "crm_sop_sales.partner_siti", "crm_sop_sales.partner_yeyen"),
}


@dataclass(frozen=True)
class DemoContact:
    """A contact of the demo: who had it with whom, when, how long the phone rang, and what came of it."""

    name: str
    officer: str
    caller: str  # the XML id of a customer, or how somebody unknown introduced themself
    purpose: str
    note: str
    outcome: str | None = None
    days: int = 0
    minutes: int = 0  # so long ago
    ring: int | None = None  # seconds; a visit doesn't ring
    phone: str | None = None

    @property
    def began(self):
        moment = fields.Datetime.now() - timedelta(days=self.days, minutes=self.minutes)
        return moment.replace(second=7 * self.minutes % 60)


CONTACTS = (
    DemoContact(
        "wish_rina",
        SARI,
        RINA,
        "buying",
        "Asks what the S25 costs with the case.",
        "interested",
        1,
        minutes=150,
        ring=14,
    ),
    DemoContact(
        "delivery_hendra",
        *(AGUS, HENDRA, "question", "When does his phone come? Told him: tomorrow before noon.", "answered"),
        days=1,
        minutes=95,
        ring=83,
    ),
    DemoContact(
        "cracked_yusuf",
        *(AGUS, YUSUF, "complaint", "One of the three A06 has a line across the screen.", "complaint_registered"),
        days=1,
        minutes=40,
        ring=31,
    ),
    DemoContact(
        "wrong_number", SARI, "A lady", "personal", "Wanted the bakery.", "wrong_number", 1, 20, 9, "0812 7700 1122"
    ),
    DemoContact(
        "visit_siti",
        *(
            SARI,
            "crm_sop_sales.partner_siti",
            "buying",
            "Held the Z Flip6 in her hand; decides on Sunday.",
            "call_back",
        ),
        minutes=75,
    ),
    DemoContact("price_yusuf", AGUS, YUSUF, "buying", "Five A15: what is the price?", minutes=55, ring=22),
    DemoContact("earphones_rina", SARI, RINA, "question", "Do the earphones fit?", "satisfied", minutes=35, ring=64),
    DemoContact(
        "new_caller", SARI, "Pak Dedi", "buying", "Looks for a gift.", minutes=8, ring=11, phone="0813 5500 7788"
    ),
)


class CrmDemoContacts(models.AbstractModel):
    """Log the demo shop's contacts. Only the demo files call this."""

    _name = "crm.demo.contacts"
    _description = "Demo Data: Contacts of a Phone Shop"

    @api.model
    def _load(self):
        """Let the officers log what happened; what has no outcome stays open."""
        for salutation, customers in SALUTATIONS.items():
            for customer in customers:
                self.env.ref(customer).salutation_id = self.env.ref(f"crm_sop_sales.{salutation}")
        for demo in CONTACTS:
            contact = self._create(demo)
            if demo.ring is not None:
                contact._ring(demo.began)
                contact._answer(demo.began + timedelta(seconds=demo.ring))
            if demo.outcome:
                contact.ended_at = (contact.answered_at or contact.began_at) + timedelta(minutes=4)
                contact.action_close()
            xml_id = f"crm_sop_sales.contact_{demo.name}"
            self.env["ir.model.data"]._update_xmlids([{"xml_id": xml_id, "record": contact, "noupdate": True}])

    def _create(self, demo):
        known = "." in demo.caller
        outcome = demo.outcome and self.env.ref(f"crm_base.crm_interaction_outcome_{demo.outcome}")
        vals = {
            "partner_id": known and self.env.ref(demo.caller).id,
            "caller_name": not known and demo.caller,
            "channel": "visit" if demo.ring is None else "call",
            "began_at": demo.began,
            "purpose_id": self.env.ref(f"crm_base.crm_interaction_purpose_{demo.purpose}").id,
            "outcome_id": outcome and outcome.id,
            "note": demo.note,
        }
        if demo.phone:
            vals["phone"] = demo.phone
        return self.env["crm.interaction"].with_user(self.env.ref(demo.officer)).create(vals)
