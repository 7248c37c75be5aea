from odoo import api, fields, models
from odoo.exceptions import UserError


class ContractTemplate(models.Model):
    """A template that headquarters has published stays as it is: the next one is a new version (BR-4).

    OCA's contracts inherit from this model: the guards are the templates' own.
    """

    _inherit = "contract.template"

    is_form_in_force = fields.Boolean(
        compute="_compute_is_form_in_force", search="_search_is_form_in_force", help="A published version is of it."
    )

    def _compute_is_form_in_force(self):
        in_force = set(self._templates_in_force().ids) if self._name == "contract.template" else ()
        for template in self:
            template.is_form_in_force = template._origin.id in in_force

    @api.model
    def _search_is_form_in_force(self, operator, value):
        if operator != "in" or self._name != "contract.template":
            return NotImplemented
        return [("id", "in", self._templates_in_force().ids)]

    @api.model
    def _templates_in_force(self):
        """Return the templates of which a published version is for a branch that the user sees."""
        versions = self.env["crm.material.version"].sudo()
        published = versions.search([("state", "=", "published"), ("contract_template_id", "!=", False)])
        mine = self.env.user.visible_branch_ids
        return published.filtered(lambda version: version.material_id._addressees() & mine).contract_template_id

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: refuse to change what branches use."""
        if self._name == "contract.template":
            self._check_unpublished()
        return super().write(vals)

    def _check_unpublished(self):
        """Check that no version of the templates was published.

        :raise UserError: says what to do
        """
        versions = self.env["crm.material.version"].sudo()
        used = versions.search([("contract_template_id", "in", self.ids), ("state", "!=", "draft")], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "%(template)s was published as %(version)s: it stays as it is. Make a new version of its form.",
                    template=used.contract_template_id.name,
                    version=used.display_name,
                )
            )


class ContractTemplateLine(models.Model):
    _inherit = "contract.template.line"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: refuse to change what branches use."""
        lines = super().create(vals_list)
        lines._check_template_unpublished()
        return lines

    def write(self, vals):
        """Override: likewise."""
        self._check_template_unpublished()
        if self._name == "contract.template.line" and vals.get("contract_id"):
            self.env["contract.template"].browse(vals["contract_id"])._check_unpublished()
        return super().write(vals)

    def unlink(self):
        """Override: likewise."""
        self._check_template_unpublished()
        return super().unlink()

    def _check_template_unpublished(self):
        if self._name == "contract.template.line":
            self.contract_id._check_unpublished()

    # === BUSINESS METHODS === #

    def _prepare_lines(self):
        """Return the values of new lines like these, without their days."""
        names = ("sequence", "product_id", "name", "quantity", "uom_id", "automatic_price", "specific_price")
        names += ("discount", "display_type", "note_invoicing_mode")
        return [{name: line._fields[name].convert_to_write(line[name], line) for name in names} for line in self.sudo()]
