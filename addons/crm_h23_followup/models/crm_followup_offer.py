from odoo import api, fields, models
from odoo.exceptions import UserError

from ..followup_const import ANSWERS, OFFERS
from .crm_followup_mixin import STEP


class CrmFollowupOffer(models.Model):
    """The offer that a refusal obliges us to make, and what the customer answered (H23-4.2.6, H23-4.2.7).

    Written by the answer to a follow-up alone; it never changes.
    """

    _name = "crm.followup.offer"
    _description = "Offer after a Refusal"
    _inherit = ["crm.branch.mixin"]
    _order = "id desc"
    _rec_name = "offer"

    followup_id = fields.Many2one(
        "crm.followup", "Follow-up", required=True, readonly=True, ondelete="restrict", index=True
    )
    case_id = fields.Many2one(related="followup_id.case_id", store=True, index=True)
    branch_id = fields.Many2one(readonly=True)
    reason_id = fields.Many2one("crm.followup.reason", required=True, readonly=True, ondelete="restrict", index=True)
    offer = fields.Selection(OFFERS, required=True, readonly=True)
    asks_weekdays = fields.Boolean(readonly=True)
    weekdays_impossible = fields.Boolean(
        "Weekdays Are Impossible",
        readonly=True,
        help="The admin has made sure that the customer can’t come from Monday to Friday.",
    )
    answer = fields.Selection(ANSWERS, required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Offered By", required=True, readonly=True)

    _weekdays_sure = models.Constraint(
        "CHECK(asks_weekdays IS NOT TRUE OR weekdays_impossible)",
        "Make sure that the customer really can't come from Monday to Friday, and tick it.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: an offer is noted with the answer to a follow-up, nowhere else."""
        self._check_own_step()
        return super().create(vals_list)

    def write(self, vals):
        """Override: an offer never changes."""
        self._check_own_step()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_never(self):
        self._check_own_step()

    def _check_own_step(self):
        if self.env.context.get("followup_step") is not STEP:
            raise UserError(self.env._("Offers are noted on the call screen and never change."))

    # === BUSINESS METHODS === #

    def _note_offer(self, vals):
        """Note an offer. For our own code, which has checked who acts."""
        return self.sudo().with_context(followup_step=STEP).create(vals).with_context(followup_step=None)
