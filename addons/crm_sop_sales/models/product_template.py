from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import imei

#: What tracking by IMEI means for a product.
IMPLIED = {"is_storable": True, "tracking": "serial"}


class ProductTemplate(models.Model):
    """A product whose units are known by their IMEI has serial tracking, and our check of the numbers."""

    _inherit = "product.template"

    is_imei = fields.Boolean(
        "Tracked by IMEI",
        help="Each unit is identified by its IMEI: 15 digits with a check digit, which no other unit has. Dual-SIM "
        "units may have two.",
    )
    model_code = fields.Char(
        "Maker's Model",
        help="As in the table of type allocation codes, e.g. SM-G991B. On receipt, an IMEI that belongs to another "
        "model is refused. Leave it empty, or the table, and nothing is compared.",
    )

    _imei_is_serial = models.Constraint(
        "CHECK(is_imei IS NOT TRUE OR (type = 'consu' AND is_storable AND tracking = 'serial'))",
        "A product that is tracked by IMEI is goods, storable and tracked by unique serial number.",
    )

    # === COMPUTE METHODS === #

    @api.depends("is_imei")
    def compute_is_storable(self):
        """Override: units with an IMEI are storable goods."""
        tracked = self.filtered(lambda template: template.is_imei and template.type == "consu")
        tracked.is_storable = True
        return super(ProductTemplate, self - tracked).compute_is_storable()

    @api.depends("is_imei")
    def _compute_tracking(self):
        """Override: units with an IMEI are tracked by serial number."""
        tracked = self.filtered(lambda template: template.is_imei and template.is_storable)
        tracked.tracking = "serial"
        return super(ProductTemplate, self - tracked)._compute_tracking()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: what an IMEI implies needn't be said, but may not be contradicted."""
        return super().create([{**IMPLIED, **vals} if vals.get("is_imei") else vals for vals in vals_list])

    def write(self, vals):
        """Override: units that are there already must have an IMEI, and keep it."""
        changed = self.filtered(lambda template: "is_imei" in vals and template.is_imei != bool(vals["is_imei"]))
        result = super().write(vals)
        if changed:
            changed._start_imei() if vals["is_imei"] else changed._check_stop_imei()
        return result

    # === BUSINESS METHODS === #

    def _start_imei(self):
        """Take over the serial numbers that are known already.

        :raise ValidationError: some are no IMEI, are known for another product, or units have no number at all
        """
        self._check_no_untracked_stock()
        lots = self._imei_lots()
        own = lots.filtered(lambda lot: not lot.company_id or lot.company_id in self.env.user.company_ids)
        own._check_imei()
        if any(map(imei.problem, (lots - own).mapped("name"))):
            raise ValidationError(self.env._("Another company has units of this product whose number is no IMEI."))
        lots._sync_imei()

    def _check_stop_imei(self):
        if self._imei_lots(limit=1):
            raise ValidationError(
                self.env._(
                    "Units of this product are known by their IMEI, so it stays tracked by IMEI. To sell it otherwise, "
                    "archive it and create another product."
                )
            )

    def _check_no_untracked_stock(self):
        quants = (
            self.env["stock.quant"]
            .sudo()
            ._read_group(
                [
                    ("product_id", "in", self.with_context(active_test=False).product_variant_ids.ids),
                    ("lot_id", "=", False),
                    ("location_id.usage", "in", ("internal", "transit")),
                    ("quantity", "!=", 0),
                ],
                ["product_id"],
                ["quantity:sum"],
            )
        )
        if quants:
            raise ValidationError(
                self.env._(
                    "There is stock without a serial number, which can't be tracked by IMEI: %(products)s. Count it "
                    "out of stock first, then receive it unit by unit.",
                    products=", ".join(product.display_name for product, quantity in quants),
                )
            )

    def _imei_lots(self, limit=None):
        """Return the units of these products, archived variants' and other companies' too."""
        variants = self.with_context(active_test=False).product_variant_ids
        return self.env["stock.lot"].sudo().search([("product_id", "in", variants.ids)], limit=limit)
