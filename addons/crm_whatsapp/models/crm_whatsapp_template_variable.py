from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date, format_datetime
from odoo.tools.misc import formatLang

from ..utils import one_line

UNFIT = ("binary", "one2many", "many2many", "html", "json", "properties", "properties_definition", "reference")


class CrmWhatsappTemplateVariable(models.Model):
    """What goes into one numbered variable: a field of the document, or a fixed text."""

    _name = "crm.whatsapp.template.variable"
    _description = "WhatsApp Template Variable"
    _order = "template_id, number"
    _rec_name = "number"

    template_id = fields.Many2one("crm.whatsapp.template", required=True, ondelete="cascade", index=True)
    model = fields.Char(related="template_id.model")
    number = fields.Integer(required=True, aggregator=None)
    field_path = fields.Char("Field", help="A field of the document, e.g. name or partner_id.city.")
    value = fields.Char("Text Otherwise", translate=False, help="Instead of a field, or where the field is empty.")
    sample = fields.Char(help="An example: WhatsApp wants one, and the preview shows it.")

    _number_uniq = models.UniqueIndex("(template_id, number)", "Each variable has one line.")

    # === CONSTRAINS METHODS === #

    @api.constrains("field_path", "template_id")
    def _check_field_path(self):
        """Check that the path leads to something that can be written in a message, and that anybody may read."""
        for variable in self.filtered("field_path"):
            variable._last_field()

    def _last_field(self):
        model, field = self.env[self.template_id.model], None
        for name in self.field_path.split("."):
            field = model._fields.get(name) if model is not None else None
            if field is None or field.groups or name.startswith("_"):
                raise ValidationError(
                    self.env._(
                        "Variable {{%(number)s}}: there is no field “%(path)s” that may be told.",
                        number=self.number,
                        path=self.field_path,
                    )
                )
            model = self.env[field.comodel_name] if field.type == "many2one" else None
        if field.type in UNFIT:
            raise ValidationError(self.env._("Variable {{%s}}: this field has no short text.", self.number))
        return field

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: an approved text doesn't change by its lines either."""
        variables = super().create(vals_list)
        variables._check_draft()
        return variables

    def write(self, vals):
        """Override: an approved text doesn't change by its lines either."""
        self._check_draft()
        result = super().write(vals)
        self._check_draft()
        return result

    def unlink(self):
        """Override: an approved text doesn't change by its lines either."""
        self._check_draft()
        return super().unlink()

    def _check_draft(self):
        if self.template_id.filtered(lambda template: template.state != "draft"):
            raise UserError(self.env._("The template is approved: redraft it to change what goes into its variables."))

    # === BUSINESS METHODS === #

    def _value(self, record):
        """Return what goes into the message for this record, as text."""
        if not self.field_path:
            return one_line(self.value or "")
        *path, name = self.field_path.split(".")
        for step in path:
            record = record[step]
        return one_line(self._shown(record, record._fields[name])) or one_line(self.value or "")

    def _shown(self, record, field):
        """Return the field's value in the words and formats of the record's language."""
        value = record[field.name]
        if field.type in ("integer", "float", "monetary"):
            return self._shown_number(record, field, value)
        if field.type == "boolean":
            return record.env._("yes") if value else record.env._("no")
        words = {
            "many2one": lambda: value.display_name,
            "selection": lambda: dict(field._description_selection(record.env)).get(value, ""),
            "date": lambda: format_date(record.env, value),
            "datetime": lambda: format_datetime(record.env, value, dt_format="short"),
        }.get(field.type, lambda: value)
        return words() if value else ""

    def _shown_number(self, record, field, value):
        if field.type == "monetary":
            return formatLang(record.env, value, currency_obj=record[field.get_currency_field(record)])
        digits = 0 if field.type == "integer" else (field.get_digits(record.env) or (16, 2))[1]
        return formatLang(record.env, value, digits=digits)
