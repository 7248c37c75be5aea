from odoo import Command
from odoo.tests.common import TransactionCase

from odoo.addons.crm_base.tests.fixtures import have

from . import fixtures


def luhn(body):
    """Return the 15-digit IMEI of a 14-digit body."""
    digits = [int(digit) for digit in body]
    doubled = [sum(divmod(digit * 2, 10)) if place % 2 else digit for place, digit in enumerate(digits)]
    return f"{body}{-sum(doubled) % 10}"


class PhoneShopCase(TransactionCase):
    """A shop with a warehouse, phones in stock, and its people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, **fixtures.CONTEXT})
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.env.company.id)], limit=1)
        cls.location = cls.warehouse.lot_stock_id
        have(cls, "shop", fixtures.make)
        cls.serial = 0

    @classmethod
    def _create_user(cls, login, groups, **values):
        return fixtures.create_user(cls.env, login, groups, **values)

    @classmethod
    def _create_customer(cls, name, **values):
        return fixtures.create_customer(cls.env, name, **values)

    @classmethod
    def _create_phone(cls, name, price, **values):
        return fixtures.create_phone(cls.env, name, price, **values)

    @classmethod
    def _create_units(cls, product, count, location=None, in_date=None):
        """Put new units into stock and return their lots."""
        start = cls.serial
        cls.serial += count
        names = [luhn(f"35{number:012d}") for number in range(start, start + count)]
        lots = cls.env["stock.lot"].create([{"name": name, "product_id": product.id} for name in names])
        place = location or cls.location
        for lot in lots:
            cls.env["stock.quant"]._update_available_quantity(product, place, 1, lot_id=lot, in_date=in_date)
        return lots

    @classmethod
    def _create_order(cls, quantity=1, user=None, product=None, **values):
        line = {"product_id": (product or cls.phone).id, "product_uom_qty": quantity}
        order = {"partner_id": cls.partner.id, "order_line": [Command.create(line)], **values}
        return cls.env["sale.order"].with_user(user or cls.officer).create(order)

    @classmethod
    def _create_approved(cls, quantity=1, **values):
        order = cls._create_order(quantity, **values)
        order.action_submit()
        order.with_user(cls.manager).action_approve()
        return order

    @classmethod
    def _create_form(cls, order, user=None, **values):
        """Fill in the cancellation form of a submitted order, as the officer."""
        reason = cls.env.ref("crm_sop_sales.crm_cancellation_reason_mind")
        values = {"order_id": order.id, "reason_id": reason.id, "note": "She found another one.", **values}
        return cls.env["crm.cancellation"].with_user(user or cls.officer).create(values)

    @classmethod
    def _cancel(cls, order, user=None, **values):
        """Cancel a submitted order as the officer does: by its form, which is confirmed."""
        form = cls._create_form(order, user, **values)
        form.action_confirm()
        return form

    @classmethod
    def _deliver(cls, order):
        """Validate the order's deliveries as logistics would."""
        pickings = order.with_user(cls.logistics).picking_ids.filtered(lambda picking: picking.state != "done")
        pickings.move_ids.picked = True
        pickings.with_context(skip_backorder=True).button_validate()
        return pickings

    # === IMEI === #

    @classmethod
    def _imeis(cls, count, tac="35693803"):
        """Return new numbers that nobody has."""
        start = cls.serial
        cls.serial += count
        return [luhn(f"{tac}{number:06d}") for number in range(start, start + count)]

    @classmethod
    def _create_imei_phone(cls, name="Phone Two", **values):
        return cls._create_phone(name, 5_000_000, is_imei=True, **values)

    @classmethod
    def _create_receipt(cls, *demands, **values):
        """Make a confirmed receipt of (product, quantity) pairs, as logistics."""
        kind = cls.warehouse.in_type_id
        moves = [Command.create({"product_id": product.id, "product_uom_qty": count}) for product, count in demands]
        receipt = (
            cls.env["stock.picking"]
            .with_user(cls.logistics)
            .create({"picking_type_id": kind.id, "move_ids": moves, **values})
        )
        receipt.action_confirm()
        return receipt
