from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

#: Said in the context by our own code alone; JSON can't make this object.
STEP = object()

CHANNELS = [("paper", "Paper"), ("screen", "Screen"), ("phone", "Phone"), ("email", "Email")]


class CrmConsent(models.Model):
    """That a customer let their data be used for a purpose: in which words, when, how, taken by whom (BR-3).

    It doesn't change and isn't deleted; it can be withdrawn. Both go by the counter's window (`crm.consent.take`).
    """

    _name = "crm.consent"
    _description = "Consent"
    _inherit = ["crm.branch.mixin"]
    _order = "given_at desc, id desc"
    _rec_name = "purpose_id"
    _rec_names_search = ["purpose_id", "partner_id"]

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="restrict", index=True
    )
    purpose_id = fields.Many2one("crm.consent.purpose", required=True, readonly=True, ondelete="restrict", index=True)
    branch_id = fields.Many2one(readonly=True)
    wording = fields.Text(required=True, readonly=True, help="As it was read to the customer.")
    wording_version = fields.Integer(required=True, readonly=True, aggregator=None)
    lang = fields.Char("Language", required=True, readonly=True)
    given_at = fields.Datetime("Given On", required=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Taken By", required=True, readonly=True, ondelete="restrict", index=True)
    scan = fields.Binary(attachment=True, readonly=True)
    scan_name = fields.Char(readonly=True)
    scan_sha256 = fields.Char("Fingerprint of the Scan", readonly=True, help="SHA-256 of the file.")
    is_valid = fields.Boolean("Valid", compute="_compute_is_valid", search="_search_is_valid")
    withdrawn_at = fields.Datetime("Withdrawn On", readonly=True)
    withdrawn_channel = fields.Selection(CHANNELS, "Withdrawn By Way Of", readonly=True)
    withdrawn_by_id = fields.Many2one("res.users", "Withdrawal Noted By", readonly=True, ondelete="restrict")
    withdrawn_reason = fields.Text("Why Withdrawn", readonly=True)

    _one_valid = models.UniqueIndex(
        "(partner_id, purpose_id, company_id) WHERE withdrawn_at IS NULL",
        "The customer has given this consent already.",
    )
    _withdrawn_after_given = models.Constraint(
        "CHECK(withdrawn_at >= given_at)", "A consent can't be withdrawn before it was given."
    )
    _withdrawn_how = models.Constraint(
        "CHECK(withdrawn_at IS NULL OR (withdrawn_channel IS NOT NULL AND withdrawn_by_id IS NOT NULL))",
        "Say how the consent was withdrawn, and who noted it.",
    )

    # === COMPUTE METHODS === #

    @api.depends("withdrawn_at")
    def _compute_is_valid(self):
        for consent in self:
            consent.is_valid = not consent.withdrawn_at

    def _search_is_valid(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("withdrawn_at", "=", False)]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: consents are noted as they are given, and not typed in."""
        self._check_step()
        return super().create(vals_list)

    def write(self, vals):
        """Override: nobody changes a consent."""
        self._check_step()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_never(self):
        if not (self.env.uid == SUPERUSER_ID and self.env.context.get(MODULE_UNINSTALL_FLAG)):
            raise UserError(self.env._("A consent isn't deleted: withdraw it on the contact (button “Consents”)."))

    def _check_step(self):
        if self.env.context.get("crm_branch_consent") is not STEP:
            raise UserError(
                self.env._("A consent is given and withdrawn on the contact (button “Consents”), and stays as it was.")
            )

    # === BUSINESS METHODS === #

    def _as_step(self):
        """Return the records with all rights and leave to write: check first."""
        return self.sudo().with_context(crm_branch_consent=STEP)

    def _give(self, vals_list):
        """Note consents given now by the user's hand. For our own code, which has checked who acts."""
        now = {"given_at": fields.Datetime.now(), "user_id": self.env.uid}
        return self._as_step().create([{**vals, **now} for vals in vals_list]).with_env(self.env)

    def _withdraw(self, channel, reason):
        """Note that these consents are withdrawn now. For our own code, which has checked who acts."""
        self._as_step().write(
            {
                "withdrawn_at": fields.Datetime.now(),
                "withdrawn_channel": channel,
                "withdrawn_by_id": self.env.uid,
                "withdrawn_reason": reason,
            }
        )
