"""Fields that the addon gives to models of others: who uses those models without our roles isn't in their way."""

from odoo.tests import TransactionCase, tagged

from .findings import assert_none
from .subject import ADDON


def own_fields(env, addon=ADDON):
    """Return the fields that the addon brought to models that aren't its own."""
    return [
        field
        for name, cls in env.registry.items()
        if cls._original_module != addon and not cls._abstract
        for field in cls._fields.values()
        if field._module == addon and not field.inherited
    ]


def readers(env, name):
    """Return the groups whose people may read the model, each by itself."""
    lines = env["ir.model.access"].sudo().search([("model_id.model", "=", name), ("perm_read", "=", True)])
    return lines.group_id


def unreadable(env, field):
    """Return the groups that read the field's model, not the records that the field names: for their people a whole
    record can't be read.
    """
    allowed = readers(env, field.comodel_name)
    mine = readers(env, field.model_name)
    return [
        f"{field}: {group.full_name} may not read {field.comodel_name}"
        for group in mine
        if not group.all_implied_ids & allowed
    ]


def asks(field):
    """Return whether reading the field searches the records that it names, as its reader."""
    return field.type in ("one2many", "many2many") and not field.compute and not field.groups


@tagged("post_install", "-at_install")
class TestFields(TransactionCase):
    def test_everybody_can_create(self):
        """What is computed before a record is made is read by whoever makes it."""
        assert_none([str(field) for field in own_fields(self.env) if field.precompute and field.groups])

    def test_everybody_can_read_a_whole_record(self):
        fields = filter(asks, own_fields(self.env))
        assert_none([finding for field in fields for finding in unreadable(self.env, field)])
