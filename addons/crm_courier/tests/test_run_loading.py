from unittest.mock import patch

from odoo.exceptions import AccessError, UserError

from .common import CourierCase, luhn


class TestRunLoading(CourierCase):
    """SOP-7: the courier takes the units that were ordered, by type and IMEI."""

    def test_list_by_type_and_imei(self):
        """SOP-7: the run's list has each unit by its IMEI, and counted goods by number."""
        picking = self._create_delivery(2, cases=3)
        run = self._create_reviewed(picking)
        lots = picking.move_line_ids.lot_id
        self.assertEqual(run.unit_ids.lot_id, lots)
        self.assertEqual(run.unit_ids.filtered(lambda unit: not unit.lot_id).quantity, 3)
        text = run.stop_ids.unit_text
        for lot in lots:
            self.assertIn(lot.name, text)

    def test_scan(self):
        """SOP-7: a scanned unit is loaded, and by whom and when is kept; twice the same is refused."""
        picking = self._create_delivery(2)
        run = self._create_reviewed(picking)
        lot = picking.move_line_ids.lot_id[0]
        answer = self._scan(run, f" {lot.name}\n")
        self.assertTrue(answer["ok"], answer)
        unit = run.unit_ids.filtered(lambda unit: unit.lot_id == lot)
        self.assertTrue(unit.is_loaded and unit.loaded_at)
        self.assertEqual(unit.loaded_by_id, self.courier)
        answer = self._scan(run, lot.name)
        self.assertFalse(answer["ok"])
        self.assertIn("loaded already", answer["message"])

    def test_scan_second_imei(self):
        """SOP-7: a dual-SIM unit is loaded by its second IMEI as well."""
        phone = self._create_imei_phone(taxes_id=False)
        picking = self._create_delivery(product=phone)
        lot = picking.move_line_ids.lot_id
        lot.imei2 = luhn("35693803999999")
        run = self._create_reviewed(picking)
        self.assertTrue(self._scan(run, lot.imei2)["ok"])
        self.assertTrue(run.unit_ids.is_loaded)

    def test_another_unit_is_refused(self):
        """SOP-7: loading another unit is refused, with words that say what it is."""
        picking, elsewhere = self._create_delivery(), self._create_delivery()
        run = self._create_reviewed(picking)
        free = self._create_units(self.phone, 1)
        other_type = self._create_units(self._create_phone("Phone Three", 1_000_000), 1)
        wrong_digit = picking.move_line_ids.lot_id.name[:-1] + str(
            (int(picking.move_line_ids.lot_id.name[-1]) + 1) % 10
        )
        for number, words in (
            (elsewhere.move_line_ids.lot_id.name, elsewhere.sale_id.name),
            (free.name, "another Phone One than the one on the list"),
            (other_type.name, "Phone Three, which isn't on this run's list"),
            (wrong_digit, "check digit"),
            ("NO-SUCH-THING", "Nothing here"),
            ("", "Nothing here"),
        ):
            answer = self._scan(run, number)
            self.assertFalse(answer["ok"], number)
            self.assertIn(words, answer["message"])
        self.assertFalse(run.loaded_count)

    def test_another_companys_unit_isnt_named(self):
        """SOP-7: of another company's unit a scan says nothing."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        lot = self._create_units(self._create_phone("Secret", 1), 1)
        self.env["stock.quant"].search([("lot_id", "=", lot.id)]).sudo().unlink()
        self.cr.execute("UPDATE stock_lot SET company_id = %s WHERE id = %s", [company.id, lot.id])
        self.env.invalidate_all()
        answer = self._scan(self._create_reviewed(self._create_delivery()), lot.name)
        self.assertNotIn("Secret", answer["message"])

    def test_counted_goods(self):
        """SOP-7: counted goods are loaded by number: by barcode one by one, or all with one tap."""
        run = self._create_reviewed(self._create_delivery(cases=3))
        cases = run.unit_ids.filtered(lambda unit: not unit.lot_id)
        self.assertTrue(self._scan(run, self.case.barcode)["ok"])
        self.assertEqual(cases.loaded_quantity, 1)
        theirs = cases.with_user(self.courier)
        self.assertTrue(self._scan(run, self.case.barcode)["ok"])
        self.assertEqual((cases.loaded_quantity, cases.is_loaded), (2, False))
        theirs.action_load()
        self.assertTrue(cases.is_loaded)
        self.assertFalse(self._scan(run, self.case.barcode)["ok"])
        theirs.action_take_out()
        self.assertEqual(cases.loaded_quantity, 0)

    def test_loaded_only_when_complete(self):
        """SOP-7: a run is loaded when everything on its list is."""
        picking = self._create_delivery(2)
        run = self._create_reviewed(picking)
        theirs = run.with_user(self.courier)
        theirs.equipment_ids.filtered("is_needed").action_toggle()
        self._scan(run, picking.move_line_ids.lot_id[0].name)
        with self.assertRaisesRegex(UserError, picking.move_line_ids.lot_id[1].name):
            theirs.action_load()
        self._scan(run, picking.move_line_ids.lot_id[1].name)
        theirs.action_load()
        self.assertEqual((run.run_state, run.state), ("loaded", "in_progress"))

    def test_another_couriers_run(self):
        """SOP-7: nobody loads another courier's run, by scan, tap or step."""
        run = self._create_reviewed(self._create_delivery())
        code = run.unit_ids.lot_id.name
        with self.assertRaises(AccessError):
            self._scan(run, code, self.other_courier)
        with self.assertRaises(AccessError):
            run.unit_ids.with_user(self.other_courier).action_load()
        with self.assertRaises(AccessError):
            run.equipment_ids.with_user(self.other_courier).action_toggle()
        with self.assertRaises(AccessError):
            run.with_user(self.other_courier).action_load()
        with self.assertRaises(AccessError):
            self._scan(run, code, self.officer)
        self.assertTrue(self._scan(run, code, self.logistics)["ok"])

    def test_not_before_review_nor_after(self):
        """SOP-7: units are loaded between review and departure."""
        run = self._create_run(self._create_delivery())
        code = run.unit_ids.lot_id.name
        self.assertFalse(self._scan(run, code)["ok"])
        with self.assertRaises(UserError):
            run.unit_ids.with_user(self.courier).action_load()
        run.with_user(self.pic).action_review()
        self._load(run)
        self.assertFalse(self._scan(run, code)["ok"])
        with self.assertRaises(UserError):
            run.unit_ids.with_user(self.courier).action_take_out()

    def test_list_follows_a_swap_until_loaded(self):
        """SOP-7: swapping a unit before loading changes the list; what is loaded doesn't change any more."""
        picking = self._create_delivery()
        run = self._create_reviewed(picking)
        order, spare = picking.sale_id, self._create_units(self.phone, 1)
        self._scan(run, picking.move_line_ids.lot_id.name)
        order.hold_ids._swap(spare, "scratched")
        self.assertEqual(run.unit_ids.lot_id, spare)
        self.assertFalse(run.unit_ids.is_loaded)
        self._load(run)
        another = self._create_units(self.phone, 1)
        with self.assertRaisesRegex(UserError, "are with"):
            order.hold_ids.filtered(lambda hold: hold.state == "held")._swap(another, "again")

    def test_loaded_goods_stay(self):
        """SOP-7: what is loaded isn't unreserved, cancelled or moved to another run from the office."""
        picking = self._create_delivery()
        self._load(self._create_reviewed(picking))
        logistics = picking.with_user(self.logistics)
        for act in (
            logistics.do_unreserve,
            logistics.action_cancel,
            logistics.move_line_ids.unlink,
            lambda: logistics.write({"batch_id": False}),
            lambda: logistics.move_line_ids.write({"quantity": 0}),
            picking.sale_id.with_user(self.manager)._action_cancel,
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                act()
        self.assertEqual(picking.state, "assigned")

    def test_unloading_begins_anew(self):
        """SOP-7: unloading needs a reason, and everything is loaded again."""
        run = self._load(self._create_reviewed(self._create_delivery()))
        with self.assertRaises(UserError):
            run.with_user(self.logistics)._workflow_do("unload")
        run.with_user(self.logistics)._workflow_do("unload", "Wrong bag")
        self.assertFalse(run.loaded_count)
        self.assertFalse(any(run.equipment_ids.mapped("taken_at")))

    def test_equipment(self):
        """SOP-12c: what every run needs is ticked before it is loaded."""
        run = self._create_reviewed(self._create_delivery())
        theirs = run.with_user(self.courier)
        theirs.unit_ids.action_load()
        phone = self.env.ref("crm_courier.crm_courier_equipment_phone")
        with self.assertRaisesRegex(UserError, phone.name):
            theirs.action_load()
        check = theirs.equipment_ids.filtered(lambda check: check.equipment_id == phone)
        check.action_toggle()
        self.assertEqual((check.taken_by_id, bool(check.taken_at)), (self.courier, True))
        check.action_toggle()
        self.assertFalse(check.taken_at)

    def test_card_needs_the_terminal(self):
        """SOP-12c: where a customer pays by card, the EDC terminal goes along, and which one is known."""
        order = type(self.env["sale.order"])
        with patch.object(order, "_courier_needs_terminal", lambda order: True):
            run = self._create_reviewed(self._create_delivery())
            theirs = run.with_user(self.courier)
            theirs.unit_ids.action_load()
            edc = self.env.ref("crm_courier.crm_courier_equipment_edc")
            self.assertTrue(run.equipment_ids.filtered(lambda check: check.equipment_id == edc).is_needed)
            theirs.equipment_ids.filtered("is_needed").action_toggle()
            with self.assertRaisesRegex(UserError, "card terminal"):
                theirs.action_load()
            terminal = self.env["crm.courier.terminal"].create({"name": "EDC", "serial": "T-100"})
            self.assertTrue(self._scan(run, "t-100")["ok"])
            theirs.action_load()
        self.assertEqual(run.terminal_id, terminal)
        self.assertEqual(terminal.run_id, run)

    def test_terminal_is_on_one_run(self):
        """SOP-12c: a card terminal that is out can't be taken along by another courier."""
        terminal = self.env["crm.courier.terminal"].create({"name": "EDC", "serial": "T-100"})
        self._load(self._create_reviewed(self._create_delivery(), terminal_id=terminal.id))
        other = self._create_reviewed(self._create_delivery(), courier=self.other_courier)
        answer = self._scan(other, "T-100")
        self.assertFalse(answer["ok"])
        self.assertIn(self.courier.name, answer["message"])
        self.assertFalse(self._scan(other, "T%")["ok"], "a wildcard is no terminal")
