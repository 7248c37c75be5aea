from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .. import imei


class StockLot(models.Model):
    """A unit of an IMEI product is known by its IMEIs; ``crm.imei`` follows what is written here."""

    _inherit = "stock.lot"
    _rec_names_search = ["name", "imei2"]

    is_imei = fields.Boolean(related="product_id.is_imei")
    imei_ids = fields.One2many(
        "crm.imei",
        "lot_id",
        "IMEIs",
        readonly=True,
        copy=False,
        bypass_search_access=True,
        groups="sales_team.group_sale_salesman,stock.group_stock_user",
    )
    # No size: a number that is too long is refused, not cut.
    imei2 = fields.Char(
        "Second IMEI",
        compute="_compute_imei2",
        inverse="_inverse_imei2",
        search="_search_imei2",
        compute_sudo=True,
        copy=False,
        help="Of a dual-SIM unit: its other number. The unit is found by it too.",
    )
    # Odoo leaves out the orders that the user may not see, and looks at them first.
    sale_order_ids = fields.Many2many(compute_sudo=True)
    sale_order_count = fields.Integer(compute_sudo=True)

    # === COMPUTE METHODS === #

    @api.depends("imei_ids.number", "imei_ids.position")
    def _compute_imei2(self):
        for lot in self:
            lot.imei2 = lot.imei_ids.filtered(lambda row: row.position == 2).number

    def _inverse_imei2(self):
        self._sync_imei({lot.id: lot.imei2 for lot in self})

    def _search_imei2(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        second = Domain("position", "=", 2)
        if operator != "in":
            return Domain("imei_ids", "any", second & Domain("number", operator, value))
        found = Domain("imei_ids", "any", second & Domain("number", "in", [number for number in value if number]))
        return found if all(value) else found | Domain("imei_ids", "not any", second)

    @api.model
    def _search_display_name(self, operator, value):
        """Override: a whole IMEI, as scanned, is looked up instead of searched for in all names."""
        whole = operator == "ilike" and isinstance(value, str) and not imei.problem(value)
        if whole and (row := self.env["crm.imei"]._find([value])):
            return Domain("id", "=", row.lot_id.id)
        return super()._search_display_name(operator, value)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_sale_order_ids(self):
        """Override: each user's own, since Odoo leaves out the orders that they may not see."""
        return super()._compute_sale_order_ids()

    # === CONSTRAINS METHODS === #

    @api.constrains("name", "product_id")
    def _check_imei(self):
        """Check the names of units on every path: forms, imports, receipts, counts."""
        units = self.sudo().filtered("product_id.is_imei")
        self.env["crm.imei"]._check_numbers(units.mapped("name"))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        lots = super().create(vals_list)
        lots._sync_imei()
        return lots

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"name", "product_id"}:
            self._sync_imei()
        return result

    # === BUSINESS METHODS === #

    def _sync_imei(self, seconds=None):
        """Have ``crm.imei`` hold exactly the numbers of these units, in a few queries however many they are.

        :param dict seconds: lot id → its second IMEI or nothing, for units whose second is being written
        :raise ValidationError: a number is no IMEI, or is known already
        """
        units = self.sudo()
        wanted = units._wanted_imeis(seconds or {})
        obsolete = units.imei_ids.filtered(lambda row: wanted.get((row.lot_id.id, row.position)) != row.number)
        kept = {(row.lot_id.id, row.position) for row in units.imei_ids - obsolete}
        missing = {key: number for key, number in wanted.items() if key not in kept}
        obsolete.unlink()
        if missing:
            self.env["crm.imei"]._check_numbers(missing.values())
            self.env["crm.imei"]._check_free([*missing.values()])
            self.env["crm.imei"].sudo().create(
                [{"lot_id": lot, "position": position, "number": number} for (lot, position), number in missing.items()]
            )

    def _wanted_imeis(self, seconds):
        """Return (lot id, position) → number, as the units say."""
        wanted = {}
        for lot in self:
            present = lot.imei_ids.filtered(lambda row: row.position == 2).number
            second = seconds.get(lot.id, present)
            if lot.product_id.is_imei:
                wanted[lot.id, 1] = lot.name
            elif lot.id in seconds and second:
                raise ValidationError(
                    self.env._("%s isn't tracked by IMEI: its units have no second one.", lot.product_id.display_name)
                )
            if second and lot.product_id.is_imei:
                wanted[lot.id, 2] = second
        return wanted

    @api.model
    def _of_units(self, product, units):
        """Return the lots of checked units, in their order; those that aren't known yet are made.

        :param units: :class:`odoo.addons.crm_sop_sales.imei.Unit` records
        """
        known = self.search([("product_id", "=", product.id), ("name", "in", [unit.imei for unit in units])])
        lots = {lot.name: lot for lot in known}
        for unit in units:
            if unit.imei2 and unit.imei in lots and not lots[unit.imei].imei2:
                lots[unit.imei].imei2 = unit.imei2
        new = [unit for unit in units if unit.imei not in lots]
        created = self.create([{"name": unit.imei, "imei2": unit.imei2, "product_id": product.id} for unit in new])
        lots |= {lot.name: lot for lot in created}
        return self.browse(lots[unit.imei].id for unit in units)

    def _imei_texts(self):
        """Return each unit's numbers as documents show them, the second after a slash."""
        return [f"{lot.name} / {lot.imei2}" if lot.imei2 else lot.name for lot in self]
