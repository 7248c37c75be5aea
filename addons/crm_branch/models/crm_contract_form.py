from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmContractForm(models.Model):
    """What a contract by a template must hold before it is signed, and the clauses that it prints (BR-4)."""

    _name = "crm.contract.form"
    _description = "Contract Form"
    _inherit = ["mail.thread"]
    _order = "name, id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "contract.template",
        "Contract Template",
        required=True,
        ondelete="cascade",
        check_company=True,
        domain="[('contract_type', '!=', 'purchase')]",
    )
    name = fields.Char(related="template_id.name", store=True)
    company_id = fields.Many2one(related="template_id.company_id", store=True, precompute=True, index=True)
    duration_months = fields.Integer(
        "Duration (Months)", default=24, tracking=True, help="A new contract ends after so many; 0 for an open end."
    )
    clauses = fields.Html(translate=True, help="Printed below the lines of the contract.")
    partner_field_ids = fields.Many2many(
        "ir.model.fields",
        "crm_contract_form_partner_field_rel",
        string="Required of the Customer",
        domain="[('model', '=', 'res.partner'), ('store', '=', True),"
        " ('ttype', 'in', ('char', 'many2one', 'selection', 'date'))]",
        groups="crm_branch.group_headquarters",
        help="Fields of the customer that must be filled in before the contract is signed.",
    )
    contract_field_ids = fields.Many2many(
        "ir.model.fields",
        "crm_contract_form_contract_field_rel",
        string="Required of the Contract",
        domain="[('model', '=', 'contract.contract'), ('store', '=', True),"
        " ('ttype', 'in', ('char', 'many2one', 'selection', 'date', 'text'))]",
        groups="crm_branch.group_headquarters",
        help="Fields of the contract that must be filled in before it is signed.",
    )
    requirement_ids = fields.One2many("crm.contract.requirement", "form_id", "Check List", copy=True)

    is_published = fields.Boolean(compute="_compute_is_published", help="A version of it was published: it stays.")

    _template_uniq = models.UniqueIndex("(template_id)", "This template has its form already.")
    _duration_positive = models.Constraint("CHECK(duration_months >= 0)", "A contract lasts no negative time.")

    # === COMPUTE METHODS === #

    @api.depends("template_id")
    def _compute_is_published(self):
        versions = self.env["crm.material.version"].sudo()
        used = versions.search([("contract_template_id", "in", self.template_id.ids), ("state", "!=", "draft")])
        for form in self:
            form.is_published = form.template_id in used.contract_template_id

    # === CONSTRAINS AND ONCHANGE METHODS === #

    @api.constrains("partner_field_ids", "contract_field_ids")
    def _check_models(self):
        for form in self:
            models_ = (form.partner_field_ids, "res.partner"), (form.contract_field_ids, "contract.contract")
            if any(field.model != model for chosen, model in models_ for field in chosen):
                raise ValidationError(self.env._("Required fields are those of the customer, and of the contract."))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a published template has got its form, or none."""
        forms = super().create(vals_list)
        forms.template_id._check_unpublished()
        return forms

    def write(self, vals):
        """Override: a published form stays as it is."""
        if vals.keys() - {"message_follower_ids", "activity_ids", "message_ids"}:
            self.template_id._check_unpublished()
        return super().write(vals)

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """Override: so does each language of it."""
        self.template_id._check_unpublished()
        return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)

    @api.ondelete(at_uninstall=False)
    def _unlink_unpublished(self):
        self.template_id._check_unpublished()

    # === ACTION METHODS === #

    def action_new_version(self):
        """Copy template and form, as a draft of the next version of the material, and open the copy (BR-4)."""
        self.ensure_one()
        self.check_access("write")
        template = self.template_id.copy({"name": self.template_id.name})
        form = self.copy({"template_id": template.id})
        versions = self.env["crm.material.version"]
        version = versions.search([("contract_template_id", "=", self.template_id.id)], limit=1)
        if version:
            versions.create({"material_id": version.material_id.id, "contract_template_id": template.id})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": form.id,
            "views": [[False, "form"]],
        }


class CrmContractRequirement(models.Model):
    """A line of a form's check list. Of papers it says that they were seen; no copy of them is kept."""

    _name = "crm.contract.requirement"
    _description = "Line of a Contract's Check List"
    _order = "form_id, sequence, id"

    form_id = fields.Many2one("crm.contract.form", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("What Must Be There", required=True, translate=True)
    is_required = fields.Boolean("Required", default=True)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a published form stays as it is."""
        requirements = super().create(vals_list)
        requirements.form_id.template_id._check_unpublished()
        return requirements

    def write(self, vals):
        """Override: likewise."""
        self.form_id.template_id._check_unpublished()
        return super().write(vals)

    def unlink(self):
        """Override: likewise."""
        self.form_id.template_id._check_unpublished()
        return super().unlink()

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """Override: so does each language of it."""
        self.form_id.template_id._check_unpublished()
        return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)
