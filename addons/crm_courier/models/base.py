import re

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

from odoo.addons.crm_sop_sales.card_number import find_card_numbers, has_card_number, mask_card_numbers

MODULE = "crm_courier"
#: Models of others in which people write about orders and deliveries: all that is typed into them is looked into.
LOOKED_INTO = frozenset(
    {
        "account.payment",
        "crm.payment.choice",
        "crm.workflow.log",
        "crm.workflow.reason",
        "sale.order",
        "sale.order.line",
        "stock.picking",
        "stock.picking.batch",
    }
)
#: By which field messages, activities, files, imports and filters say what they are about.
ABOUT = ("res_model", "model", "model_id")
#: A message is begun before it belongs to a document, and so are its files.
PENDING = "mail.compose.message"
FILES = ("ir.attachment", "base_import.import")
#: What people type into such records; the rest is made here, and full of numbers.
TYPED = frozenset(
    {
        "body",
        "body_html",
        "context",
        "description",
        "domain",
        "feedback",
        "file",
        "file_name",
        "index_content",
        "message",
        "name",
        "note",
        "reason",
        "send_context",
        "subject",
        "summary",
    }
)
#: Keys that are made here, of random letters and digits.
KEYS = frozenset({"access_token", "checksum", "sha256", "uuid"})
#: Such keys in links: most have letters among their digits, and some have a card's number by chance.
LINK_KEY = re.compile(
    r"(?<=token=)[\w-]{16,}|(?<=hash=)[\w-]{16,}|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
)
#: Said in the context by our own code while an e-mail is taken in; JSON can't make this object.
MAIL = object()
#: What shorter text or smaller numbers can't hold.
SHORTEST, SMALLEST = 13, 10**12
LARGEST_FILE = 1024 * 1024
IMEISV_DIGITS = 16


class Base(models.AbstractModel):
    """Never keep a card's number (SOP-12g): what this addon's models, their messages and files would store is looked
    into first, on every path, and refused with words that don't repeat it. What comes by e-mail is masked.
    """

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: refuse card numbers."""
        if self._card_fields() or self._card_about():
            defaults = {
                key.removeprefix("default_"): value
                for key, value in self.env.context.items()
                if key.startswith("default_")
            }
            vals_list = [self._without_card_numbers(vals, defaults) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        """Override: likewise."""
        if self._card_fields() or self._card_about():
            vals = self._without_card_numbers(vals, {})
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        """Override: what a record of ours would show, of whatever a client names, is told to who may make one only."""
        if self._original_module == MODULE:
            self.check_access("write" if self else "create")
        return super().onchange(values, field_names, fields_spec)

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """Override: likewise."""
        if field_name in self._card_fields():
            self._refuse_card_numbers({f"{field_name} {lang}": value for lang, value in translations.items()})
        return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)

    # === BUSINESS METHODS === #

    @ormcache()
    def _card_fields(self):
        """Return the names of this model's fields that are looked into always: all of this addon's."""
        if self._original_module == MODULE or self._name in LOOKED_INTO:
            return frozenset(self._fields)
        return frozenset(name for name, field in self._fields.items() if MODULE in field._modules)

    @ormcache()
    def _card_about(self):
        """Return the name of the field that says about which model such a record is, or None."""
        kinds = ("char", "selection")
        return next((name for name in ABOUT if name in self._fields and self._fields[name].type in kinds), None)

    def _without_card_numbers(self, vals, defaults):
        """Return the values as they may be stored.

        :raise UserError: there is a card's number in them
        """
        suspects = {name: value for name, value in vals.items() if _may_hold_number(value)}
        suspects |= {name: value for name, value in defaults.items() if name not in vals and _may_hold_number(value)}
        if not suspects or not isinstance(vals, dict):
            return vals
        if not self._is_about_us({**defaults, **vals}):
            own = self._card_fields()
            unknown = suspects.keys() - self._fields.keys() if own else ()
            suspects = {name: value for name, value in suspects.items() if name in own or name in unknown}
        elif vals.get("message_type") == "email" or self.env.context.get("crm_courier_mail") is MAIL:
            return {**vals, **{name: _mask(value) for name, value in suspects.items()}}
        self._refuse_card_numbers({name: value for name, value in suspects.items() if self._is_typed(name)})
        return vals

    def _is_about_us(self, vals):
        """Return whether all of it is looked into: what is written about a document of ours, or is such."""
        about = self._card_about()
        if not about:
            return False
        names = {vals[about]} if vals.get(about) else set(self.sudo().mapped(about)) - {False}
        if vals.get("res_model_id") and "res_model_id" in self._fields:
            names.add(self.env["ir.model"].sudo().browse(vals["res_model_id"]).model)
        if self._name in FILES and (not names or PENDING in names):
            return True
        return any(name in self.env and self.env[name]._is_looked_into() for name in names)

    def _is_looked_into(self):
        return self._original_module == MODULE or self._name in LOOKED_INTO

    def _is_typed(self, name):
        """Return whether a field's value is what somebody typed, and not a picture or a key that was made here."""
        if self._card_about() and not self._is_looked_into():
            return name in TYPED
        field = self._fields.get(name)
        return field is None or (field.type not in ("binary", "image") and name not in KEYS)

    def _refuse_card_numbers(self, values):
        """Check that there is no card number in these values.

        :param dict values: name → anything that a client may send
        :raise UserError: says so without repeating it
        """
        if any(self._has_card_number(value) for value in values.values()):
            raise UserError(
                self.env._(
                    "That looks like a card's number, and card numbers are never kept: leave it out. A card's last "
                    "four digits go where they are asked for; an IMEI has 15 digits."
                )
            ) from None

    def _has_card_number(self, value):
        if isinstance(value, dict):
            return any(self._has_card_number(part) for part in (*value, *value.values()))
        if isinstance(value, list | tuple):
            return any(self._has_card_number(part) for part in value)
        if isinstance(value, bytes):
            value = value[:LARGEST_FILE].decode("utf-8", "ignore")
        if isinstance(value, float) and abs(value) < 1e300:
            value = f"{abs(value):.0f}"
        text = LINK_KEY.sub(_without_key, str(value)) if isinstance(value, str | int) else ""
        return len(text) >= SHORTEST and has_card_number(text) and not self._are_units(text)

    def _are_units(self, text):
        """Return whether all that looks like cards' numbers is what our own phones say: their IMEI with its version."""
        numbers = {digits for *__, digits in find_card_numbers(text)}
        if not numbers or any(len(number) != IMEISV_DIGITS for number in numbers):
            return False
        starts = {number[:14] for number in numbers}
        rows = self.env["crm.imei"].sudo()
        return all(rows.search_count([("number", "=like", f"{start}_")], limit=1) for start in starts)


def _without_key(match):
    """Return nothing in place of a key of letters and digits; digits alone are looked into."""
    return "" if re.search("[A-Za-z].*[A-Za-z]", match[0]) else match[0]


def _may_hold_number(value):
    """Return whether it is worth a look. Most values aren't."""
    if isinstance(value, str | bytes):
        return len(value) >= SHORTEST
    if isinstance(value, int | float):
        return abs(value) >= SMALLEST
    return isinstance(value, list | tuple | dict) and bool(value)


def _mask(value):
    """Return the text of an e-mail without card numbers; where its markup hides one, without the markup."""
    if not isinstance(value, str) or not has_card_number(value):
        return value
    masked = type(value)(mask_card_numbers(value))
    return masked if not has_card_number(masked) else ""
