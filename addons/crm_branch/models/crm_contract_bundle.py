from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from odoo.addons.crm_base.workflow import Transition, Workflow

from ..contract_const import MANAGER, SERVICE

#: The activity of who has contracts that are signed and not handed in.
HAND_IN = "crm_branch.mail_activity_type_hand_in"
#: The manager's, for what was handed in.
CHECK = "crm_branch.mail_activity_type_check"
#: The officer's, for what was approved.
SEND = "crm_branch.mail_activity_type_send"


class CrmContractBundle(models.Model):
    """The contracts that an officer has had signed on a day, handed to the manager together (BR-5).

    The first signature opens it; it is handed in at the end of the day or when the manager asks, and the next signature
    opens another.
    """

    _name = "crm.contract.bundle"
    _description = "Bundle of Signed Contracts"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.branch.mixin", "crm.workflow.mixin"]
    _order = "day desc, id desc"
    _rec_names_search = ["user_id", "branch_id"]

    _workflow = Workflow(
        states={"open": "Being Collected", "submitted": "Handed In"},
        transitions=(Transition("submit", ("open",), "submitted", groups=(SERVICE,)),),
        locked={"submitted": ("user_id", "branch_id", "day", "submitted_at")},
    )

    state = _workflow.state_field(index=True)
    user_id = fields.Many2one("res.users", "Service Officer", required=True, readonly=True, ondelete="restrict")
    branch_id = fields.Many2one(readonly=True, index=False)  # another index begins with it
    day = fields.Date(required=True, readonly=True, help="By the branch's calendar.")
    contract_ids = fields.One2many("contract.contract", "bundle_id", "Contracts", readonly=True)
    contract_count = fields.Integer(compute="_compute_counts")
    pending_count = fields.Integer("To Check", compute="_compute_counts", help="Neither approved nor returned yet.")
    submitted_at = fields.Datetime("Handed In At", readonly=True, copy=False)
    is_late = fields.Boolean("Late", readonly=True, copy=False, help="Somebody was told that it wasn't handed in.")
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _one_open = models.UniqueIndex(
        "(branch_id, user_id, day) WHERE state = 'open'", "The officer's contracts of this day are collected already."
    )
    _day_idx = models.Index("(branch_id, day)")
    _user_idx = models.Index("(user_id)")

    # === COMPUTE METHODS === #

    @api.depends("user_id", "branch_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for bundle in self:
            words = (
                bundle.branch_id.code,
                bundle.user_id.sudo().name,
                bundle.day and format_date(self.env, bundle.day),
            )
            bundle.display_name = " · ".join(word for word in words if word)

    @api.depends("contract_ids.approval_state")
    def _compute_counts(self):
        counts = {}
        for bundle, state, count in self.env["contract.contract"]._read_group(
            [("bundle_id", "in", self.ids)], ["bundle_id", "approval_state"], ["__count"]
        ):
            counts.setdefault(bundle.id, {})[state] = count
        for bundle in self:
            states = counts.get(bundle.id, {})
            bundle.contract_count = sum(states.values())
            bundle.pending_count = states.get("submitted", 0)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for bundle in self:
            bundle.is_mine = bundle.user_id.id == self.env.uid

    # === ACTION METHODS === #

    def action_submit(self):
        """Hand the contracts to the manager (BR-5)."""
        self._workflow_do("submit")

    @api.model
    def action_submit_mine(self):
        """Hand in everything that the user has had signed, of all days, and show it (BR-5)."""
        mine = self.search([("user_id", "=", self.env.uid), ("state", "=", "open")])
        mine = mine.filtered("contract_ids")
        if not mine:
            raise UserError(self.env._("You have no signed contract to hand in."))
        mine.action_submit()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_contract_bundle_action")
        if len(mine) == 1:
            return {**action, "views": [[False, "form"]], "res_id": mine.id}
        return {**action, "domain": [("id", "in", mine.ids)], "context": {}}

    def action_ask(self):
        """Ask the officers to hand in now: the manager may do so at any time (BR-5)."""
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Branch managers ask for the contracts."))
        self.check_access("read")
        self.filtered(lambda bundle: bundle.state == "open")._ask(self.env._("The manager asks for your contracts"))

    def action_approve_all(self):
        """Approve every contract of the bundle that waits; each must be checked."""
        waiting = self.contract_ids.filtered(lambda contract: contract.approval_state == "submitted")
        if not waiting:
            raise UserError(self.env._("Nothing of this bundle waits for approval."))
        waiting.action_approve()

    # === BUSINESS METHODS === #

    @api.model
    def _open_for(self, user, branch):
        """Return the officer's open bundle of today at the branch, made where there is none. For our own code.

        Of two who open one at once the second waits, and its request is repeated by the server.
        """
        day = branch.sudo()._today()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_contract_bundle
                       (branch_id, company_id, user_id, day, state, create_uid, write_uid, create_date, write_date)
                VALUES (%(branch)s, %(company)s, %(user)s, %(day)s, 'open', %(uid)s, %(uid)s, %(now)s, %(now)s)
                    ON CONFLICT (branch_id, user_id, day) WHERE state = 'open' DO NOTHING
                """,
                branch=branch.id,
                company=branch.sudo().company_id.id,
                user=user.id,
                day=day,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )
        return self.search(
            [("branch_id", "=", branch.id), ("user_id", "=", user.id), ("day", "=", day), ("state", "=", "open")]
        )

    def _check_transition(self, transition):
        """Override: each hands in their own, and a colleague what is late; no empty ones."""
        if self.filtered(lambda bundle: bundle.user_id.id != self.env.uid and not bundle.is_late):
            raise AccessError(self.env._("Officers hand in the contracts that they have had signed themselves."))
        for bundle in self:
            if not bundle.contract_ids.filtered(lambda contract: contract.approval_state == "signed"):
                raise UserError(self.env._("%s: there is no signed contract to hand in.", bundle.display_name))
        return super()._check_transition(transition)

    def _after_transition(self, transition):
        """Override: hand in the contracts, and tell the manager."""
        result = super()._after_transition(transition)
        signed = self.contract_ids.filtered(lambda contract: contract.approval_state == "signed")
        signed._workflow_do("submit")
        bundles = self.sudo()
        bundles.activity_unlink([HAND_IN])
        for bundle in bundles.filtered("branch_id.head_id"):
            bundle.activity_schedule(
                CHECK, user_id=bundle.branch_id.head_id.id, date_deadline=bundle.branch_id._today()
            )
        return result

    def _write_state(self, state):
        """Override: note when it was handed in, before the state locks it."""
        if state == "submitted":
            self.sudo().write({"submitted_at": fields.Datetime.now()})
        return super()._write_state(state)

    def _ask(self, summary):
        """Ask each officer, once, to hand in."""
        bundles = self.sudo()
        asked = {activity.res_id for activity in bundles.activity_search([HAND_IN])}
        waiting = bundles.filtered(lambda bundle: bundle.id not in asked)
        for (officer, branch), theirs in waiting.grouped(lambda bundle: (bundle.user_id, bundle.branch_id)).items():
            theirs.activity_schedule(HAND_IN, user_id=officer.id, summary=summary, date_deadline=branch._today())

    def _settle(self):
        """Let the manager's activity end once nothing of the bundle waits."""
        self.sudo().filtered(lambda bundle: not bundle.pending_count).activity_feedback([CHECK])

    def _ask_to_send(self):
        """Ask the officer, once, to send what was approved to headquarters (BR-7)."""
        for bundle in self.sudo():
            if not bundle.activity_search([SEND], user_id=bundle.user_id.id):
                bundle.activity_schedule(SEND, user_id=bundle.user_id.id, date_deadline=bundle.branch_id._today())

    def _settle_sent(self):
        """Let the officer's activity end once nothing of the bundle is left to send."""
        for bundle in self.sudo():
            if "approved" not in bundle.contract_ids.mapped("approval_state"):
                bundle.activity_feedback([SEND])

    # === SCHEDULED === #

    @api.model
    def _cron_unsubmitted(self):
        """Show what was signed and isn't handed in at the day's end, to officer and manager, once (BR-5)."""
        candidates = self.search([("state", "=", "open"), ("is_late", "=", False), ("contract_ids", "!=", False)])
        late = candidates.filtered(lambda bundle: bundle._is_overdue())
        late._ask(self.env._("Hand in the contracts that were signed"))
        for branch, theirs in late.filtered("branch_id.head_id").grouped("branch_id").items():
            theirs.with_context(lang=branch.head_id.lang)._tell_late(branch)
        late.is_late = True

    def _tell_late(self, branch):
        """Tell the branch's manager, in one message, of all who haven't handed in."""
        self.env["mail.thread"].message_notify(
            model=branch._name,
            res_id=branch.id,
            partner_ids=branch.head_id.partner_id.ids,
            subject=self.env._("Signed contracts were not handed in"),
            body=Markup("<br/>").join(bundle._late_line() for bundle in self),
        )

    def _late_line(self):
        return self.env._(
            "%(officer)s has %(count)s signed contracts of %(day)s and hasn’t handed them in.",
            officer=self._get_html_link(title=self.user_id.name),
            count=self.contract_count,
            day=format_date(self.env, self.day),
        )

    def _is_overdue(self):
        """Return whether the hour to hand in has come at the branch."""
        now = self.branch_id._local()
        hour = self.company_id.contract_submit_hour
        return self.day < now.date() or (self.day == now.date() and now.hour + now.minute / 60 >= hour)
