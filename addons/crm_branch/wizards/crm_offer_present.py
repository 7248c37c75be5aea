from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

#: What is shown to customers.
KINDS = ("price_list", "leaflet")


class CrmOfferPresent(models.TransientModel):
    """The officer's quick way to show an offer: what is in force, each file a click away, and what was shown (BR-2)."""

    _name = "crm.offer.present"
    _description = "Present an Offer"

    lead_id = fields.Many2one("crm.lead", "Opportunity", required=True, readonly=True)
    branch_id = fields.Many2one("crm.branch", required=True, default=lambda self: self.env.user.branch_id)
    line_ids = fields.One2many("crm.offer.present.line", "wizard_id", "Materials")
    product_ids = fields.Many2many("product.product", string="Products", domain=[("sale_ok", "=", True)])

    @api.model
    def default_get(self, fields):
        """Override: list what is in force at the user's branches."""
        values = super().default_get(fields)
        if "line_ids" in fields:
            versions = self.env["crm.material.version"].search([("state", "=", "published"), ("kind", "in", KINDS)])
            values["line_ids"] = [Command.create({"version_id": version.id}) for version in versions]
        return values

    def action_save(self):
        """Note what was presented on the opportunity."""
        self.ensure_one()
        common = {"lead_id": self.lead_id.id, "branch_id": self.branch_id.id}
        shown = [{"version_id": line.version_id.id} for line in self.line_ids if line.presented]
        shown += [{"product_id": product.id} for product in self.product_ids]
        if not shown:
            raise UserError(self.env._("Tick what you have presented, or choose a product."))
        self.env["crm.offer.presented"].create([{**common, **what} for what in shown])
        return {"type": "ir.actions.act_window_close"}


class CrmOfferPresentLine(models.TransientModel):
    _name = "crm.offer.present.line"
    _description = "Material to Present"

    wizard_id = fields.Many2one("crm.offer.present", required=True, ondelete="cascade", index=True)
    version_id = fields.Many2one("crm.material.version", "Material", required=True, readonly=True, ondelete="cascade")
    kind = fields.Selection(related="version_id.kind", related_sudo=False)
    valid_from = fields.Date(related="version_id.valid_from", related_sudo=False)
    file_ids = fields.Many2many(related="version_id.attachment_ids", related_sudo=False, string="Files")
    presented = fields.Boolean()

    def action_open_files(self):
        """Open the file."""
        self.ensure_one()
        return self.version_id.action_open_files()
