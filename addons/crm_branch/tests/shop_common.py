from odoo.fields import Command

from .common import BranchCase


class ShopCase(BranchCase):
    """Branches A and B with a warehouse each, headquarters with the one that supplies them, and three products."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.depot = cls._create_warehouse("Depot", "TDEP", cls.headquarters)
        cls.warehouse_a = cls._create_warehouse("Shop A", "TWA", cls.branch_a)
        cls.warehouse_b = cls._create_warehouse("Shop B", "TWB", cls.branch_b)
        cls.router, cls.case, cls.cable = cls._create_products("Router AX3", "Phone case", "Cable USB-C")

    @classmethod
    def _create_warehouse(cls, name, code, branch):
        warehouse = cls.env["stock.warehouse"].create({"name": name, "code": code, "company_id": cls.company.id})
        branch.warehouse_id = warehouse
        return warehouse

    @classmethod
    def _create_products(cls, *names, **values):
        return cls.env["product.product"].create(
            [
                {"name": name, "is_storable": True, "list_price": 100, "taxes_id": [Command.clear()], **values}
                for name in names
            ]
        )

    @classmethod
    def _create_norm(cls, product, warehouse, quantity, **values):
        values = {"product_min_qty": quantity, "product_max_qty": quantity, "trigger": "manual", **values}
        return cls.env["stock.warehouse.orderpoint"].create(
            {"product_id": product.id, "warehouse_id": warehouse.id, "location_id": warehouse.lot_stock_id.id, **values}
        )

    @classmethod
    def _stock(cls, product, warehouse, quantity):
        cls.env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, quantity)
