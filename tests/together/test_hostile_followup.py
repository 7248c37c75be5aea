"""Attacks on the service follow-up and its WhatsApp: every role × every field and public method of vehicles, imports,
schedule, follow-ups, hand-out, bookings, reports, messages and blasts; and a word of branch B that branch A must never
hear."""

import time

from odoo.models import BaseModel
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_base.tests.common import CANARY
from odoo.addons.crm_base.tests.hostile import CONTEXTS, Attacker, Rows, changed_rows, method_calls, other_value
from odoo.addons.crm_base.tests.test_hostile_calls import QUIET
from odoo.addons.crm_h23_followup.models.crm_followup_figures import FIGURES
from odoo.addons.crm_h23_followup.models.crm_followup_summary import HEAD_FIELDS, PIC_FIELDS
from odoo.addons.crm_h23_followup.models.crm_service_booking import LOOSE
from odoo.addons.crm_h23_followup.models.crm_vehicle_import import FACTS, INPUTS
from odoo.addons.crm_h23_followup.service_const import LIVE
from odoo.addons.crm_h23_followup.tests.followup_common import ScheduleCase
from odoo.addons.crm_h23_followup.tests.import_common import ImportCase
from odoo.addons.crm_whatsapp.models.crm_whatsapp_template import TEXT

from .ours import one_in

MODELS = {
    "vehicle": "crm.vehicle",
    "service": "crm.vehicle.service",
    "import": "crm.vehicle.import",
    "row": "crm.vehicle.import.row",
    "column": "crm.vehicle.import.column",
    "header": "crm.vehicle.import.header",
    "mapping": "crm.vehicle.import.mapping",
    "case": "crm.followup.case",
    "followup": "crm.followup",
    "offer": "crm.followup.offer",
    "reason": "crm.followup.reason",
    "schedule": "crm.followup.schedule",
    "line": "crm.followup.schedule.line",
    "step": "crm.followup.schedule.step",
    "rule": "crm.followup.rule",
    "absence": "crm.followup.absence",
    "run": "crm.followup.run",
    "slot": "crm.service.slot",
    "closing": "crm.service.closing",
    "promo": "crm.service.promo",
    "booking": "crm.service.booking",
    "report": "crm.followup.report",
    "summary": "crm.followup.summary",
    "account": "crm.whatsapp.account",
    "template": "crm.whatsapp.template",
    "variable": "crm.whatsapp.template.variable",
    "message": "crm.whatsapp.message",
    "blast": "crm.whatsapp.blast",
    "consent": "crm.whatsapp.consent",
    "keyword": "crm.whatsapp.keyword",
    "event": "crm.whatsapp.event",
    "log": "crm.workflow.log",
}
#: Figures that only reading, the schedule or another document says, whoever asks.
FOLLOWS = {
    "vehicle": {"company_id", "wrong_phone"},
    "service": {"company_id", "branch_id", "vehicle_id", "kpb", "import_id"},
    "import": {"company_id"},
    "rule": {"company_id"},
    "absence": {"company_id"},
    "template": {"company_id", "model"},
    "blast": {"company_id", "account_id"},
}
#: What a published version of the schedule lets change.
REVIEWED = {"user_id", "review_date", "reviewed_on", "message_main_attachment_id"}
#: What a booking's steps do to the free service.
BOOKED = {"state", "booked_at", "next_step", "next_date", "serviced_on", "service_source", "is_success"}
#: What writing one of these may do to the others: a stopped vehicle or a service ends what is to be done.
SETTLES = {"vehicle", "service"}
#: Odoo's own fields, the same on every record that has a chatter.
FRAMEWORK = ("message_", "activity_", "website_message", "rating_", "my_activity", "has_message")
EVERY = one_in(6)
#: Rows of a table that are there before, as demo data, up to which all of them are watched.
FEW = 200
#: The models on which Odoo's own methods are tried, too: elsewhere they are the same.
GENERIC = {"crm.vehicle", "crm.followup"}


class Role:
    def __init__(self, user):
        self.name, self.uid = user.login, user.id
        self.answers = user._has_group("crm_base.group_officer")
        self.manages = user._has_group("crm_base.group_manager")
        self.system = user._has_group("base.group_system")
        self.oversees = user._sees_all_branches()
        self.branches = set(user.visible_branch_ids.ids)
        branches = user.env["crm.branch"].sudo().search([])
        self.leads = {branch.id for branch in branches if branch._is_led_by(user)}
        self.heads = {branch.id for branch in branches if branch._is_headed_by(user)}


class FollowupJudge:
    """What is protected, as the database has it, and who may change which of it by which call.

    :ivar subject: what is attacked, a key of :data:`MODELS`
    """

    def __init__(self, env, admins, subject=None):
        self.cr, self.subject, self.admins = env.cr, subject, admins
        self.rows, self.query = Rows(env.cr), self._query()
        self.schedules = {schedule.id: schedule.state for schedule in env["crm.followup.schedule"].search([])}
        self.models = {model.id: model.model for model in env["ir.model"].search([])}

    def _query(self):
        """Return the statement that reads all rows; of a table that has much more than was made here, these rows."""
        parts = []
        for name, model in MODELS.items():
            table = model.replace(".", "_")
            self.cr.execute(f"SELECT count(*), max(id) FROM {table} WHERE create_date < now() AT TIME ZONE 'UTC'")  # noqa: S608
            count, last = self.cr.fetchone()
            floor = last if count > FEW else 0
            parts.append(f"SELECT '{name}' AS name, id, to_jsonb(t) FROM {table} t WHERE id > {floor}")  # noqa: S608
        return " UNION ALL ".join(parts)

    def snapshot(self):
        return self.rows.now(self.query)

    def violations(self, role, method, before, after):
        """Return what changed between the snapshots and may not be changed by that role with that method."""
        self.before, self.after = before, after
        changed = changed_rows(before, after)
        self.logged = {
            (after[key]["res_model"], after[key]["res_id"])
            for key in changed
            if key[0] == "log" and key not in before and after[key]["user_id"] == role.uid
        }
        found = []
        for table, id_ in changed:
            old, new = before.get((table, id_)), after.get((table, id_))
            names = {name for name in old if old[name] != new.get(name)} if old and new else None
            if not (self._is_consistent(table, new) and getattr(self, f"_may_{table}")(role, method, old, new, names)):
                found.append(((table, id_), names or old or new))
        return found

    def _is_consistent(self, table, new):
        """Return whether a row still says the same as what it hangs on: branch, company, model."""
        if not new:
            return True
        after = self.after
        if table == "service" and (vehicle := after.get(("vehicle", new["vehicle_id"]))):
            return (new["branch_id"], new["company_id"]) == (vehicle["branch_id"], vehicle["company_id"])
        if table == "blast":
            return new["account_id"] == after["template", new["template_id"]]["account_id"]
        if table == "template":
            account = after["account", new["account_id"]]
            return (new["model"], new["company_id"]) == (self.models[new["model_id"]], account["company_id"])
        if "company_id" not in new or not new.get("branch_id"):
            return True
        return new["company_id"] == self.companies[new["branch_id"]]

    def _own(self, role, *rows):
        return all(row["branch_id"] in role.branches for row in rows if row)

    def _step(self, model, row):
        return row is not None and (MODELS[model], row["id"]) in self.logged

    # === VEHICLES AND THEIR IMPORT === #

    def _may_vehicle(self, role, method, old, new, names):
        if self.subject == "booking":  # who books becomes a contact
            return role.answers and bool(names) and names <= {"partner_id"} and self._own(role, old, new)
        taken = self.subject == "import" and method in ("action_apply",)
        forged = names is not None and names & FOLLOWS["vehicle"] - {"company_id"}
        return role.manages and self._own(role, old, new) and (taken or (self.subject == "vehicle" and not forged))

    def _may_service(self, role, method, old, new, names):
        if self.subject == "import":
            return role.manages and method == "action_apply" and self._own(role, old, new)
        if self.subject not in SETTLES or not role.manages or not self._own(role, old, new):
            return False
        if old is None:
            return not new["import_id"]
        if names and self.subject == "vehicle":
            return names <= {"branch_id", "company_id", "day", "dealer"}
        return not names or not names & FOLLOWS["service"]

    def _may_import(self, role, method, old, new, names):
        others = any(row["create_uid"] != role.uid for row in (old, new) if row) and not role.oversees
        if others or not role.manages or not self._own(role, old, new):
            return False
        if new is None:
            return old["state"] in ("draft", "cancelled")
        if old is None:
            return new["state"] == "draft" and not any(new.get(name) for name in FACTS)
        if "state" in names:
            return method.startswith("action_") and self._step("import", new)
        if names & FACTS and not method.startswith("action_"):  # another file or kind has other columns
            return old["state"] == "draft" and names & FACTS <= {"question", "sheet", "header_row"}
        return old["state"] == "draft" or not names & {*INPUTS, "company_id"}

    def _may_row(self, role, method, old, new, names):
        document = (new or old)["import_id"]
        before = self.before.get(("import", document))
        if not (role.manages and before and (before["create_uid"] == role.uid or role.oversees)):
            return False
        if method in ("action_take", "action_keep", "write", "web_save", "web_save_multi", "load") and names:
            return names == {"decision"} and old["status"] == "conflict" and before["state"] == "preview"
        return self.subject == "import" and method.startswith(("action_", "unlink"))

    def _may_column(self, role, method, old, new, names):
        before = self.before.get(("import", (new or old)["import_id"]))
        if not (role.manages and before and (before["create_uid"] == role.uid or role.oversees)):
            return False
        if names:
            return names == {"target"} and before["state"] == "draft"
        return self.subject == "import" and before["state"] in ("draft", "done")  # read anew; or another file

    def _may_header(self, role, *__):
        return role.manages and self.subject == "header"

    def _may_mapping(self, role, method, old, new, names):
        return role.manages and (new is None or (self.subject == "import" and method.startswith("action_")))

    # === FOLLOW-UPS === #

    def _may_case(self, role, method, old, new, names):
        if not self._own(role, old, new):
            return False
        if self.subject in SETTLES:  # stopped, serviced, or moved with the vehicle
            return role.manages and bool(names) and not names & {"vehicle_id", "kpb", "schedule_id"}
        if self.subject == "import":
            return role.manages and method == "action_apply"
        if self.subject == "followup":
            return bool(names) and names <= {"user_id"} and new["branch_id"] in role.leads
        if self.subject == "booking":
            return role.answers and bool(names) and names <= BOOKED
        return self.subject == "run" and method == "action_generate" and (new or old)["branch_id"] in role.leads

    def _may_followup(self, role, method, old, new, names):
        if not self._own(role, old, new):
            return False
        if self.subject in (*SETTLES, "booking"):
            facts = {"state", "skipped_because"}
            if self.subject != "booking":
                facts |= {"branch_id", "company_id", "user_id", "due_date", "scheduled_date"}
            return (role.manages or self.subject == "booking") and bool(names) and names <= facts
        if self.subject == "import":
            return role.manages and method == "action_apply"
        if self.subject == "run":
            return method in ("action_generate", "action_send_blast") and (new or old)["branch_id"] in role.leads
        if self.subject != "followup" or not names:
            return False
        to = new["user_id"]
        return (
            names == {"user_id"}
            and new["branch_id"] in role.leads
            and old["state"] in ("todo", "waiting")
            and (not to or to in self.admins[new["branch_id"]])
        )

    def _may_offer(self, role, method, old, new, names):
        moved = bool(names) and names <= {"branch_id", "company_id"}
        return self.subject == "vehicle" and role.manages and moved and self._own(role, old, new)

    def _may_schedule(self, role, method, old, new, names):
        if not role.manages or self.subject not in ("schedule", "line", "step", "reason"):
            return False
        if old is None:
            return new["state"] == "draft"
        if new is None or "state" not in names:
            return old["state"] == "draft" or bool(names and names <= REVIEWED and old["state"] == "published")
        return self._step("schedule", new) and (new["state"] == "published") == method.startswith("action_publish")

    def _may_line(self, role, method, old, new, names):
        def is_draft(row):
            schedule = self.after.get(("schedule", row["schedule_id"])) or self.before["schedule", row["schedule_id"]]
            return schedule["state"] == "draft" or not self.before.get(("schedule", row["schedule_id"]))

        return role.manages and all(is_draft(row) for row in (old, new) if row)

    _may_step = _may_reason = _may_line

    def _may_rule(self, role, method, old, new, names):
        led = all(row["branch_id"] in role.leads for row in (old, new) if row)
        return role.answers and led and self.subject == "rule"

    def _may_absence(self, role, method, old, new, names):
        led = all(row["branch_id"] in role.leads for row in (old, new) if row)
        here = new is None or new["user_id"] in self.admins[new["branch_id"]]
        return role.answers and led and here and self.subject == "absence"

    def _may_run(self, role, method, old, new, names):
        made = self.subject == "run" and method in ("action_generate", "action_send_blast")
        return made and (new or old)["branch_id"] in role.leads

    # === BOOKINGS === #

    def _may_slot(self, role, method, old, new, names):
        led = all(row["branch_id"] in role.leads for row in (old, new) if row)
        return role.manages and led and self._own(role, old, new) and self.subject == "slot"

    def _may_closing(self, role, method, old, new, names):
        led = all(row["branch_id"] in role.leads for row in (old, new) if row)
        return role.manages and led and self._own(role, old, new) and self.subject == "closing"

    def _may_promo(self, role, *__):
        return role.manages and self.subject == "promo"

    def _may_booking(self, role, method, old, new, names):
        if new is None or not role.answers or not self._own(role, old, new):
            return False
        if self.subject in SETTLES:
            return role.manages and bool(names) and names <= {"state", "done_on"} and new["state"] == "done"
        if self.subject != "booking":
            return False
        if old is None:
            case = self.after["case", new["case_id"]]
            noted = ("arrived_at", "done_on", "reminded_at", "rescheduled_from_id", "offer_id", "promo_id")
            follows = all(new[name] == case[name] for name in ("branch_id", "vehicle_id", "kpb"))
            return new["state"] == "booked" and follows and not any(new[name] for name in noted)
        if "state" in names:
            steps = names <= {"state", "arrived_at", "done_on"}
            return steps and method.startswith("action_") and self._step("booking", new)
        return old["state"] in LIVE and names <= {*LOOSE, "message_main_attachment_id"}

    # === REPORTS === #

    def _may_report(self, role, method, old, new, names):
        if self.subject not in ("report", "summary") or not role.answers or new is None or not self._own(role, new):
            return False
        mine, led = new["user_id"] == role.uid, new["branch_id"] in role.leads
        if old is None:
            made = mine and method == "action_send_mine"
            return made or (led and method in ("action_today", "action_send"))
        if "state" in names:
            sent = self.subject == "report" and mine and method in ("action_send", "action_send_mine")
            return sent and new["state"] == "sent" and self._step("report", new)
        if old["state"] == "sent":
            return names <= {"message_main_attachment_id"}
        if names <= {*FIGURES, "counted_at"}:
            return (mine or led) and method.startswith("action_")
        return mine and names <= {"note", "message_main_attachment_id"}

    def _may_summary(self, role, method, old, new, names):
        if self.subject != "summary" or not role.answers or new is None or not self._own(role, new):
            return False
        led, heads = new["branch_id"] in role.leads, new["branch_id"] in role.heads
        if old is None:
            return led and method == "action_today"
        if "state" not in names:
            open_to = {"draft": led and names <= {*PIC_FIELDS}, "sent": heads and names <= {*HEAD_FIELDS}}
            return open_to.get(old["state"], False)
        by = {"action_send": led, "action_evaluate": heads}
        return by.get(method, False) and self._step("summary", new)

    # === WHATSAPP === #

    def _may_account(self, role, method, old, new, names):
        if role.system:
            return self.subject == "account"
        return role.manages and method == "action_resume" and bool(names)

    def _may_template(self, role, method, old, new, names):
        if not role.manages or self.subject not in ("template", "variable"):
            return False
        if names and "state" in names:
            return self._step("template", new)
        return old is None or old["state"] == "draft" or (new is not None and not names & {*TEXT, "model"})

    def _may_variable(self, role, method, old, new, names):
        templates = [self.before.get(("template", row["template_id"])) for row in (old, new) if row]
        return role.manages and all(not template or template["state"] == "draft" for template in templates)

    def _may_message(self, role, method, old, new, names):
        if not self._own(role, old, new) or not role.answers or not method.startswith(("action_", "unlink")):
            return False
        if self.subject == "message":
            fixed = {"body", "phone", "key", "uuid", "template_id", "partner_id", "res_model", "res_id", "branch_id"}
            return bool(names) and not names & fixed and old["state"] in ("queued", "sending", "unknown", "failed")
        if self.subject == "run":
            return (new or old)["branch_id"] in role.leads and method == "action_send_blast"
        return self.subject == "blast" and role.manages and method in ("action_prepare", "action_redraft", "unlink")

    def _may_blast(self, role, method, old, new, names):
        if self.subject == "run":
            return method == "action_send_blast" and (new or old)["branch_id"] in role.leads
        if self.subject in ("message", "template"):  # the last one sent finishes it, a text withdrawn halts it
            return bool(names) and names <= {"state"} and self._step("blast", new)
        if not role.manages or not self._own(role, old, new) or self.subject != "blast":
            return False
        if old is None or new is None:
            return (old or new)["state"] == "draft"
        if "state" in names:
            return method.startswith("action_") and self._step("blast", new)
        return old["state"] == "draft" or names <= {"name", "user_id", "message_main_attachment_id"}

    def _may_consent(self, role, method, old, new, names):
        return role.answers and method.startswith("action_whatsapp_opt") and new["user_id"] == role.uid

    def _may_keyword(self, role, *__):
        return role.manages and self.subject == "keyword"

    def _may_event(self, role, method, old, new, names):
        return (
            role.system and method == "action_apply_again" and old["state"] == "failed" and names <= {"state", "error"}
        )

    def _may_log(self, role, method, old, new, names):
        if old is not None or new["user_id"] != role.uid or not role.answers:
            return False
        settled = (self.subject in SETTLES and role.manages) or self.subject == "booking"
        settled = settled and new["res_model"] in (MODELS["case"], MODELS["followup"])
        return settled or method.startswith("action_")


@tagged("post_install", "-at_install")
class TestHostileFollowup(ScheduleCase, ImportCase):
    """Follow-ups, vehicles and messages are changed by none who may not, and read by none of another branch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pic_a = cls._create_user("test_pic_a", "crm_base.group_officer", cls.branch_a)
        cls.branch_a.pic_id = cls.pic_a
        cls.branches = cls.branch_a + cls.branch_b
        cls.other_company = cls.env["res.company"].create({"name": "Other company"})
        cls._make_whatsapp()
        cls._make_followups()
        cls._make_imports()
        cls._make_settings()
        cls._make_bookings()
        cls._make_reports()
        cls._plant_canary()
        cls.env.flush_all()
        users = (
            cls.officer_a,  # of one branch; the records are of theirs and of another
            cls.pic_a,
            cls.manager_a,
            cls.manager_hq,
            cls.admin,
            cls.internal,
            cls.portal,
            cls.env.ref("base.public_user"),
        )
        cls.roles = [Role(user) for user in users]
        cls.admins = {branch.id: set(branch._followup_admins().ids) for branch in cls.env["crm.branch"].search([])}

    @classmethod
    def _make_whatsapp(cls):
        cls.account = cls.env["crm.whatsapp.account"].create(
            {"name": "Test", "provider": "sandbox", "branch_id": cls.branch_a.id, "user_id": cls.officer_a.id}
        )
        model = cls.env["ir.model"]._get("crm.followup")
        line = [0, 0, {"number": 1, "field_path": "owner_name", "value": "Sir or Madam"}]
        values = {"account_id": cls.account.id, "model_id": model.id, "body": "Hello {{1}}", "variable_ids": [line]}
        templates = cls.env["crm.whatsapp.template"]
        cls.templates = templates.create([{"title": name, "name": name, **values} for name in ("kpb", "draft")])
        cls.templates[0].with_user(cls.manager_hq).action_approve()
        cls.company.followup_template_id = cls.templates[0]
        cls.keyword = cls.env["crm.whatsapp.keyword"].create({"name": "Kenarikata"})
        cls.env["crm.whatsapp.consent"]._note("+628127770001", "out", "customer")
        cls.consent = cls.env["crm.whatsapp.consent"].search([("phone", "=", "+628127770001")])
        cls.env["crm.whatsapp.event"]._keep(cls.account, b'{"object": "x"}')
        cls.event = cls.env["crm.whatsapp.event"].search([("account_id", "=", cls.account.id)])

    @classmethod
    def _make_followups(cls):
        """Of both branches: one that waits for an answer, one to be called, one refused with offer and complaint, one
        that comes due by the next run.
        """
        made = []
        for place, branch in enumerate(cls.branches):
            values = {"branch_id": branch.id, "model_name": "Vario"}
            sent, call, refused = (
                cls._bought(days, 10 * place + number, **values) for number, days in enumerate((30, 45, 45), 1)
            )
            run = cls._generate(branches=branch)
            run._send_blast()
            case = refused.case_ids
            offer = {"answer": "refused", "weekdays_impossible": True}
            done = case.followup_ids[-1:].with_user(cls.manager_hq)
            done._answer("refused", "Angry", reason=cls.reasons["disappointed"], offer=offer)
            late = cls._bought(30, 10 * place + 4, **values)
            cls.env["crm.vehicle.service"].create({"vehicle_id": late.id, "kpb": 2, "day": cls.today})
            made.append((sent + call + refused + late, run))
        cls.fleet = cls.vehicles.concat(*(vehicles for vehicles, __ in made))
        cls.days = cls.runs.concat(*(run for __, run in made))
        a, b = (
            cls.fleet.case_ids.followup_ids.filtered(lambda f, branch=branch: f.branch_id == branch).grouped("state")
            for branch in cls.branches
        )
        cls.targets = a["todo"][0] + a["waiting"][0] + a["done"][0] + b["todo"][0]
        cls.blasts = cls.days.blast_ids
        draft = {"name": "Draft", "branch_id": cls.branch_a.id, "template_id": cls.templates[0].id}
        cls.blasts += cls.env["crm.whatsapp.blast"].create(draft)
        cls.messages = cls.env["crm.whatsapp.message"].search([("blast_id", "in", cls.blasts.ids)])

    @classmethod
    def _make_imports(cls):
        cls.documents = cls.imports
        for branch, user in ((cls.branch_a, cls.manager_a), (cls.branch_b, cls.manager_b)):
            known = cls.fleet.filtered(lambda vehicle, branch=branch: vehicle.branch_id == branch)[0]
            other = {"Nama": "Somebody Else", "No HP": "081277712345", "Kode Dealer": branch.code}
            name = CANARY if branch == cls.branch_b else "Ani"
            rows = (
                cls._cdb_row(cls, 70 + branch.id, **{"Kode Dealer": branch.code}),
                cls._cdb_row(cls, 0, **{"No Mesin": known.engine_number, "No Rangka": known.frame_number, **other}),
                cls._cdb_row(cls, 90 + branch.id, **{"Kode Dealer": branch.code, "No HP": "x", "Nama": name}),
            )
            values = {"branch_id": branch.id, "file_name": f"{branch.code}.xlsx"}
            cls.documents += cls._upload(cls, cls._cdb(cls, *rows), user=user, **values)
        cls.documents += cls._upload(cls, cls._cdb(cls, *rows), user=cls.manager_a, read=False)
        cls.documents = cls.documents.with_user(cls.env.user)

    @classmethod
    def _make_settings(cls):
        cls.draft = cls.schedule.copy({"name": "Next"})
        cls.rules = cls.env["crm.followup.rule"].create(
            [
                {"branch_id": branch.id, "kpb": "1", "user_ids": [user.id]}
                for branch, user in ((cls.branch_a, cls.officer_a), (cls.branch_b, cls.officer_b))
            ]
        )
        cls.absences = cls.env["crm.followup.absence"].create(
            [
                {"branch_id": branch.id, "user_id": user.id, "date_from": "2030-01-01", "date_to": "2030-01-02"}
                for branch, user in ((cls.branch_a, cls.admin_2), (cls.branch_b, cls.officer_b))
            ]
        )
        cls.header = cls.env["crm.vehicle.import.header"].create({"name": "Kenarikolom", "target": "plate"})
        cls.mapping = cls.env["crm.vehicle.import.mapping"].search([("company_id", "=", cls.company.id)], limit=1)

    @classmethod
    def _make_bookings(cls):
        """Of both branches: a time of the week, a booking of who had refused, closing days; and a promotion."""
        cls.times = cls.slots[:1] + cls._create_week(cls.branch_b, kinds=("workshop",))[:1]
        cls.bookings = cls.env["crm.service.booking"]
        for branch in cls.branches:
            case = cls._of(cls, branch, cls.fleet.case_ids).filtered(lambda case: case.state == "refused")[:1]
            values = {"case_id": case.id, "note": "x", **cls._time(branch=branch)}
            cls.bookings += cls.bookings.with_user(cls.manager_hq).create([values])
        cls.bookings = cls.bookings.with_user(cls.env.user)
        cls.closings = cls.env["crm.service.closing"].create(
            [{"branch_id": branch.id, "name": "x", "date_from": "2031-01-01"} for branch in cls.branches]
        )
        cls.promos = cls.env["crm.service.promo"].create([{"name": "x"}])

    @classmethod
    def _make_reports(cls):
        """Of both branches: reports of an admin and of another one, a summary of today and one that was sent."""
        cls.branch_a.head_id = cls.manager_a
        cls.branch_b.head_id = cls.manager_b
        (cls.manager_a + cls.manager_b).email = "head@example.com"
        reports, summaries = cls.env["crm.followup.report"], cls.env["crm.followup.summary"]
        owed = [(cls.branch_a, cls.today, user) for user in (cls.officer_a, cls.admin_2)]
        owed.append((cls.branch_b, cls.today, cls.officer_b))
        reports._insert(owed)
        cls.reports = reports._find(owed)
        cls.summaries = summaries._make_days(
            [(branch, cls._days_ago(days)) for branch in cls.branches for days in (0, 40)]
        )
        cls.summaries.filtered(lambda summary: summary.day < cls.today).with_user(cls.manager_hq).action_send()

    @classmethod
    def _plant_canary(cls):
        """Write a word into all that branch B knows of a customer, where contacts, which all branches share, don't have
        it.
        """
        cls.env.flush_all()
        b = cls.branch_b.id
        for table, columns in {
            "crm_vehicle": "owner_name model_name owner_street owner_city",
            "crm_followup": "reply feedback",
            "crm_whatsapp_message": "body sender_name error_detail",
            "crm_whatsapp_blast": "name",
            "crm_followup_run": "problem",
            "crm_followup_rule": "model_name",
            "crm_followup_absence": "note",
            "crm_vehicle_import": "file_name",
            "crm_vehicle_service": "dealer",
            "crm_service_booking": "customer_name street city note",
            "crm_service_closing": "name",
            "crm_followup_report": "note",
            "crm_followup_summary": "note missing_reason evaluation action",
        }.items():
            for column in columns.split():
                cls.cr.execute(f"UPDATE {table} SET {column} = %s WHERE branch_id = %s", [CANARY, b])  # noqa: S608
        cls.env.invalidate_all()
        cls.secret = {
            name: cls.env[model].search([("branch_id", "=", b)])
            for name, model in MODELS.items()
            if "branch_id" in cls.env[model]._fields and cls.env[model]._fields["branch_id"].store and name != "account"
        }
        cls.secret["row"] = cls.env["crm.vehicle.import.row"].search([("import_id.branch_id", "=", b)])
        cls.secret["column"] = cls.env["crm.vehicle.import.column"].search([("import_id.branch_id", "=", b)])
        cases = cls.secret["case"]
        cases._record_transition(cases._workflow.find("stop"), CANARY)
        cls.secret["log"] = cls.env["crm.workflow.log"].search([("reason", "=", CANARY)])
        for name in ("vehicle", "case", "followup", "run", "blast", "import", "booking", "report", "summary"):
            cls.secret[name][:1].message_post(body=CANARY)

    # === ATTACKS === #

    def _attack(self, subject, *calls):
        """Let every role try its share of the calls; return how many there are. None may break a rule."""
        began = time.monotonic()
        judge = FollowupJudge(self.env, self.admins, subject)
        judge.companies = {branch.id: branch.company_id.id for branch in self.env["crm.branch"].search([])}
        self.env.flush_all()
        before = judge.snapshot()
        calls = [call for group in calls for call in group]
        tried, passed, violations = 0, 0, []
        for place, role in enumerate(self.roles):
            attacker = Attacker(self.env, role, judge)
            with mute_logger(*QUIET, "odoo.addons.mail.models.mail_mail"):
                # who has no right at all tries a third as many
                every = EVERY if role.answers else 3 * EVERY
                attacker.attack(calls[place % every :: every], before)
            tried, passed = tried + attacker.tried, passed + attacker.passed
            violations += attacker.violations
        seconds = time.monotonic() - began
        print(f"{subject}: {seconds:.1f} s, {tried} calls tried, {passed} answered, {len(violations)} broke a rule")
        shown = "\n".join(
            sorted({str((one[0], one[1][1], str(one[1][2:])[:150], str(one[2:])[:300])) for one in violations})
        )
        print(shown, flush=True)
        self.assertFalse(violations, f"{len(violations)} of {tried} calls broke a rule:\n{shown}")
        self.assertGreater(passed, 0, "not one call was answered: the attacks are at fault")
        return tried * EVERY

    def _values(self, model, name):
        """Return values in JSON that a field may be given: a strange one, and those that would do most harm."""
        field = self.env[model]._fields[name]
        values = [other_value(field, self.env)]
        if name == "company_id":
            values.append(self.other_company.id)
        elif name == "branch_id":
            values += self.branches.ids
        elif name in ("user_id", "done_by_id"):
            values += [self.officer_a.id, self.officer_b.id]
        elif name == "vehicle_id":
            values += self.fleet[:1].ids
        elif name == "state" and field.type == "selection":
            values += field.get_values(self.env)
        return values

    def _writes(self, records, create=None):
        """Write each field in each way, and those that would do most harm on each record; call every public method.

        What Odoo itself has on every record is called for the first model of a test only: it is the same everywhere.
        """
        model, ids = records._name, records.ids
        own = [name for name in self.env[model]._fields if not name.startswith(FRAMEWORK)]
        for place, name in enumerate(own):
            context = {**CONTEXTS[place % len(CONTEXTS)], "followup_step": True, "import_fact": True}
            again = ids[place % len(ids)]
            value, *worse = self._values(model, name)
            yield (model, "write", [[again], {name: value}], {"context": context})
            if not self.env[model]._fields[name].store:
                continue
            yield (model, "write", [[again], {name: False}], {})
            yield (model, "web_save", [[again], {name: value}, {"display_name": {}}], {})
            yield (model, "create", [[{**(create or {}), name: value}]], {})
            yield (model, "create", [[create or {}]], {"context": {**context, f"default_{name}": value}})
            yield (model, "copy", [[again], {name: worse[-1] if worse else value}], {})
            for bad in worse:
                yield (model, "create", [[{**(create or {}), name: bad}]], {})
                yield from ((model, "write", [[id_], {name: bad}], {"context": context}) for id_ in ids)
            if self.env[model]._fields[name].type in ("char", "text", "selection", "date", "integer"):
                yield (model, "load", [[".id", name], [[str(again), str(value)]]], {})
        yield (model, "unlink", [ids[:1]], {})
        yield (model, "unlink", [ids[-1:]], {"context": {"_force_unlink": True}})
        yield from self._methods(records)

    def _methods(self, records):
        """Return one call of each public method of ours on each record; on the first of all, of Odoo's too."""
        for record in records:
            for call in method_calls(self.env[record._name], record.ids):
                if (record._name in GENERIC and record == records[0]) or not hasattr(BaseModel, call[1]):
                    yield call

    def _lists(self, parent, name, line):
        """Change a line through the list of its parent."""
        company = {"company_id": self.other_company.id}
        for values in ({"state": "done"}, {"user_id": self.officer_b.id}, company, {}):
            yield (parent._name, "write", [parent.ids[:1], {name: [[1, line.id, values]]}], {})
            yield (parent._name, "write", [parent.ids[:1], {name: [[0, 0, values]]}], {})
        for command in ([2, line.id, 0], [3, line.id, 0], [5, 0, 0], [6, 0, []]):
            yield (parent._name, "write", [parent.ids[:1], {name: [command]}], {})

    def _of(self, branch, records):
        return records.filtered(lambda record: record.branch_id == branch)

    def test_vehicles(self):
        """H23-2, H23-4.1.1: vehicles and services are for the branch's managers; what a report says is the report's."""
        two = self._of(self.branch_a, self.fleet)[:1] + self._of(self.branch_b, self.fleet)[:1]
        create = self._vehicle_vals(55, purchase_date=str(self._days_ago(5)))
        services = two.search([("service_ids", "!=", False), ("branch_id", "in", self.branches.ids)]).service_ids
        service = {"vehicle_id": self.fleet[1].id, "kpb": 3, "day": str(self.today)}
        vehicles = self._attack("vehicle", self._writes(two, create), self._lists(two, "case_ids", two[0].case_ids))
        self.assertGreater(vehicles, 300)
        self.assertGreater(self._attack("service", self._writes(services, service)), 300)

    def test_imports(self):
        """H23-4.1.1: what a file says comes from reading it; of it and its rows its uploader decides."""
        create = {"kind": "cdb", "branch_id": self.branch_a.id, "file_name": "x.csv"}
        row = self.documents[0].row_ids.filtered("decidable")
        rows = row + self.documents[1].row_ids.filtered("decidable")
        lists = self._lists(row.import_id, "row_ids", row)
        columns = self.documents[0].column_ids
        more = self._lists(row.import_id, "column_ids", columns[0])
        self.assertGreater(self._attack("import", self._writes(self.documents, create), lists, more), 300)
        self.assertGreater(self._attack("row", self._writes(rows)), 300)
        self.assertGreater(self._attack("column", self._writes(columns[:2])), 300)
        self.assertGreater(self._attack("header", self._writes(self.header, {"name": "x", "target": "plate"})), 300)
        self.assertGreater(self._attack("mapping", self._writes(self.mapping)), 300)

    def test_followups(self):
        """H23-4.5.1, H23-4.1.2: state, result and days change by nobody's hand; who leads the branch hands out."""
        followups = self.targets
        case = {"case_id": followups[0].case_id.id, "step": "3", "kpb": "1"}
        lists = [
            call
            for name in ("whatsapp_message_ids", "interaction_ids", "workflow_log_ids")
            for call in self._lists(followups.filtered("interaction_ids")[:1], name, followups.interaction_ids[:1])
        ]
        self.assertGreater(self._attack("followup", self._writes(followups, case), lists), 300)

    def test_cases_and_offers(self):
        """H23-4.2.6, H23-4.5.4: nobody writes the figures of the funnel, nor what was offered."""
        cases = self._of(self.branch_a, self.fleet.case_ids)[:2] + self._of(self.branch_b, self.fleet.case_ids)[:1]
        create = {"vehicle_id": self.fleet[3].id, "kpb": "4", "schedule_id": self.schedule.id}
        lists = self._lists(cases, "followup_ids", cases[0].followup_ids[0])
        self.assertGreater(self._attack("case", self._writes(cases, create), lists), 300)
        offers = self.fleet.case_ids.offer_ids
        self.assertGreater(self._attack("offer", self._writes(offers, {"followup_id": self.targets[0].id})), 300)

    def test_schedule(self):
        """H23-6: a published version never changes; a draft is a manager's."""
        both = self.schedule + self.draft
        lists = [
            call
            for schedule in both
            for name in ("line_ids", "step_ids", "reason_ids")
            for call in self._lists(schedule, name, schedule[name][0])
        ]
        create = {"name": "x", "valid_from": "2031-01-01"}
        self.assertGreater(self._attack("schedule", self._writes(both, create), lists), 300)
        for name, lines, values in (
            ("line", both.line_ids, {"kpb": "1", "base_days": 5, "schedule_id": self.schedule.id}),
            ("step", both.step_ids, {"step": "3", "offset_days": 5, "schedule_id": self.schedule.id}),
            ("reason", both.reason_ids, {"code": "x", "name": "x", "offer": "promo", "schedule_id": self.schedule.id}),
        ):
            two = lines.filtered(lambda line: line.schedule_id == self.schedule)[:1] + lines[-1:]
            self.assertGreater(self._attack(name, self._writes(two, values)), 300)

    def test_hand_out(self):
        """H23-4.1.2: rules, absences and days are for who leads the branch, about people who work there."""
        rule = {"branch_id": self.branch_a.id, "user_ids": self.officer_a.ids}
        self.assertGreater(self._attack("rule", self._writes(self.rules, rule)), 300)
        absence = {"branch_id": self.branch_a.id, "user_id": self.officer_a.id}
        self.assertGreater(self._attack("absence", self._writes(self.absences, absence)), 300)
        self.assertGreater(self._attack("run", self._writes(self.days, {"day": "2030-01-01"})), 300)

    def test_bookings(self):
        """H23-4.2.5, H23-4.2.7b: seats, days and what became of a booking follow from its buttons, by whoever sees it;
        times, closing days and promotions are for managers.
        """
        case = self._of(self.branch_a, self.fleet.case_ids).filtered(lambda case: case.state == "open")[:1]
        time = self._time()
        create = {"case_id": case.id, "slot_id": time["slot_id"], "day": str(time["day"])}
        lists = [
            call
            for parent, name in ((case, "booking_ids"), (self.bookings[0].vehicle_id, "booking_ids"))
            for call in self._lists(parent, name, self.bookings[0])
        ]
        self.assertGreater(self._attack("booking", self._writes(self.bookings, create), lists), 300)
        slot = {"branch_id": self.branch_a.id, "weekday": "0", "hour_from": 18, "hour_to": 19}
        self.assertGreater(self._attack("slot", self._writes(self.times, slot)), 200)
        closing = {"branch_id": self.branch_a.id, "name": "x", "date_from": "2031-02-01"}
        self.assertGreater(self._attack("closing", self._writes(self.closings, closing)), 200)
        self.assertGreater(self._attack("promo", self._writes(self.promos, {"name": "x"})), 200)

    def test_reports(self):
        """H23-4.5.2 … 4.5.4: figures are counted, reports sent by whose they are, summaries by who leads the branch,
        and evaluated by its head.
        """
        create = {"branch_id": self.branch_a.id, "day": str(self.today), "user_id": self.officer_a.id}
        self.assertGreater(self._attack("report", self._writes(self.reports, create)), 300)
        create = {"branch_id": self.branch_a.id, "day": "2031-01-01"}
        self.assertGreater(self._attack("summary", self._writes(self.summaries, create)), 300)

    def test_messages(self):
        """H23-4.2.4: nobody makes a message, or says what became of it, but by the buttons."""
        messages = self._of(self.branch_a, self.messages)[:1] + self._of(self.branch_b, self.messages)[:1]
        create = {"account_id": self.account.id, "phone": "+628127770009", "body": "x", "branch_id": self.branch_a.id}
        self.assertGreater(self._attack("message", self._writes(messages, create)), 300)
        self.assertGreater(self._attack("consent", self._writes(self.consent, {"phone": "+628127770002"})), 300)
        self.assertGreater(self._attack("keyword", self._writes(self.keyword, {"name": "Y"})), 300)
        self.assertGreater(self._attack("event", self._writes(self.event, {"account_id": self.account.id})), 300)

    def test_blasts(self):
        """H23-4.2.3: a blast that is settled stays as it is, an approved text too; the account is the system's."""
        create = {"name": "x", "template_id": self.templates[0].id, "branch_id": self.branch_a.id}
        self.assertGreater(self._attack("blast", self._writes(self.blasts, create)), 300)
        template = {"title": "x", "name": "x", "account_id": self.account.id}
        lists = self._lists(self.templates[0], "variable_ids", self.templates[0].variable_ids)
        self.assertGreater(self._attack("template", self._writes(self.templates, template), lists), 300)
        variable = {"template_id": self.templates[0].id, "number": 7, "value": "x"}
        self.assertGreater(self._attack("variable", self._writes(self.templates.variable_ids, variable)), 300)
        self.assertGreater(self._attack("account", self._writes(self.account, {"name": "x"})), 300)

    # === THE WORD === #

    def _listen(self, user, calls):
        attacker = Attacker(self.env, Role(user))
        with mute_logger(*QUIET, "odoo.addons.mail.models.mail_mail"):
            attacker.attack(calls)
        return attacker.replies

    def _questions(self):
        """Return calls that read branch B's records in every way, or ask for them."""
        for name, records in self.secret.items():
            model, ids = MODELS[name], records.ids
            known = self.env[model]._fields
            spec = {
                field: {"fields": {"display_name": {}}} if known[field].relational else {}
                for field in known
                if known[field].comodel_name != "res.users"
            }
            yield from ((model, "read", [ids[:2], [field]], {}) for field in known)
            yield from ((model, "export_data", [ids[:1], [field]], {}) for field in known)
            yield from ((model, "web_read", [[id_], spec], {}) for id_ in ids[:2])
            yield (model, "search_read", [[], list(known)], {})
            yield (model, "web_search_read", [[], spec], {})
            yield (model, "copy", [ids[:1]], {})
            yield (model, "onchange", [ids[:1], {}, list(known), spec], {})
            yield (model, "onchange", [[], {f"{name}_id": ids[0]}, list(known), spec], {})
            for word in (CANARY, CANARY[:4], ""):
                yield (model, "name_search", [word], {})
                yield (model, "web_name_search", [word, {"display_name": {}}], {})
            for field in known.values():
                if field.store and field.type not in ("binary", "json", "one2many", "properties"):
                    yield (model, "formatted_read_group", [[], [field.name], ["__count"]], {})
            yield from method_calls(self.env[model], ids[:1])
            about = [["model", "=", model], ["res_id", "in", ids]]
            yield ("mail.message", "search_read", [about, ["body", "subject", "record_name"]], {})
        yield ("mail.message", "search_read", [[["body", "ilike", CANARY]]], {})
        analysis = list(self.env["crm.followup.analysis"]._fields)
        yield ("crm.followup.analysis", "search_read", [[], analysis], {})
        for field in ("branch_id", "vehicle_id", "user_id", "case_id"):
            yield ("crm.followup.analysis", "formatted_read_group", [[], [field], ["due:sum"]], {})
        yield from self._wizards()

    def _wizards(self):
        """Return calls that have a dialog tell of a document that its user can't read."""
        followup, document = self.secret["followup"][0].id, self.secret["import"][0].id
        blast, booking = self.secret["blast"][0].id, self.secret["booking"][0]
        case = booking.case_id.id
        for model, vals in (
            ("crm.followup.call", {"followup_id": followup}),
            ("crm.followup.hand.out", {"followup_ids": [[6, 0, [followup]]]}),
            ("crm.service.book", {"case_id": case, "booking_id": booking.id}),
            ("crm.service.book", {"booking_id": booking.id}),
            ("crm.service.done", {"case_id": case}),
            ("crm.service.slot.copy", {"source_id": self.branch_b.id, "target_ids": [[6, 0, self.branch_a.ids]]}),
            ("crm.whatsapp.composer", {"res_model": "crm.followup", "res_ids": [followup]}),
            ("crm.whatsapp.composer", {"res_model": "crm.service.booking", "res_ids": booking.ids}),
            ("crm.whatsapp.blast.start", {"blast_id": blast}),
            ("crm.workflow.reason", {"res_model": "crm.vehicle.import", "res_ids": [document], "transition": "cancel"}),
        ):
            names = list(self.env[model]._fields)
            spec = {
                name: {"fields": {"display_name": {}}} if self.env[model]._fields[name].relational else {}
                for name in names
            }
            yield (model, "web_save", [[], vals, spec], {})
            yield (model, "onchange", [[], vals, names, spec], {})
            defaults = {f"default_{name}": value for name, value in vals.items()}
            yield (model, "onchange", [[], {}, names, spec], {"context": defaults})
            yield (model, "default_get", [names], {"context": {**defaults, "active_model": model, "active_ids": [1]}})

    def test_no_reply_holds_the_word(self):
        """H23-2: a word that only branch B knows is in no reply to branch A, by whatever call."""
        calls, tried = list(self._questions()), 0
        for user in (self.officer_a, self.manager_a, self.internal, self.portal):
            replies = self._listen(user, calls)
            tried += len(replies)
            leaks = [call for call, reply in replies if CANARY in reply and CANARY not in str(call)]
            leaks += [
                call for call, reply in replies if reply.count(CANARY) > str(call).count(CANARY) and call not in leaks
            ]
            self.assertFalse(leaks, f"{user.login}: {len(leaks)} leaks, e.g. {leaks[:5]}")
        print(f"{tried} questions asked")
        self.assertGreater(tried, 3000)

    def test_questions_are_good(self):
        """H23-2: to branch B's manager and to the headquarters the same calls tell the word."""
        calls = [
            call for call in self._questions() if call[1] in ("read", "web_read", "web_search_read", "name_search")
        ]
        for user in (self.manager_b, self.manager_hq):
            told = {call[0] for call, reply in self._listen(user, calls) if CANARY in reply}
            self.assertGreater(len(told), 9, user.login)

    def test_no_search_finds_the_word(self):
        """H23-2: nor is it found by a condition on what another record says of it."""
        word = ("ilike", CANARY)
        questions = [
            ("crm.vehicle", [("owner_name", *word)]),
            ("crm.vehicle", [("service_ids.dealer", *word)]),
            ("crm.followup", [("feedback", *word)]),
            ("crm.followup", [("vehicle_id.owner_name", *word)]),
            ("crm.followup", [("whatsapp_message_ids.body", *word)]),
            ("crm.followup.case", [("owner_name", *word)]),
            ("crm.followup.case", [("followup_ids.reply", *word)]),
            ("crm.followup.analysis", [("vehicle_id.model_name", *word)]),
            ("crm.followup.offer", [("followup_id.feedback", *word)]),
            ("crm.followup.reason", [("schedule_id.activity_ids.summary", *word)]),
            ("crm.service.booking", [("customer_name", *word)]),
            ("crm.service.time", [("branch_id", "=", self.branch_b.id)]),
            ("crm.service.time", [("slot_id.branch_id", "=", self.branch_b.id)]),
            ("crm.service.closing", [("name", *word)]),
            ("crm.followup.case", [("booking_ids.note", *word)]),
            ("crm.vehicle", [("booking_ids.note", *word)]),
            ("res.partner", [("service_booking_ids.note", *word)]),
            ("crm.followup.report", [("note", *word)]),
            ("crm.followup.summary", [("evaluation", *word)]),
            ("crm.whatsapp.account", [("branch_id.name", "=", "Shop TB")]),
            ("crm.whatsapp.template", [("account_id.message_count", ">", 999)]),
            ("res.partner", [("whatsapp_message_ids.body", *word)]),
            ("crm.workflow.log", [("reason", *word)]),
            ("mail.message", [("body", *word)]),
        ]
        for model, domain in questions:
            for user in (self.officer_a, self.manager_a):
                with self.subTest(f"{user.login}: {model} {domain}"), mute_logger(*QUIET):
                    try:
                        found = self.env[model].with_user(user).search(domain)
                    except Exception:  # noqa: BLE001, S112 - refused is no answer either
                        continue
                    self.assertFalse(found)
