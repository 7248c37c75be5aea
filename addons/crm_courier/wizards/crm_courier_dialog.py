from odoo import api, models


class CrmCourierDialog(models.AbstractModel):
    """Ask about something that the user may see: else the dialog would tell what it is about, to whoever guesses it."""

    _name = "crm.courier.dialog"
    _description = "Dialog about Something"

    #: The field that says about what it asks.
    _about = "stop_id"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: see above."""
        dialogs = super().create(vals_list)
        dialogs[self._about].check_access("read")
        return dialogs

    def write(self, vals):
        """Override: likewise."""
        result = super().write(vals)
        self[self._about].check_access("read")
        return result

    @api.model
    def default_get(self, fields):
        """Override: likewise of what a client gives by the context."""
        values = super().default_get(fields)
        self._check_given(values)
        return values

    def onchange(self, values, field_names, fields_spec):
        """Override: likewise before anything is saved."""
        self._check_given(values)
        return super().onchange(values, field_names, fields_spec)

    def _check_given(self, values):
        given = values.get(self._about)
        if isinstance(given, list | tuple):
            given = given[0] if given else False
        elif isinstance(given, dict):
            given = given.get("id")
        self.env[self._fields[self._about].comodel_name].browse(given and int(given)).check_access("read")
