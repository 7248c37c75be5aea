from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

#: What only the clock says, and what follows from it: no client writes them, on no contact.
MEASURED = ("ringing_at", "answered_by_id", "answer_limit", "ring_seconds", "answered_in_time", "day")
#: What a call that rang no longer lets anybody write by hand.
FIXED_BY_RINGING = ("began_at", "answered_at")


class CrmInteraction(models.Model):
    """When the phone rang and when it was answered: two clicks note it, and nothing can rewrite it (SOP-1).

    A contact that was logged without the click "Ringing", a visit say, has its times typed and isn't measured.
    """

    _inherit = "crm.interaction"

    ringing_at = fields.Datetime("Rang", readonly=True, copy=False)
    answered_by_id = fields.Many2one("res.users", readonly=True, copy=False, index="btree_not_null")
    answer_limit = fields.Integer(
        "Answer Within (s)", readonly=True, copy=False, help="The company's limit on the day on which it rang."
    )
    ring_seconds = fields.Integer("Ring (s)", compute="_compute_ring", store=True, precompute=True, aggregator="avg")
    answered_in_time = fields.Boolean(compute="_compute_ring", store=True, precompute=True)
    day = fields.Date(
        compute="_compute_day", store=True, precompute=True, help="The day on which it began, by the branch's clock."
    )

    _day_idx = models.Index("(branch_id, day)")

    # === COMPUTE METHODS === #

    @api.depends("ringing_at", "answered_at", "answer_limit")
    def _compute_ring(self):
        for contact in self:
            rang, answered = contact.ringing_at, contact.answered_at
            measured = bool(rang and answered)
            contact.ring_seconds = (answered - rang).total_seconds() if measured else 0
            contact.answered_in_time = measured and contact.ring_seconds <= contact.answer_limit

    @api.depends("began_at", "branch_id")
    def _compute_day(self):
        for contact in self:
            branch = contact.branch_id.sudo()
            contact.day = branch._local(contact.began_at).date() if branch and contact.began_at else False

    # === CRUD METHODS === #

    @api.model
    def default_get(self, fields):
        """Override: no default of a client's context stands for the clock."""
        return super().default_get([name for name in fields if name not in MEASURED])

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a contact begins without measured times, an imported one too."""
        if any(vals.get(name) for vals in vals_list for name in MEASURED):
            raise UserError(self._clock_refusal())
        return super().create([{name: vals[name] for name in vals if name not in MEASURED} for vals in vals_list])

    def write(self, vals):
        """Override: what the clock said stays."""
        self.check_access("write")
        self._check_clock(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_measured(self):
        """Check that no open contact goes that has an outcome or was measured; the workflow keeps the others.

        Only the superuser uninstalls: see ``_unlink_only_deletable``.
        """
        if self.env.uid == SUPERUSER_ID and self.env.context.get(MODULE_UNINSTALL_FLAG):
            return
        kept = self.filtered(lambda contact: contact.outcome_id or contact.ringing_at)
        if kept.filtered(lambda contact: contact.state in self._workflow.deletable):
            raise UserError(
                self.env._("A contact that rang or has an outcome can't be deleted: it is in the day's book.")
            )

    def _check_clock(self, vals):
        """Check that the values change nothing that the clock said; to repeat it, as an import does, is no change."""
        measured = [name for name in MEASURED if name in vals]
        fixed = [name for name in FIXED_BY_RINGING if name in vals]
        for contact in self.sudo() if measured or fixed else ():
            names = measured + (fixed if contact.ringing_at else [])
            if any(contact._would_change(name, vals[name]) for name in names):
                raise UserError(self._clock_refusal())

    @api.model
    def _clock_refusal(self):
        return self.env._("Ring and answer times come from the clock, by the buttons “Ringing” and “Answered” only.")

    def _note(self, vals):
        """Write below the guard: only what the server's clock says comes here."""
        return super().write(vals)

    # === ACTION METHODS === #

    def action_ring(self):
        """Log a call that is ringing now, whoever calls, and open it: the first of the two clicks."""
        contact = self.create({"channel": "call", "direction": "incoming"})
        contact._ring(fields.Datetime.now())
        return contact._open_contact()

    def action_ringing(self):
        """Note that the phone rings now. A second click changes nothing."""
        self._ring(fields.Datetime.now())

    def action_answer(self):
        """Override: a call that rang is answered by whoever clicks, and is theirs from then on."""
        rang = self.filtered("ringing_at")
        rang._answer(fields.Datetime.now())
        return super(CrmInteraction, self - rang).action_answer()

    def _open_contact(self):
        self.ensure_one()
        view = {"type": "ir.actions.act_window", "res_model": self._name, "view_mode": "form"}
        return {**view, "name": self.env._("Contact"), "res_id": self.id, "views": [(False, "form")]}

    # === BUSINESS METHODS === #

    def _ring(self, moment):
        """Note the moment (naive UTC) at which incoming calls rang: now, or what a telephone system says."""
        silent = self.filtered(lambda contact: not contact.ringing_at)
        silent._check_rings(moment)
        for company, contacts in silent.grouped("company_id").items():
            limit = company.sudo().answer_limit
            contacts._note({"ringing_at": moment, "began_at": moment, "answer_limit": limit})

    def _answer(self, moment):
        """Note the moment (naive UTC) at which ringing calls were answered by the user."""
        waiting = self.filtered(lambda contact: not contact.answered_at)
        waiting._check_past(moment)
        if any(contact.ringing_at > moment for contact in waiting):
            raise UserError(self.env._("A call can't be answered before it rang."))
        waiting._note({"answered_at": moment, "answered_by_id": self.env.uid, "user_id": self.env.uid})

    def _check_rings(self, moment):
        self._check_past(moment)
        if self.filtered(lambda contact: contact.channel != "call" or contact.direction != "incoming"):
            raise UserError(self.env._("Only a call from a customer rings."))
        if self.filtered("answered_at"):
            raise UserError(self.env._("This call was answered already: it can't ring afterwards."))

    def _check_past(self, moment):
        if moment.replace(microsecond=0) > fields.Datetime.now():
            raise UserError(self.env._("A time that is still to come can't be noted."))
