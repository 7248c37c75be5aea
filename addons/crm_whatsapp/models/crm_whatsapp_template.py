import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from odoo.addons.crm_base.workflow import Transition, Workflow

from ..const import USABLE
from ..utils import filled, variables_in

NAME = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
TEXT = ("account_id", "name", "language", "category", "model_id", "body", "variable_ids")


class CrmWhatsappTemplate(models.Model):
    """A text with numbered variables, in one language, as WhatsApp has approved it.

    Templates of one name and account are the same text in several languages: each recipient gets their own.
    """

    _name = "crm.whatsapp.template"
    _description = "WhatsApp Template"
    _inherit = ["crm.workflow.mixin"]
    _order = "name, language"
    _rec_names_search = ["title", "name"]

    _workflow = Workflow(
        states={"draft": "Draft", "approved": "Approved", "withdrawn": "Withdrawn"},
        transitions=(
            Transition("approve", ("draft",), "approved", groups=("crm_base.group_manager",), requires=("body",)),
            Transition("withdraw", ("approved",), "withdrawn", groups=("crm_base.group_manager",)),
            Transition("redraft", ("approved", "withdrawn"), "draft", groups=("crm_base.group_manager",)),
        ),
        locked={"approved": TEXT, "withdrawn": TEXT},
        deletable=("draft",),
    )

    state = _workflow.state_field(help="Approved: WhatsApp has approved this very text under this name and language.")
    title = fields.Char(required=True, help="What officers choose it by.")
    name = fields.Char(
        "Name at WhatsApp", required=True, default="new_template", help="Lower-case letters, digits and underscores."
    )
    language = fields.Char(required=True, default="id", help="WhatsApp’s code, e.g. id, pl, en or en_US.")
    category = fields.Selection(
        [("utility", "Utility"), ("marketing", "Marketing"), ("authentication", "Authentication")],
        required=True,
        default="utility",
        help="Marketing isn’t sent to who stopped marketing messages.",
    )
    any_hour = fields.Boolean("Also in Quiet Hours", help="For what can’t wait, e.g. that the courier is at the door.")
    account_id = fields.Many2one(
        "crm.whatsapp.account",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["crm.whatsapp.account"]._default_account(),
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    model_id = fields.Many2one(
        "ir.model",
        "For",
        required=True,
        ondelete="cascade",
        domain="[('model', 'in', allowed_models)]",
        default=lambda self: self.env["ir.model"]._get("res.partner"),
        help="Documents from which the variables are filled.",
    )
    model = fields.Char(related="model_id.model", store=True, index=True)
    allowed_models = fields.Json(compute="_compute_allowed_models")
    body = fields.Text("Text", help="With {{1}}, {{2}} … where the variables go.")
    variable_ids = fields.One2many("crm.whatsapp.template.variable", "template_id", "Variables", copy=True)
    preview = fields.Text(compute="_compute_preview")
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex(
        "(account_id, name, language) WHERE active", "This template is there already in this language."
    )

    # === COMPUTE METHODS === #

    @api.depends("title", "language")
    def _compute_display_name(self):
        for template in self:
            template.display_name = f"{template.title} ({template.language})" if template.title else template.name

    def _compute_allowed_models(self):
        mixin = self.env.registry["crm.whatsapp.mixin"]
        self.allowed_models = ["res.partner"] + [
            model._name for model in self.env.values() if isinstance(model, mixin) and not model._abstract
        ]

    @api.depends("body", "variable_ids.sample", "variable_ids.number")
    def _compute_preview(self):
        for template in self:
            samples = {variable.number: variable.sample or "…" for variable in template.variable_ids}
            numbers = variables_in(template.body)
            template.preview = filled(
                template.body, [samples.get(n, "…") for n in range(1, max(numbers, default=0) + 1)]
            )

    # === CONSTRAINS AND ONCHANGE METHODS === #

    @api.constrains("name", "language", "body")
    def _check_form(self):
        for template in self:
            if not NAME.fullmatch(template.name):
                raise ValidationError(
                    self.env._(
                        "“%s”: names at WhatsApp have lower-case letters, digits and underscores.", template.name
                    )
                )
            if not LANGUAGE.fullmatch(template.language):
                raise ValidationError(self.env._("“%s” is no language code like id, pl or en_US.", template.language))
            numbers = variables_in(template.body)
            if numbers != list(range(1, len(numbers) + 1)):
                raise ValidationError(self.env._("Number the variables without gaps: {{1}}, {{2}}, {{3}} …"))
            if len(template.body or "") > 1024:
                raise ValidationError(self.env._("WhatsApp takes 1,024 characters at most."))

    @api.onchange("body")
    def _onchange_body(self):
        """Offer a line for each variable of the text."""
        self.variable_ids = self._variable_commands()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: each variable of the text has its line."""
        templates = super().create(vals_list)
        templates._check_follows()
        templates._complete_variables()
        return templates

    def write(self, vals):
        """Override: each variable of the text has its line."""
        result = super().write(vals)
        if vals.keys() & {"model", "company_id"}:
            self._check_follows()
        if vals.keys() & {"body", "variable_ids"}:
            self._complete_variables()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for template, vals in zip(self, vals_list, strict=True):
            if vals.get("name") == template.name and vals.get("language") == template.language:
                vals["name"] = f"{template.name}_copy"
        return vals_list

    def _check_follows(self):
        """Check that nobody has written what follows from something else: a column takes what a client writes."""
        for template in self.sudo():
            if (template.model, template.company_id) != (template.model_id.model, template.account_id.company_id):
                raise UserError(self.env._("Company and documents follow from the account and from “For”."))

    def _complete_variables(self):
        for template in self:
            if commands := template._variable_commands():
                template.write({"variable_ids": commands})

    def _variable_commands(self):
        numbers = set(variables_in(self.body))
        surplus = self.variable_ids.filtered(lambda variable: variable.number not in numbers)
        missing = sorted(numbers - set(self.variable_ids.mapped("number")))
        return [Command.delete(variable.id) for variable in surplus if variable.id] + [
            Command.create({"number": number, "field_path": "name" if number == 1 else False}) for number in missing
        ]

    # === ACTION METHODS === #

    def action_approve(self):
        """Note that WhatsApp has approved this text: it can be sent, and no longer changes."""
        self._workflow_do("approve")

    def action_withdraw(self):
        """Let nobody send it any more."""
        self._workflow_do("withdraw")

    def action_redraft(self):
        """Let the text be changed; WhatsApp has to approve it again."""
        self._workflow_do("redraft")

    # === BUSINESS METHODS === #

    def _check_transition(self, transition):
        if transition.name == "approve":
            for variable in self.variable_ids:
                if not variable.field_path and not variable.value:
                    raise UserError(
                        self.env._("Say what goes into variable {{%s}}: a field, or a fixed text.", variable.number)
                    )
        return super()._check_transition(transition)

    def _after_transition(self, transition):
        """Override: what goes out with a text that may no longer be sent is halted."""
        result = super()._after_transition(transition)
        if transition.source != ("draft",):
            for template in self:
                template._halt_blasts()
        return result

    def _halt_blasts(self):
        blasts = self.env["crm.whatsapp.blast"].sudo()
        blasts.search([("template_id", "=", self.id), ("state", "=", "running")])._halt(self._why_not())

    def _check_sendable(self, model):
        """Check that the template may be sent for records of the model.

        :raise UserError: it isn't approved here or at WhatsApp, or made for other documents
        """
        self.ensure_one()
        if why := self._why_not():
            raise UserError(why)
        if self.model != model:
            raise UserError(self.env._("“%s” is made for documents of another kind.", self.display_name))

    def _in_language(self, lang):
        """Return the same template in the language of a user or contact (``id_ID``), or this one."""
        self.ensure_one()
        codes = [lang, lang.split("_")[0]] if lang else []
        versions = self.search(
            [
                ("account_id", "=", self.account_id.id),
                ("name", "=", self.name),
                ("model", "=", self.model),
                ("language", "in", codes),
                *USABLE,
            ]
        )
        return versions.sorted(lambda version: codes.index(version.language))[:1] or self

    def _values_for(self, records):
        """Return record → the variables' values, in order, in the text's language. An empty one means: don't send."""
        codes = [code for code, __ in self.env["res.lang"].get_installed()]
        spoken = [code for code in codes if code == self.language or code.partition("_")[0] == self.language]
        records = records.with_context(lang=spoken[0]) if spoken else records
        variables = self.variable_ids.sorted("number")
        return {record.browse(record.id): [variable._value(record) for variable in variables] for record in records}

    def _filled(self, values):
        self.ensure_one()
        return filled(self.body, values)
