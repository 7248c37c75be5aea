from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class CrmOfferPresented(models.Model):
    """What was shown to a customer on a visit: a price list or leaflet as it was in force then, or a product (BR-2).

    It is a record of a moment: who and when are the server's, and nobody changes it.
    """

    _name = "crm.offer.presented"
    _description = "Presented Offer"
    _inherit = ["crm.branch.mixin", "crm.fact.mixin"]
    _order = "presented_at desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", "Opportunity", required=True, ondelete="restrict", index=True)
    partner_id = fields.Many2one(related="lead_id.partner_id", string="Customer", related_sudo=False)
    branch_id = fields.Many2one(readonly=True)
    version_id = fields.Many2one("crm.material.version", "Material", ondelete="restrict", index="btree_not_null")
    kind = fields.Selection(related="version_id.kind", store=True)
    product_id = fields.Many2one("product.product", ondelete="restrict", index="btree_not_null")
    user_id = fields.Many2one(
        "res.users", "Presented By", required=True, readonly=True, index=True, ondelete="restrict"
    )
    presented_at = fields.Datetime("Presented On", required=True, readonly=True, index=True)

    _something = models.Constraint(
        "CHECK(version_id IS NOT NULL OR product_id IS NOT NULL)", "Say what was presented: a material or a product."
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: now, by the user, at a branch of theirs, and only what is in force there."""
        noted = {"user_id": self.env.uid, "presented_at": fields.Datetime.now()}
        offers = super().create([{**vals, **noted} for vals in vals_list])
        offers.lead_id.with_env(self.env).check_access("read")
        offers._check_own_branch()
        offers._check_in_force()
        return offers

    def write(self, vals):  # pylint: disable=method-required-super
        """Override: nobody changes what was presented."""
        raise UserError(self.env._("What was presented stays as it was noted. Note a new one."))

    @api.ondelete(at_uninstall=True)
    def _unlink_never(self):
        if not (self.env.uid == SUPERUSER_ID and self.env.context.get(MODULE_UNINSTALL_FLAG)):
            raise UserError(self.env._("What was presented stays noted."))

    def _check_own_branch(self):
        if self.env.uid != SUPERUSER_ID and self.branch_id - self.env.user.branch_ids:
            raise AccessError(self.env._("An offer is presented at a branch of yours."))

    def _check_in_force(self):
        """Check that the versions are in force, and that they are for the branch.

        :raise UserError: names one that isn't
        """
        for offer in self:
            version = offer.sudo().version_id
            if version and (version.state != "published" or offer.branch_id not in version.material_id._audience()):
                raise UserError(
                    self.env._("%s isn't in force at this branch: present the current version.", version.display_name)
                )
