import base64
import time

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_sop_sales import tac

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestRead(BaseCase):
    def test_good_file(self):
        for content in (
            b"\xef\xbb\xbftac,model\n35693803,SM-G991B\n49015420,GT-I9305N\n",
            b"tac;model\r\n35693803;SM-G991B\r\n49015420;GT-I9305N",
            b'"model"\t"tac"\r"SM-G991B"\t"35693803"\r\rGT-I9305N\t49015420',
        ):
            self.assertEqual(tac.read(content).models, {"35693803": ["SM-G991B"], "49015420": ["GT-I9305N"]})

    def test_bad_rows_are_named_by_line(self):
        rows = [
            "tac,model",
            "35693803,A",
            "9167513,B",
            "",
            "3.5E+07,C",
            "３５６９３８０３,D",
            "35693804,",
            "35693805,=1+1",
        ]
        content = "\n".join([*rows, "35693806,x,y"])
        table = tac.read(content.encode())
        self.assertEqual(table.models, {"35693803": ["A"]})
        self.assertEqual(
            [(line, what) for line, what, text in table.bad],
            [(3, tac.CODE), (5, tac.CODE), (6, tac.CODE), (7, tac.MODEL), (8, tac.MODEL), (9, tac.FIELDS)],
        )

    def test_a_quote_that_never_ends_is_one_bad_row(self):
        table = tac.read(b'tac,model\n35693803,A\n35693804,"' + b"A\n" * 40_000)
        self.assertEqual(table.models, {"35693803": ["A"]})
        self.assertEqual([(line, what) for line, what, text in table.bad], [(40_002, tac.MODEL)])

    def test_a_code_of_two_models_keeps_both(self):
        table = tac.read(b"tac,model\n35004331,SM-N981B\n35004331,SM-N981U\n35004331,SM-N981B\n")
        self.assertEqual((table.models, table.repeated), ({"35004331": ["SM-N981B", "SM-N981U"]}, 1))

    def test_hostile_files(self):
        text = "tac,model\n35693803,A\n"
        files = {
            b"": tac.WRONG_COLUMNS,
            b"tac,model\n\n": tac.NO_ROWS,
            b"35693803,A\n": tac.WRONG_COLUMNS,
            b"tac\n35693803\n": tac.WRONG_COLUMNS,
            b"tac,model,tac\n": tac.WRONG_COLUMNS,
            b"tac,tac\n35693803,35693803\n": tac.WRONG_COLUMNS,
            text.encode("utf-16"): tac.UTF16,
            text.encode("utf-16-le"): tac.NOT_TEXT,
            b"tac,model\n3569\x003803,A\n": tac.NOT_TEXT,
            b"PK\x03\x04\x00\x00": tac.NOT_TEXT,
            b"tac,model\n35693803,\xff\n": tac.NOT_UTF8,
            b"tac,model\n" + b"35693803,A\n" * 500_000: tac.TOO_LARGE,
        }
        for content, reason in files.items():
            with self.subTest(content[:40]), self.assertRaises(tac.Unreadable) as caught:
                tac.read(content)
            self.assertEqual(caught.exception.args, (reason,))


@tagged("post_install", "-at_install")
class TestTacTable(PhoneShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stock_manager = cls._create_user("stock_manager", "stock.group_stock_manager")
        cls.table = cls.env["crm.imei.tac"]

    def _load(self, content=None, user=None):
        file = base64.b64encode(content) if content is not None else False
        load = self.env["crm.imei.tac.load"].with_user(user or self.stock_manager).create({"file": file})
        action = load.action_load()
        self.assertEqual(action["res_id"], load.id)
        return load.result

    def test_the_packaged_table_loads_quickly(self):
        start = time.monotonic()
        result = self._load()
        self.assertLess(time.monotonic() - start, 2)
        self.assertRegex(result, "^8402 new, 0 changed, 0 unchanged, 32 repeated, 8 bad rows\n")
        self.assertIn("“8915005”: a TAC has eight digits", result)
        self.assertEqual(self.table.search([("tac", "=", "35004331")]).model, "SM-N981B, SM-N981U")
        self.assertRegex(self._load(), "^0 new, 0 changed, 8402 unchanged")

    def test_loading_says_what_was_new_changed_and_bad(self):
        self.table.create([{"tac": "35693801", "model": "A"}, {"tac": "35693802", "model": "B"}])
        result = self._load(b"tac,model\n35693801,A\n35693802,B2\n35693803,C\n1,D\n")
        self.assertEqual(
            result.splitlines(),
            [
                "1 new, 1 changed, 1 unchanged, 0 repeated, 1 bad rows",
                "Line 5: “1”: a TAC has eight digits (a spreadsheet drops leading zeros)",
            ],
        )
        changed = self.table.search([("tac", "=", "35693802")])
        self.assertEqual((changed.model, changed.write_uid), ("B2", self.stock_manager))

    def test_many_bad_rows_are_shortened(self):
        result = self._load(b"tac,model\n" + b"x,A\n" * 1000).splitlines()
        self.assertEqual((len(result), result[-1]), (52, "… and 950 more"))

    def test_a_hostile_file_gets_a_clear_error_and_changes_nothing(self):
        before = self.table.search_count([])
        for content, reason in {
            b"tac,model\n35693803\x00,A\n": "isn't plain text",
            "tac,model\n35693803,A\n".encode("utf-16"): "is UTF-16",
            b"tac,model\n35693803,\xff\n": "isn't UTF-8",
            b"imei,name\n": "must name the two columns",
            b"tac,model\n": "no rows",
            b"x" * 5_000_001: "larger than 5 MB",
        }.items():
            with self.assertRaisesRegex(UserError, reason):
                self._load(content)
        self.assertEqual(self.table.search_count([]), before)

    def test_only_stock_managers_load_it(self):
        for user in (self.logistics, self.officer, self.sales_manager):
            with self.assertRaises(AccessError):
                self._load(user=user)
        with self.assertRaises(AccessError):
            self.table.with_user(self.logistics)._load_models({"35693803": ["A"]})

    def test_the_database_refuses_a_bad_or_second_code(self):
        self.table.create({"tac": "35693803", "model": "A"})
        for code, error in (
            ("35693803", psycopg2.errors.UniqueViolation),
            ("3569380", psycopg2.errors.CheckViolation),
            ("356938031", psycopg2.errors.CheckViolation),
            ("3569380X", psycopg2.errors.CheckViolation),
        ):
            with self.assertRaises(error), mute_logger("odoo.sql_db"), self.cr.savepoint():
                self.table.create({"tac": code, "model": "A"})

    def test_a_code_may_name_several_models(self):
        self.table.create({"tac": "35693803", "model": "SM-A,SM-B ,  SM-C"})
        self.assertEqual(self.table._models_of(["356938035643809"]), {"35693803": ["SM-A", "SM-B", "SM-C"]})
