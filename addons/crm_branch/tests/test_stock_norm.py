from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .shop_common import ShopCase


@tagged("post_install", "-at_install")
class TestStockNorm(ShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls.router, cls.depot, 100)
        cls._stock(cls.router, cls.warehouse_a, 3)
        cls.norm_a = cls._create_norm(cls.router, cls.warehouse_a, 10)
        cls.norm_b = cls._create_norm(cls.router, cls.warehouse_b, 5)

    def _level(self, norm, user=None):
        self.env.flush_all()
        levels = self.env["crm.stock.level"].with_user(user) if user else self.env["crm.stock.level"]
        levels.invalidate_model()
        return levels.browse(norm.id)

    def _pickings(self, warehouse):
        return self.env["stock.picking"].search([("picking_type_id.warehouse_id", "=", warehouse.id)])

    def test_shortage(self):
        """BR-13: what is missing is the norm less what is on hand and on its way, and what is sold needs more."""
        level = self._level(self.norm_a)
        self.assertEqual((level.branch_id, level.norm, level.on_hand, level.missing), (self.branch_a, 10, 3, 7))
        self._stock(self.router, self.warehouse_a, 7)
        self.assertEqual(self._level(self.norm_a).missing, 0)
        out = self.env["stock.move"].create(
            {
                "product_id": self.router.id,
                "product_uom_qty": 4,
                "location_id": self.warehouse_a.lot_stock_id.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
            }
        )
        out._action_confirm()
        level = self._level(self.norm_a)
        self.assertEqual((level.on_hand, level.outgoing, level.missing), (10, 4, 4))

    def test_fill_up(self):
        """BR-13: a norm may be filled up to more than itself, in whole packs."""
        self.norm_a.product_max_qty = 20
        self.assertEqual(self._level(self.norm_a).missing, 17)
        self.norm_a.product_min_qty = 3
        self.assertEqual(self._level(self.norm_a).missing, 0)

    def test_one_click(self):
        """BR-13: the manager's one click makes the transfer from the headquarters' warehouse, and only once."""
        level = self._level(self.norm_a, self.branch_manager_a)
        self.assertEqual(level.action_order()["tag"], "display_notification")
        move = self._pickings(self.depot).move_ids
        self.assertEqual((move.product_id, move.product_uom_qty), (self.router, 7))
        arrival = self._pickings(self.warehouse_a).move_ids
        self.assertEqual((arrival.location_dest_id, arrival.product_uom_qty), (self.warehouse_a.lot_stock_id, 7))
        self.assertEqual(arrival.location_id, move.location_dest_id)
        level = self._level(self.norm_a, self.branch_manager_a)
        self.assertEqual((level.incoming, level.missing), (7, 0))
        with self.assertRaisesRegex(UserError, "Nothing is missing"):
            level.action_order()
        self.assertTrue(self.norm_a.ordered_at)

    def test_arrives(self):
        """BR-13: what the headquarters sends and the branch receives is on hand there."""
        self._level(self.norm_a, self.branch_manager_a).action_order()
        for warehouse in (self.depot, self.warehouse_a):
            picking = self._pickings(warehouse)
            picking.action_assign()
            picking.move_ids.picked = True
            picking._action_done()
        level = self._level(self.norm_a)
        self.assertEqual((level.on_hand, level.incoming, level.missing), (10, 0, 0))

    def test_order_all(self):
        """BR-13: without a choice, all that the manager's branch lacks is ordered, and nothing of another branch."""
        self._create_norm(self.case, self.warehouse_a, 2)
        self.env.flush_all()
        self.env["crm.stock.level"].with_user(self.branch_manager_a).action_order()
        self.assertEqual(self._pickings(self.depot).move_ids.product_id, self.router | self.case)
        self.assertEqual(len(self._pickings(self.depot)), 1)
        self.assertFalse(self._pickings(self.warehouse_b))

    def test_transfers_per_branch(self):
        """BR-13: the headquarters sees a transfer for each branch that ordered."""
        self._level(self.norm_a, self.branch_manager_a).action_order()
        self._level(self.norm_b, self.branch_manager_b).action_order()
        pickings = self._pickings(self.depot)
        self.assertEqual(len(pickings), 2)
        self.assertEqual(pickings.with_user(self.clerk).read(["name"]), pickings.read(["name"]))
        with self.assertRaises(AccessError):
            pickings.with_user(self.branch_manager_a).read(["name"])
        self._pickings(self.warehouse_a).with_user(self.branch_manager_a).read(["name"])

    def test_norms_stay(self):
        """BR-13: Odoo's vacuum clears met rules that the superuser has made; norms stay, whoever has made them."""
        self._stock(self.router, self.warehouse_a, 50)
        other = self._create_norm(self.cable, self.depot, 0)
        self.assertEqual(self.norm_a.create_uid.id, SUPERUSER_ID)
        self.env["stock.warehouse.orderpoint"]._unlink_processed_orderpoints()
        self.assertTrue(self.norm_a.exists())
        self.assertFalse(other.exists())

    def test_other_branch(self):
        """BR-13: a manager neither sees nor orders for another branch."""
        self.env.flush_all()
        levels = self.env["crm.stock.level"].with_user(self.branch_manager_a)
        self.assertEqual(levels.search([]).branch_id, self.branch_a)
        for record in (self._level(self.norm_b, self.branch_manager_a), self.norm_b.with_user(self.branch_manager_a)):
            with self.assertRaises(AccessError):
                record.read(["product_id"])
        with self.assertRaises(AccessError):
            self._level(self.norm_b, self.branch_manager_a).action_order()
        with self.assertRaises(AccessError):
            self.norm_b.with_user(self.branch_manager_a).action_replenish()
        self.assertFalse(self._pickings(self.warehouse_b))
        self.assertEqual(
            self.env["crm.stock.level"].with_user(self.clerk).search([]).branch_id, self.branch_a | self.branch_b
        )

    def test_roles(self):
        """BR-17: watching the stock is the manager's task; the norms are the headquarters'."""
        for user in (self.service_officer_a, self.retention_officer_a, self.cashier_a, self.portal, self.internal):
            with self.assertRaises(AccessError, msg=user.login):
                self._level(self.norm_a, user).action_order()
        with self.assertRaises(AccessError):
            self._level(self.norm_a, self.clerk).action_order()
        with self.assertRaises(AccessError):
            self.norm_a.with_user(self.branch_manager_a).product_min_qty = 1
        self.norm_a.with_user(self.clerk).product_min_qty = 12
        self.assertEqual(self._level(self.norm_a).missing, 9)

    def test_no_headquarters_warehouse(self):
        """BR-13: a branch that has nowhere to order from is told so."""
        self.headquarters.warehouse_id = False
        with self.assertRaisesRegex(UserError, "no warehouse"):
            self._level(self.norm_a, self.branch_manager_a).action_order()

    def test_nightly(self):
        """BR-13: at night it is ordered for the branches that want it; another run orders nothing more."""
        self.branch_a.order_nightly = True
        with self.enter_registry_test_mode():
            self.env.ref("crm_branch.ir_cron_order_missing").method_direct_trigger()
            self.env.ref("crm_branch.ir_cron_order_missing").method_direct_trigger()
        self.assertEqual(self._pickings(self.depot).move_ids.product_uom_qty, 7)
        self.assertFalse(self._pickings(self.warehouse_b))

    def test_set_based(self):
        """BR-13: what is missing of many norms is one statement, and ordering it grows by no query of ours."""
        products = self._create_products(*(f"Part {number}" for number in range(40)))
        norms = self.env["stock.warehouse.orderpoint"].union(
            *(self._create_norm(product, self.warehouse_a, 2) for product in products)
        )
        self.env.flush_all()
        with self.assertQueryCount(1):
            missing = self.env["crm.stock.level"]._missing(norms)
        self.assertEqual(set(missing.values()), {2})
        ordered = norms._order_missing()
        self.assertEqual(ordered, norms)
        with self.assertQueryCount(1):
            self.env["crm.stock.level"]._missing(norms)
