from odoo import api, models


class CrmAboutMixin(models.AbstractModel):
    """Be about something that the user may see: else it would tell what it is about, to whoever guesses its number.

    What is computed or related of another record is read with all rights, before anything is saved, too: by a form that
    is filled in, or by defaults that a client gives.
    """

    _name = "crm.about.mixin"
    _description = "Is about Something That the User Sees"

    #: The many2one fields that say what it is about.
    _about = ()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: see above."""
        records = super().create(vals_list)
        for name in self._about:
            records[name].check_access("read")
        return records

    def write(self, vals):
        """Override: likewise of what it is about from now on."""
        result = super().write(vals)
        for name in vals.keys() & set(self._about):
            self[name].check_access("read")
        return result

    @api.model
    def default_get(self, fields):
        """Override: likewise of what a client gives by the context."""
        values = super().default_get(fields)
        self._check_about(values)
        return values

    def onchange(self, values, field_names, fields_spec):
        """Override: likewise before anything is saved."""
        self._check_about(values)
        return super().onchange(values, field_names, fields_spec)

    def _check_about(self, values):
        """Check what a client names, as it names it: an id, (id, name) or {"id": …}."""
        for name in self._about:
            given = values.get(name)
            if isinstance(given, list | tuple):
                given = given[0] if given else False
            elif isinstance(given, dict):
                given = given.get("id")
            if given:
                self.env[self._fields[name].comodel_name].browse(int(given)).check_access("read")
