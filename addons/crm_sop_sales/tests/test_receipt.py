from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PhoneShopCase, luhn


@tagged("post_install", "-at_install")
class TestReceipt(PhoneShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.imei_phone = cls._create_imei_phone(model_code="SM-G991B")

    def _open(self, receipt, text, user=None, **values):
        wizard = self.env["crm.imei.receipt"].with_user(user or self.logistics)
        return wizard.create({"picking_id": receipt.id, "text": text, **values})

    def _check(self, receipt, text, **values):
        """Return what the check says about each line."""
        wizard = self._open(receipt, text, **values)
        wizard.action_check()
        return wizard.line_ids.mapped("problem")

    def _receive(self, receipt, numbers, **values):
        self._open(receipt, "\n".join(numbers), **values).action_receive()

    def _lots(self, receipt):
        return receipt.move_line_ids.lot_id.sorted("id").mapped("name")

    def test_own_only(self):
        """SOP-4b: what a colleague is about to receive isn't for others of the warehouse to change."""
        wizard = self._open(self._create_receipt((self.imei_phone, 1)), "\n".join(self._imeis(1)))
        wizard.action_check()
        colleague = self._create_user("colleague", "stock.group_stock_manager")
        for mine in (wizard, wizard.line_ids):
            with self.assertRaises(AccessError):
                mine.with_user(colleague).read()

    # === RECEIVING === #

    def test_a_list_is_received_and_validated(self):
        """SOP-4b: every unit is in stock by its IMEI, both of a dual-SIM unit."""
        first, second, third = self._imeis(3)
        receipt = self._create_receipt((self.imei_phone, 2))
        with Form(
            self.env["crm.imei.receipt"].with_user(self.logistics).with_context(default_picking_id=receipt.id)
        ) as form:
            self.assertEqual((form.product_id, form.outstanding), (self.imei_phone, 2))
            form.text = f"{first}, {second}\n{third}"
        wizard = form.record
        wizard.action_check()
        self.assertEqual((wizard.good_count, wizard.bad_count), (2, 0))
        wizard.action_receive()
        receipt.button_validate()
        self.assertEqual(receipt.state, "done")
        lots = self.env["stock.lot"].search([("product_id", "=", self.imei_phone.id)])
        self.assertEqual([(lot.name, lot.imei2) for lot in lots], [(first, second), (third, False)])
        self.assertEqual(lots.mapped("product_qty"), [1, 1])
        self.assertEqual(self.imei_phone.qty_available, 2)

    def test_part_of_a_receipt_leaves_a_backorder(self):
        numbers = self._imeis(3)
        receipt = self._create_receipt((self.imei_phone, 5))
        self._receive(receipt, numbers[:2])
        self.assertEqual(receipt.move_ids.quantity, 5)
        self._receive(receipt, numbers[2:])
        action = receipt.button_validate()
        self.assertEqual(action["res_model"], "stock.backorder.confirmation")
        Form.from_action(self.env(user=self.logistics.id), action).save().process()
        self.assertEqual((receipt.state, receipt.move_ids.quantity), ("done", 3))
        self.assertEqual(self._lots(receipt), numbers)
        self.assertEqual(receipt.backorder_ids.move_ids.product_uom_qty, 2)
        self.assertEqual(self.imei_phone.qty_available, 3)

    def test_reopening_continues_where_it_stopped(self):
        numbers = self._imeis(4)
        receipt = self._create_receipt((self.imei_phone, 3))
        self._receive(receipt, numbers[:1])
        self.assertEqual(self._open(receipt, "").outstanding, 2)
        self.assertEqual(
            self._check(receipt, "\n".join(numbers)),
            [f"{numbers[0]} is on {receipt.name} already", False, False, "more units than the receipt still expects"],
        )
        self._receive(receipt, numbers[1:3])
        self.assertFalse(self._open(receipt, "").product_ids)
        with self.assertRaisesRegex(UserError, "Choose a product"):
            self._receive(receipt, numbers[3:])

    def test_units_are_spread_over_the_moves_of_a_product(self):
        numbers = self._imeis(3)
        receipt = self._create_receipt((self.imei_phone, 1), (self.phone, 2))
        extra = {"product_id": self.imei_phone.id, "product_uom_qty": 2, "price_unit": 7}
        receipt.move_ids = [Command.create({**extra, "location_id": receipt.location_id.id})]
        receipt.action_confirm()
        self._receive(receipt, numbers)
        moves = receipt.move_ids.filtered(lambda move: move.product_id == self.imei_phone)
        self.assertEqual(moves.move_line_ids.lot_id.mapped("name"), numbers)
        self.assertEqual(sorted(moves.mapped("quantity")), sorted(moves.mapped("product_uom_qty")))
        self.assertFalse((receipt.move_ids - moves).move_line_ids.lot_id)

    def test_the_buttons_open_the_list(self):
        receipt = self._create_receipt((self.imei_phone, 1), (self.phone, 1))
        self.assertTrue(receipt.can_receive_imei)
        move = receipt.move_ids.filtered("can_receive_imei")
        self.assertEqual(move.product_id, self.imei_phone)
        self.assertEqual(receipt.action_receive_imei()["context"], {"default_picking_id": receipt.id})
        self.assertEqual(
            move.action_receive_imei()["context"],
            {"default_picking_id": receipt.id, "default_product_id": self.imei_phone.id},
        )
        delivery = self.env["stock.picking"].create({"picking_type_id": self.warehouse.out_type_id.id})
        self.assertFalse(delivery.can_receive_imei)

    # === WHAT IS WRONG, LINE BY LINE === #

    def test_each_bad_line_says_what_is_wrong(self):
        """Reliability: each kind of bad input has a clear answer, and nothing is lost."""
        good = self._imeis(1)[0]
        receipt = self._create_receipt((self.imei_phone, 20))
        lines = {
            good: "",
            good[:14]: "14 digits",
            good + "0": "16 digits",
            good[:14] + str((int(good[14]) + 1) % 10): "check digit is wrong",
            "000000000000000": "all zeros",
            "8.12346E+14": "a spreadsheet shortened it",
            f"{good}.0": "a spreadsheet added decimals",
            "３５６９３８０３５６４３８０９": "plain digits",
            "IMEI-1": "digits only",
            "123": "too short",
            good + "00": "too long",
            f" {good} ": f"{good} is in line 1 already",
            f"{good}/{good}": "can't be the same",
            "356938035643809,490154203237518,010928004389920": "two IMEIs at most",
        }
        problems = self._check(receipt, "\n".join(lines))
        for problem, (line, expected) in zip(problems, lines.items(), strict=True):
            self.assertIn(expected, problem or "", line)
            self.assertEqual(bool(problem), bool(expected), line)

    def test_known_units_say_where_they_are(self):
        """SOP-4b: a unit that we have can't come in again."""
        stocked, sold = self._create_units(self.imei_phone, 2)
        customers = self.env.ref("stock.stock_location_customers")
        quant = self.env["stock.quant"]
        quant._update_available_quantity(self.imei_phone, self.location, -1, lot_id=sold)
        quant._update_available_quantity(self.imei_phone, customers, 1, lot_id=sold)
        second, another_second, new = self._imeis(3)
        stocked.imei2 = second
        other = self._create_units(self._create_imei_phone("Phone Three"), 1)
        other.quant_ids.sudo().unlink()
        awaited = self._imeis(1)[0]
        elsewhere = self._create_receipt((self.imei_phone, 1))
        self._receive(elsewhere, [awaited])
        receipt = self._create_receipt((self.imei_phone, 20))
        lines = {
            stocked.name: f"is in stock already: {self.location.display_name}",
            sold.name: "was delivered to a customer",
            second: f"is the second IMEI of {stocked.name} (Phone Two)",
            other.name: "is known already: Phone Three",
            awaited: f"is on {elsewhere.name} already",
            f"{new} {second}": f"is the second IMEI of {stocked.name}",
            f"{another_second} {other.name}": "is known already: Phone Three",
        }
        for line, expected in lines.items():
            self.assertIn(expected, self._check(receipt, line)[0] or "", line)

    def test_a_known_unit_that_we_no_longer_have_may_come_again(self):
        lot = self._create_units(self.imei_phone, 1)
        lot.quant_ids.sudo().unlink()
        first, second = self._imeis(2)
        receipt = self._create_receipt((self.imei_phone, 1))
        self._receive(receipt, [f"{lot.name},{first}"])
        self.assertEqual((receipt.move_line_ids.lot_id, lot.imei2), (lot, first))
        receipt.move_line_ids.unlink()
        self.assertEqual(
            self._check(receipt, f"{lot.name},{second}"), [f"the second IMEI of {lot.name} is known as {first}"]
        )
        self.assertEqual(self._check(receipt, f"{lot.name},{first}"), [False])

    def test_a_number_typed_into_the_receipt_is_seen(self):
        number = self._imeis(1)[0]
        receipt = self._create_receipt((self.imei_phone, 2))
        receipt.move_line_ids[0].lot_name = number
        self.assertEqual(self._check(receipt, number), [f"{number} is on {receipt.name} already"])
        self.assertEqual(self._open(receipt, "").outstanding, 1)

    def test_the_tac_tells_another_model(self):
        self.env["crm.imei.tac"].create(
            [{"tac": "35000001", "model": "SM-A515F"}, {"tac": "35000002", "model": "SM-A1, sm-g991b"}]
        )
        receipt = self._create_receipt((self.imei_phone, 5))
        numbers = [luhn(f"{code}000001") for code in ("35000001", "35000002", "35000003")]
        says = "by its TAC it is a SM-A515F, and Phone Two is a SM-G991B"
        self.assertEqual(self._check(receipt, "\n".join(numbers)), [says, False, False])
        self.imei_phone.model_code = False
        self.assertEqual(self._check(receipt, "\n".join(numbers)), [False, False, False])

    def test_another_companys_unit_is_not_described(self):
        company = self.env["res.company"].create({"name": "Canary Ltd"})
        product = self._create_imei_phone("Canary Phone", company_id=company.id)
        number = self._imeis(1)[0]
        lot = self.env["stock.lot"].create({"name": number, "product_id": product.id, "company_id": company.id})
        places = self.env["stock.location"].search([("company_id", "=", company.id), ("usage", "=", "internal")])
        receipt = self._create_receipt((self.imei_phone, 1))
        self.assertEqual(self._check(receipt, number), [f"{number} is registered by another company"])
        self.env["stock.quant"]._update_available_quantity(product, places[0], 1, lot_id=lot)
        self.assertEqual(self._check(receipt, number), [f"{number} is in stock at another company"])

    # === BAD LINES ARE NEVER DROPPED SILENTLY === #

    def test_bad_lines_refuse_the_receipt(self):
        good = self._imeis(1)[0]
        receipt = self._create_receipt((self.imei_phone, 5))
        wizard = self._open(receipt, f"{good}\n123")
        with self.assertRaisesRegex(UserError, "1 lines are wrong(.|\n)*2: 123: it is too short"):
            wizard.action_receive()
        self.assertFalse(receipt.move_line_ids.lot_id)

    def test_bad_lines_are_left_out_by_choice(self):
        good = self._imeis(1)[0]
        receipt = self._create_receipt((self.imei_phone, 5))
        wizard = self._open(receipt, f"{good}\n123")
        wizard.action_check()
        wizard.leave_out = True
        wizard.action_receive()
        self.assertEqual(self._lots(receipt), [good])

    def test_only_lines_shown_as_bad_are_left_out(self):
        """The list may have changed after the check, or the world: what wasn't seen isn't left out."""
        good, taken = self._imeis(2)
        receipt = self._create_receipt((self.imei_phone, 5))
        wizard = self._open(receipt, f"{good}\n123\n{taken}")
        with self.assertRaises(UserError):
            wizard.leave_out = True
            wizard.action_receive()
        wizard.action_check()
        self.assertFalse(wizard.leave_out)
        wizard.leave_out = True
        self._receive(receipt, [taken])
        with self.assertRaisesRegex(UserError, f"3: {taken} is on {receipt.name} already"):
            wizard.action_receive()

    def test_forged_results_receive_nothing(self):
        """SOP-4b: the server checks again; what a client says about the result doesn't count."""
        receipt = self._create_receipt((self.imei_phone, 5))
        wizard = self._open(receipt, "123", line_ids=[Command.create({"line": 1, "imei": "123", "problem": False})])
        with self.assertRaisesRegex(UserError, "too short"):
            wizard.action_receive()

    def test_nothing_and_too_much(self):
        receipt = self._create_receipt((self.imei_phone, 5))
        for text, reason in (
            ("", "Paste or scan"),
            (" \n ", "Paste or scan"),
            ("1\n" * 5001, "more than 5000 lines"),
            ("1" * 400_001, "too long"),
        ):
            with self.assertRaisesRegex(UserError, reason):
                self._open(receipt, text).action_check()

    # === RIGHTS === #

    def test_only_stock_users_receive(self):
        receipt = self._create_receipt((self.imei_phone, 1))
        for user in (self.officer, self.sales_manager, self.accountant):
            with self.assertRaises(AccessError):
                self._open(receipt, self._imeis(1)[0], user=user)

    def test_another_companys_receipt_is_refused(self):
        company = self.env["res.company"].create({"name": "Other"})
        kind = self.env["stock.picking.type"].search(
            [("company_id", "=", company.id), ("code", "=", "incoming")], limit=1
        )
        place = kind.default_location_dest_id
        move = {"product_id": self.imei_phone.id, "product_uom_qty": 1, "location_dest_id": place.id}
        receipt = (
            self.env["stock.picking"]
            .with_company(company)
            .create({"picking_type_id": kind.id, "move_ids": [Command.create(move)]})
        )
        receipt.action_confirm()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self._receive(receipt, self._imeis(1), product_id=self.imei_phone.id)

    def test_wrong_transfers_and_products_are_refused(self):
        number = self._imeis(1)
        delivery = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "move_ids": [Command.create({"product_id": self.imei_phone.id, "product_uom_qty": 1})],
            }
        )
        delivery.action_confirm()
        done = self._create_receipt((self.imei_phone, 1))
        self._receive(done, self._imeis(1))
        done.button_validate()
        mixed = self._create_receipt((self.imei_phone, 1), (self.phone, 1))
        for receipt, product in ((delivery, self.imei_phone), (done, self.imei_phone), (mixed, self.phone)):
            with self.assertRaises(UserError):
                self._receive(receipt, number, product_id=product.id)
        self.assertFalse(self.env["crm.imei"].search([("number", "in", number)]))

    # === SPEED === #

    def test_a_long_list_needs_few_queries(self):
        """Checking needs the same number of queries for 100 lines as for 10; receiving hardly more."""
        costs = {}
        for count in (1, 10, 100):
            receipt = self._create_receipt((self.imei_phone, count))
            wizard = self._open(receipt, "\n".join(self._imeis(count)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            wizard._examine()
            examined = self.cr.sql_log_count
            wizard.action_receive()
            self.env.flush_all()
            costs[count] = (examined - before, self.cr.sql_log_count - examined)
        self.assertLessEqual(costs[100][0], costs[10][0])
        self.assertLessEqual(costs[100][1], costs[10][1] + 5)
