from odoo import models

#: What says how a product's units are known.
TRACKING_FIELDS = ("type", "is_storable", "tracking")


class ProductTemplate(models.Model):
    """While orders hold units of a product, these stay units (SOP-4b)."""

    _inherit = "product.template"

    def write(self, vals):
        """Override: refuse another kind of tracking while units are held."""
        if vals.keys() & set(TRACKING_FIELDS):
            self.check_access("write")
            changed = self.filtered(lambda template: template._tracking_would_change(vals))
            changed.with_context(active_test=False).product_variant_ids._check_nothing_held()
        return super().write(vals)

    def _tracking_would_change(self, vals):
        return any(name in vals and self[name] != vals[name] for name in TRACKING_FIELDS)
