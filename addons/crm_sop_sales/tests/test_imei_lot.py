import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestImeiProduct(PhoneShopCase):
    def test_tracking_by_imei_implies_storable_and_serial(self):
        product = self.env["product.template"].create({"name": "Phone", "is_imei": True})
        self.assertEqual((product.is_storable, product.tracking), (True, "serial"))
        later = self.env["product.product"].create({"name": "Another"})
        later.is_imei = True
        self.assertEqual((later.is_storable, later.tracking), (True, "serial"))

    def test_the_form_shows_what_it_implies(self):
        with Form(self.env["product.template"]) as form:
            form.name = "Phone"
            form.is_imei = True
            self.assertEqual((form.is_storable, form.tracking), (True, "serial"))

    def test_the_database_refuses_other_tracking(self):
        """SOP-4b: no product is tracked by IMEI and yet sold without one."""
        phone = self._create_imei_phone()
        for values in ({"tracking": "none"}, {"tracking": "lot"}, {"is_storable": False}, {"type": "service"}):
            with self.assertRaises(psycopg2.errors.CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
                phone.write(values)
                self.env.flush_all()

    def test_a_product_with_bad_serials_cannot_become_one(self):
        phone = self._create_phone("Old", 1)
        self.env["stock.lot"].create([{"name": name, "product_id": phone.id} for name in ("SN-1", "35693803564380")])
        with self.assertRaisesRegex(
            ValidationError, r"35693803564380: it has 14 digits.*\n- SN-1: an IMEI has digits only"
        ):
            phone.is_imei = True

    def test_a_product_with_good_serials_becomes_one(self):
        phone = self._create_phone("Old", 1)
        lots = self._create_units(phone, 2)
        self.assertFalse(lots.imei_ids)
        phone.is_imei = True
        self.assertEqual(lots.imei_ids.mapped("number"), lots.mapped("name"))

    def test_serials_that_are_known_for_another_product_are_refused(self):
        known = self._create_units(self._create_imei_phone(), 1)
        phone = self._create_phone("Old", 1)
        self.env["stock.lot"].create({"name": known.name, "product_id": phone.id})
        with self.assertRaisesRegex(ValidationError, f"{known.name} is known already: Phone Two"):
            phone.is_imei = True

    def test_stock_without_serial_is_refused(self):
        product = self.env["product.product"].create({"name": "Box", "is_storable": True})
        self.env["stock.quant"]._update_available_quantity(product, self.location, 3)
        with self.assertRaisesRegex(ValidationError, "stock without a serial number.*Box"):
            product.is_imei = True

    def test_a_product_with_units_stays_one(self):
        phone = self._create_imei_phone()
        phone.is_imei = False
        phone.is_imei = True
        self._create_units(phone, 1)
        with self.assertRaisesRegex(ValidationError, "stays tracked by IMEI"):
            phone.is_imei = False


@tagged("post_install", "-at_install")
class TestImeiLot(PhoneShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.imei_phone = cls._create_imei_phone()
        cls.first, cls.second, cls.third, cls.fourth = cls._imeis(4)

    def _create_lot(self, name, **values):
        return self.env["stock.lot"].create({"name": name, "product_id": self.imei_phone.id, **values})

    def _numbers(self, lots):
        return [(row.number, row.position) for row in lots.imei_ids.sorted("position")]

    def test_only_an_imei_names_a_unit(self):
        for bad, reason in {
            "35693803564380": "14 digits",
            "3569380356438090": "16 digits",
            "000000000000000": "all zeros",
            "8.12346E+14": "a spreadsheet shortened it",
            "356938035643809.0": "a spreadsheet added decimals",
            "３５６９３８０３５６４３８０９": "plain digits",
            "ABC": "digits only",
            "356938035643808": "check digit is wrong",
            "1234": "too short",
            "35693803564380912": "too long",
        }.items():
            with self.subTest(bad), self.assertRaisesRegex(ValidationError, reason), self.cr.savepoint():
                self._create_lot(bad)
            with self.subTest(bad), self.assertRaisesRegex(ValidationError, reason), self.cr.savepoint():
                self._create_lot(self.first, imei2=bad)

    def test_renaming_and_moving_to_an_imei_product_are_checked(self):
        lot = self._create_lot(self.first)
        with self.assertRaisesRegex(ValidationError, "digits only"), self.cr.savepoint():
            lot.name = "SN-1"
        other = self.env["stock.lot"].create({"name": "SN-1", "product_id": self.phone.id})
        with self.assertRaisesRegex(ValidationError, "digits only"), self.cr.savepoint():
            other.product_id = self.imei_phone

    def test_an_import_is_checked(self):
        result = self.env["stock.lot"].load(
            ["name", "product_id/.id", "imei2"],
            [[self.first, str(self.imei_phone.id), self.second], ["8.12346E+14", str(self.imei_phone.id), ""]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("a spreadsheet shortened it", result["messages"][0]["message"])
        result = self.env["stock.lot"].load(
            ["name", "product_id/.id", "imei2"], [[self.first, str(self.imei_phone.id), self.second]]
        )
        self.assertEqual(
            self._numbers(self.env["stock.lot"].browse(result["ids"])), [(self.first, 1), (self.second, 2)]
        )

    def test_both_imeis_are_kept_and_follow_the_unit(self):
        lot = self._create_lot(self.first, imei2=self.second)
        self.assertEqual(self._numbers(lot), [(self.first, 1), (self.second, 2)])
        lot.name = self.third
        self.assertEqual(self._numbers(lot), [(self.third, 1), (self.second, 2)])
        lot.imei2 = False
        self.assertEqual(self._numbers(lot), [(self.third, 1)])
        lot.unlink()
        self.assertFalse(self.env["crm.imei"].search([("number", "in", [self.first, self.second, self.third])]))

    def test_swapping_the_two_imeis(self):
        lot = self._create_lot(self.first, imei2=self.second)
        lot.write({"name": self.second, "imei2": self.first})
        self.assertEqual(self._numbers(lot), [(self.second, 1), (self.first, 2)])
        self.env.invalidate_all()
        self.assertEqual((lot.name, lot.imei2), (self.second, self.first))

    def test_no_imei_is_there_twice_in_any_role(self):
        """SOP-4b: one IMEI is one unit, whatever the product and whichever of its two numbers."""
        self._create_lot(self.first, imei2=self.second)
        another = self._create_imei_phone("Phone Three")
        for values, reason in (
            ({"name": self.first}, f"{self.first} is known already: Phone Two"),
            ({"name": self.second}, f"{self.second} is the second IMEI of {self.first} .Phone Two."),
            ({"name": self.third, "imei2": self.first}, f"{self.first} is known already"),
            ({"name": self.third, "imei2": self.second}, f"{self.second} is the second IMEI"),
            ({"name": self.third, "imei2": self.third}, f"{self.third} is given twice"),
        ):
            with self.assertRaisesRegex(ValidationError, reason), self.cr.savepoint():
                self._create_lot(**{**values, "product_id": another.id})
        with self.assertRaisesRegex(ValidationError, f"{self.third} is given twice"), self.cr.savepoint():
            self.env["stock.lot"].create(
                [
                    {"name": self.third, "product_id": another.id},
                    {"name": self.third, "product_id": self.imei_phone.id},
                ]
            )

    def test_the_database_refuses_a_double(self):
        """SOP-4b: even code that forgets to ask can't have an IMEI twice."""
        self._create_lot(self.first)
        lot = self._create_lot(self.second)
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["crm.imei"].create({"lot_id": lot.id, "position": 2, "number": self.first})

    def test_another_companys_unit_is_not_described(self):
        company = self.env["res.company"].create({"name": "Canary Ltd"})
        product = self._create_imei_phone("Canary Phone", company_id=company.id)
        lot = self.env["stock.lot"].create({"name": self.first, "product_id": product.id, "company_id": company.id})
        self.assertEqual(lot.company_id, company)
        with self.assertRaises(ValidationError) as caught:
            self.env["stock.lot"].with_user(self.logistics).create(
                {"name": self.first, "product_id": self.imei_phone.id}
            )
        self.assertIn("is registered by another company", str(caught.exception))
        self.assertNotIn("Canary", str(caught.exception))
        self.assertFalse(self.env["crm.imei"].with_user(self.logistics).search([("number", "=", self.first)]))

    def test_only_imei_products_have_a_second_one(self):
        with self.assertRaisesRegex(ValidationError, "isn't tracked by IMEI"):
            self.env["stock.lot"].create({"name": "SN-1", "product_id": self.phone.id, "imei2": self.first})

    def test_a_unit_is_found_by_either_imei(self):
        lot = self._create_lot(self.first, imei2=self.second)
        plain = self._create_lot(self.third)
        lots = self.env["stock.lot"].with_user(self.logistics)
        for user in (self.logistics, self.officer):
            for number in (self.first, self.second):
                found = lots.with_user(user).name_search(number)
                self.assertEqual([id_ for id_, name in found], lot.ids)
                found = lots.with_user(user).name_search(number[:14])
                self.assertEqual([id_ for id_, name in found], lot.ids)
        self.assertFalse(lots.name_search(self.fourth))
        self.assertEqual(lots.search([("imei2", "=", self.second)]), lot)
        self.assertEqual(lots.search([("imei2", "ilike", self.second[:14])]), lot)
        mine = [("id", "in", (lot + plain).ids)]
        self.assertEqual(lots.search([("imei2", "=", False), *mine]), plain)
        self.assertEqual(lots.search([("imei2", "!=", False), *mine]), lot)
        self.assertEqual(lots.search([("imei2", "not ilike", self.second), *mine]), plain)
        self.assertEqual(lots.search([("imei2", "in", [self.second, False]), *mine]), lot + plain)

    def test_nobody_writes_the_numbers_but_by_the_unit(self):
        lot = self._create_lot(self.first)
        stock_manager = self._create_user("stock_manager", "stock.group_stock_manager")
        for user in (self.logistics, stock_manager, self.officer, self.sales_manager):
            rows = lot.with_user(user).imei_ids
            self.assertEqual(rows.number, self.first)
            for attack in (
                lambda rows=rows: rows.write({"number": self.second}),
                lambda rows=rows: rows.unlink(),
                lambda rows=rows: rows.create({"lot_id": lot.id, "position": 2, "number": self.second}),
            ):
                with self.assertRaises(AccessError):
                    attack()
        with self.assertRaises(AccessError), self.cr.savepoint():
            lot.with_user(self.logistics).write({"imei_ids": [Command.update(rows.id, {"number": self.second})]})

    def test_core_dialogs_of_a_receipt_are_checked(self):
        """Odoo's own import and generation of serial numbers end at the same check."""
        receipt = self._create_receipt((self.imei_phone, 2))
        receipt.move_ids.move_line_ids.unlink()
        lines = [
            Command.create({"product_id": self.imei_phone.id, "quantity": 1, "lot_name": name})
            for name in (self.first, str(int(self.first) + 1))
        ]
        receipt.move_ids.move_line_ids = lines
        with self.assertRaisesRegex(UserError, "check digit is wrong"):
            receipt.button_validate()

    def test_a_count_of_stock_is_checked(self):
        manager = new_test_user(self.env, "counts", "stock.group_stock_manager")
        with self.assertRaisesRegex(ValidationError, "digits only"):
            self.env["stock.lot"].with_user(manager).with_context(default_product_id=self.imei_phone.id).name_create(
                "SN"
            )

    def test_many_units_need_few_queries(self):
        def cost(count):
            vals_list = [
                {"name": name, "imei2": name2, "product_id": self.imei_phone.id}
                for name, name2 in zip(self._imeis(count), self._imeis(count), strict=True)
            ]
            before = self.cr.sql_log_count
            self.env["stock.lot"].create(vals_list)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        cost(1)
        self.assertLessEqual(cost(100), cost(10) + 2)
