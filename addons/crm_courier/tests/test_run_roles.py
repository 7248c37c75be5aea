from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.crm_base.tests.hostile import CONTEXTS, Attacker, Role, method_calls, other_value

from .common import CourierCase

MODELS = (
    "stock.picking.batch",
    "crm.courier.stop",
    "crm.courier.unit",
    "crm.courier.discrepancy",
    "crm.courier.equipment.check",
)
ROWS = "SELECT %s, id, to_jsonb(t) - 'write_date' - 'write_uid' FROM %s t"


class Judge:
    """Nothing of these tables may change at all: the role has no business with this run."""

    def __init__(self, env):
        self.cr = env.cr

    def snapshot(self):
        rows = [SQL(ROWS, model, SQL.identifier(model.replace(".", "_"))) for model in MODELS]
        rows.append(SQL("SELECT 'picking', id, jsonb_build_array(state, batch_id) FROM stock_picking"))
        self.cr.execute(SQL(" UNION ALL ").join(rows))
        return {(table, id_): row for table, id_, row in self.cr.fetchall()}

    def violations(self, role, method, before, after):
        return [(key, before[key], after.get(key)) for key in before if before[key] != after.get(key)]


class TestRunRoles(CourierCase):
    """Who sees what, and what a hostile client can do."""

    def test_courier_sees_own_runs(self):
        """SOP-7: a courier sees their own runs, stops and units, and none of another's."""
        mine = self._create_reviewed(self._create_delivery())
        theirs = self._create_reviewed(self._create_delivery(), courier=self.other_courier)
        batch = self.env["stock.picking.batch"].create({"picking_type_id": self.kind.id, "user_id": self.courier.id})
        env = self.env(user=self.courier)
        self.assertEqual(env["stock.picking.batch"].search([("id", "in", (mine | theirs | batch).ids)]), mine)
        self.assertEqual(env["crm.courier.stop"].search([]).run_id, mine)
        self.assertEqual(env["crm.courier.unit"].search([]).run_id, mine)
        with self.assertRaises(AccessError):
            theirs.with_user(self.courier).read(["name"])
        data = mine.stop_ids.with_user(self.courier).read(["partner_id", "address", "phone", "unit_text", "to_collect"])
        self.assertIn("Rasuna Said", data[0]["address"])

    def test_courier_sees_no_stock(self):
        """SOP-7: of transfers, units and orders a courier sees what their run says, and nothing else."""
        mine, theirs = self._create_delivery(), self._create_delivery()
        self._create_reviewed(mine)
        for model in ("stock.picking", "stock.move", "stock.lot", "sale.order", "crm.imei.hold", "account.move"):
            self.assertFalse(self.env[model].with_user(self.courier).has_access("read"), model)
        lines = (mine | theirs).move_line_ids.with_user(self.courier)
        self.assertEqual(lines._filtered_access("read"), mine.move_line_ids)
        self.assertFalse(lines._filtered_access("write"))
        self.assertFalse(self.env["stock.quant"].with_user(self.courier).search([]))

    def test_officers_see_their_branch(self):
        """SOP-13a: officers see the runs of their branch and with their orders; others don't."""
        run = self._create_reviewed(self._create_delivery())
        self.assertTrue(run.with_user(self.officer).has_access("read"))
        self.assertTrue(run.with_user(self.logistics).has_access("read"))
        self.assertFalse(run.with_user(self.stranger).has_access("read"))
        self.assertFalse(run.stop_ids.with_user(self.stranger).has_access("read"))
        run.stop_ids.order_id.user_id = self.stranger
        self.env.invalidate_all()
        self.assertTrue(run.with_user(self.stranger).has_access("read"))

    def test_facts_arent_written(self):
        """SOP-13c: no client writes state, review, amounts or outcome; not at creation, and not by a default."""
        run = self._create_run(self._create_delivery()).with_user(self.logistics)
        for vals in (
            {"run_state": "closed"},
            {"reviewed_by_id": self.pic.id},
            {"counted_at": "2026-01-01"},
            {"stop_value": 1},
            {"run_day": "2026-01-01"},
            {"is_courier_run": False},
        ):
            with self.assertRaises(UserError):
                run.write(vals)
        for vals in ({"outcome": "delivered"}, {"to_collect": 0}, {"is_live": False}, {"proof_received": True}):
            with self.assertRaises(UserError):
                run.stop_ids.write(vals)
        with self.assertRaises(UserError):
            self._create_run(user=self.logistics, reviewed_by_id=self.pic.id)
        Runs = self.env["stock.picking.batch"].with_user(self.logistics)
        made = Runs.with_context(default_reviewed_by_id=self.pic.id, default_run_state="closed", default_stop_value=9)
        made = made.create({"is_courier_run": True, "picking_type_id": self.kind.id})
        self.assertEqual((made.run_state, made.reviewed_by_id.id, made.stop_value), ("planned", False, 0))

    def test_order_of_stops(self):
        """SOP-13c: the order of stops is the schedule's: it changes while the run is planned."""
        run = self._create_run(self._create_delivery(), self._create_delivery())
        first = run.stop_ids[0].with_user(self.logistics)
        first.sequence = 99
        self.env.invalidate_all()
        self.assertEqual(run.stop_ids[-1], first)
        run.with_user(self.pic).action_review()
        with self.assertRaises(UserError):
            first.sequence = 1
        with self.assertRaises(UserError):
            first.picking_id = self._create_delivery()

    def _sweep(self, user, states):
        """Call every method and write every field of the run's models as the user; judge what changed."""
        judge, ids = Judge(self.env), states
        calls = []
        for model in MODELS:
            records = self.env[model].sudo().search([("id", "in", ids[model])])
            if not records:
                continue
            calls += method_calls(self.env[model], records.ids)
            for name, field in records._fields.items():
                value = other_value(field, self.env)
                for context in ({}, *CONTEXTS[:2], {"crm_courier_step": True}):
                    calls.append((model, "write", [records.ids, {name: value}], {"context": context}))
            calls.append((model, "action_scan", [records.ids, "x"], {}))
        self.env.flush_all()
        before = judge.snapshot()
        attacker = Attacker(self.env, Role(user), judge)
        attacker.attack(calls, before)
        return attacker

    def test_hostile_sweep(self):
        """SOP-7: every method and field of a run, called as those who have no business with it: nothing changes."""
        run = self._create_on_road(self._create_delivery(), self._create_delivery())
        self._say(run.stop_ids[0], "delivered")
        ids = {
            "stock.picking.batch": run.ids,
            "crm.courier.stop": run.stop_ids.ids,
            "crm.courier.unit": run.unit_ids.ids,
            "crm.courier.discrepancy": [],
            "crm.courier.equipment.check": run.equipment_ids.ids,
        }
        internal = self._create_user("internal", "base.group_user")
        for user in (self.other_courier, self.stranger, internal, self.accountant):
            attacker = self._sweep(user, ids)
            self.assertGreater(attacker.tried, 300)
            self.assertEqual(attacker.violations, [], user.login)

    def test_wizards_are_ones_own(self):
        """SOP-13a: nobody sees or confirms what somebody else is typing."""
        run = self._create_on_road(self._create_delivery())
        wizard = (
            self.env["crm.courier.outcome"]
            .with_user(self.courier)
            .create({"stop_id": run.stop_ids.id, "outcome": "delivered"})
        )
        with self.assertRaises(AccessError):
            wizard.with_user(self.other_courier).action_confirm()
