import base64
import io
import logging
import uuid

from stdnum import luhn

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tools import SQL, mute_logger

from odoo.addons.crm_sop_sales.card_number import find_card_numbers

from ..models.base import KEYS, LOOKED_INTO, MODULE
from .card_common import YES, CardCase, photo
from .test_card_number import imei, numbers, spellings

CARD = "4111111111111111"
REFUSED = "card numbers are never kept"
TEXT = ("char", "text", "html")


class Log(logging.Handler):
    """What the server writes while this is in place."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter())
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))

    def __enter__(self):
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *error):
        logging.getLogger().removeHandler(self)


class KeptOutCase(CardCase):
    """Everything into which people type, and what is left of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stop = cls._create_card_stop()
        cls._verify(cls.stop)
        cls.trip = cls.stop.run_id
        cls.order = cls.stop.order_id
        for user in (cls.officer, cls.manager, cls.pic, cls.logistics):
            cls._give_group(user, "base.group_partner_manager")

    def _text_fields(self):
        """Return (model, field) of everything that can be typed into: all of this addon's, and what belongs to it."""
        names = sorted(
            name
            for name, model in self.env.registry.items()
            if not model._abstract and (model._original_module == MODULE or name in LOOKED_INTO)
        )
        return [
            (self.env[name], field)
            for name in names
            for field in self.env[name]._fields.values()
            if field.type in TEXT and field.store and field.name not in KEYS
        ] + [
            (self.env[name], field)
            for name, model in sorted(self.env.registry.items())
            if not model._abstract and model._original_module != MODULE and name not in LOOKED_INTO
            for field in self.env[name]._fields.values()
            if field.type in TEXT and field.store and MODULE in field._modules
        ]

    def _places(self):
        """Return name → function that types a text there, as somebody who may."""
        run, order, stop = (record.with_env(self.env) for record in (self.trip, self.order, self.stop))
        own = stop.with_user(self.courier)
        message = run.sudo().message_post(body="hello", message_type="comment")
        activity = run.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid)
        compose = {"model": run._name, "res_ids": str(run.ids), "composition_mode": "comment"}
        wizard = {"stop_id": stop.id, "outcome": "brought_back"}
        terminal, draft = self.terminal, self._create_order()
        places = {
            "message on a run": lambda text: run.message_post(body=text, message_type="comment"),
            "message on an order": lambda text: order.message_post(body=text, message_type="comment"),
            "message on a card payment": lambda text: stop.card_ids.message_post(body=text),
            "message on a terminal": lambda text: terminal.message_post(body=text),
            "subject": lambda text: run.message_post(body="x", subject=text, message_type="comment"),
            "edited message": lambda text: run._message_update_content(message, body=text),
            "attachments of a message": lambda text: run.message_post(body="x", attachments=[(text, b"x")]),
            "uploaded file": lambda text: self.env["ir.attachment"].create(
                {"name": text, "raw": b"x", "res_model": run._name, "res_id": run.id}
            ),
            "file of a message that is being written": lambda text: self.env["ir.attachment"].create(
                {"name": text, "raw": b"x", "res_model": "mail.compose.message", "res_id": 0}
            ),
            "text file": lambda text: self.env["ir.attachment"].create(
                {"name": "x.txt", "raw": text.encode(), "res_model": run._name, "res_id": run.id}
            ),
            "description of a file": lambda text: self.env["ir.attachment"].create(
                {"name": "x", "description": text, "raw": b"x", "res_model": order._name, "res_id": order.id}
            ),
            "activity": lambda text: run.activity_schedule("mail.mail_activity_data_todo", summary=text),
            "note of an activity": lambda text: activity.write({"note": text}),
            "feedback of an activity": activity.action_feedback,
            "composer": lambda text: self.env["mail.compose.message"].create({**compose, "body": text}),
            "message for later": lambda text: self.env["mail.scheduled.message"].create(
                {
                    "model": run._name,
                    "res_id": run.id,
                    "body": text,
                    "author_id": self.env.user.partner_id.id,
                    "scheduled_date": fields.Datetime.add(fields.Datetime.now(), days=1),
                }
            ),
            "favourite search": lambda text: self.env["ir.filters"].create(
                {"name": "x", "model_id": run._name, "domain": f"[('name', 'ilike', '{text}')]"}
            ),
            "imported file": lambda text: self.env["base_import.import"].create(
                {"res_model": terminal._name, "file": text.encode(), "file_name": "x.csv", "file_type": "text/csv"}
            ),
            "import": lambda text: self._import(terminal, text),
            "outcome in the dialog": lambda text: (
                self.env["crm.courier.outcome"].with_user(self.courier).create({**wizard, "note": text})
            ),
            "default of the context": lambda text: (
                self.env["crm.courier.outcome"].with_user(self.courier).with_context(default_note=text).create(wizard)
            ),
            "reason of a step": lambda text: self.env["crm.workflow.reason"].create(
                {"res_model": run._name, "res_ids": run.ids, "transition": "recall", "reason": text}
            ),
            "reason without the dialog": lambda text: run.with_user(self.pic)._workflow_do("recall", text),
            "reason of another payment": lambda text: self.env["crm.payment.choice"].create(
                {"order_id": order.id, "payment_choice": "handover", "reason": text}
            ),
            "description of a line": lambda text: draft.write(
                {"order_line": [Command.update(draft.order_line[0].id, {"name": text})]}
            ),
            "note of a quotation": lambda text: draft.write({"note": text}),
            "translation": lambda text: self.company.update_field_translations("courier_consent_text", {"en_US": text}),
        }
        answers = {**YES, "id_photo": photo()}
        slip = {"amount": stop.to_collect, "result": "approved", "terminal_id": self.terminal.id}
        for name in ("id_kind", "consent", "x"):
            places[f"phone, verifying, {name}"] = lambda text, name=name: own._door_card_check({**answers, name: text})
        for name in ("approval_code", "last_four", "authorisation_code", "result", "amount", "terminal_id"):
            places[f"phone, swiping, {name}"] = lambda text, name=name: own._door_card_swipe({**slip, name: text})
        places["phone, cash"] = lambda text: own._door_cash({"amount": text})
        places["phone, outcome"] = lambda text: own._door_outcome({"outcome": "brought_back", "note": text})
        places["phone, name of a signature"] = lambda text: own._door_sign(
            {"document": "draft", "name": text, "image": answers["id_photo"]}
        )
        return places

    def _import(self, model, text):
        result = model.load(["name", "serial"], [[text, "S1"]])
        if not result["ids"]:
            raise UserError(result["messages"][0]["message"])

    def _type(self, name, type_it, text):
        """Type a text there; return whether it was refused, in words that don't repeat it."""
        digits = {found for *__, found in find_card_numbers(text)}
        try:
            with self.cr.savepoint():
                type_it(text)
                self.env.flush_all()
        except UserError as error:
            words = str(error)
        else:
            return False
        self.assertFalse(digits & {found for *__, found in find_card_numbers(words)}, name)
        self.env.invalidate_all()
        return True

    def _stored(self):
        """Return (table, column, value) of everything in the database that holds a card number; files too."""
        columns = self.env.execute_query(
            SQL(
                """SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
                AND data_type IN ('text', 'character varying', 'jsonb', 'numeric', 'double precision', 'json')"""
            )
        )
        found = []
        for table, column in columns:
            rows = self.env.execute_query(
                SQL(
                    "SELECT %s::text FROM %s WHERE %s::text ~ '[0-9]{13}' OR %s::text ~ '([0-9][^0-9]{1,3}){12}'",
                    *(SQL.identifier(name) for name in (column, table, column, column)),
                )
            )
            found += [(table, column, value) for (value,) in rows]
        return found


class TestCardKeptOut(KeptOutCase):
    """SOP-12g: a card's number that is typed anywhere is refused, and is nowhere: database, files, log."""

    def test_every_text_field(self):
        """SOP-12g: in each text field of this addon, written and created, by whoever has all rights."""
        places = self._text_fields()
        self.assertGreater(len(places), 40)
        open_ones = []
        for place, (model, field) in enumerate(places):
            text = list(spellings(CARD))[place % 6]
            record = model.sudo().search([], limit=1)
            calls = [lambda model=model, field=field, text=text: model.sudo().create({field.name: text})]
            if record:
                calls.append(lambda record=record, field=field, text=text: record.write({field.name: text}))
            for call in calls:
                with mute_logger("odoo.sql_db"):
                    if not self._is_refused(call):
                        open_ones.append(f"{model._name}.{field.name}")
        self.assertEqual(open_ones, [])

    def _is_refused(self, call):
        try:
            with self.cr.savepoint():
                call()
                self.env.flush_all()
        except Exception:  # noqa: BLE001 - whatever refuses it
            self.env.invalidate_all()
            return True
        return False

    def test_own_words(self):
        """SOP-12g: where a client may write, the refusal says what it is, and doesn't repeat it."""
        for model, vals in (
            ("crm.courier.terminal", {"name": CARD, "serial": "x"}),
            ("crm.courier.terminal", {"name": "x", "serial": "4111 1111 1111 1111"}),
            ("crm.courier.equipment", {"name": CARD}),
        ):
            with self.assertRaisesRegex(UserError, REFUSED) as refused:
                self.env[model].with_user(self.pic).create(vals)
            self.assertNotIn("1111", str(refused.exception))
        with self.assertRaisesRegex(UserError, REFUSED):
            self.trip.with_user(self.pic).description = f"Call {CARD}"
        with self.assertRaisesRegex(UserError, REFUSED):
            self.order.note = "<p>4111</p><p>1111<b>1111</b>1111</p>"
        with self.assertRaisesRegex(UserError, REFUSED):
            self.env["crm.courier.count.line"].create({"cash_counted": float(CARD)})

    def test_every_place(self):
        """SOP-12g: messages, files, activities, dialogs, imports, the phone: refused everywhere, IMEIs taken."""
        for name, type_it in self._places().items():
            for text in (CARD, "4111 1111 1111 1111", "x４１１１１１１１１１１１１１１１y"):
                self.assertTrue(self._type(name, type_it, text), f"{name}: {text}")

    def test_imeis_are_taken(self):
        """SOP-4b: IMEIs, two beside each other, and telephone numbers may be written everywhere."""
        chance = __import__("random").Random(6)
        takes = ("message", "note", "subject", "activity", "file", "outcome", "composer", "favourite", "description")
        for name, type_it in self._places().items():
            if name.startswith("phone") or not any(word in name for word in takes):
                continue
            for text in (imei(chance), f"{imei(chance)} {imei(chance)}", "+62 812-5000-1001"):
                try:
                    with self.cr.savepoint():
                        type_it(text)
                except UserError as error:
                    self.fail(f"{name}: {text}: {error}")

    def test_version_of_a_known_imei(self):
        """SOP-4b: sixteen digits that are a known unit's IMEI with its software version aren't a card's number."""
        phone = self._create_imei_phone()
        start = next(f"3569380{number:07d}" for number in range(1000) if find_card_numbers(self._version(number)))
        text = self._version(int(start[7:]))
        with self.assertRaisesRegex(UserError, REFUSED):
            self.trip.message_post(body=text)
        lot = self.env["stock.lot"].create({"name": self._imei_of(start), "product_id": phone.id})
        self.assertTrue(lot)
        self.trip.message_post(body=text)

    def _version(self, number):
        return next(
            (text for version in range(100) if find_card_numbers(text := f"3569380{number:07d}{version:02d}")), "x"
        )

    def _imei_of(self, start):
        return next(f"{start}{digit}" for digit in range(10) if self._is_imei(f"{start}{digit}"))

    def _is_imei(self, text):

        return luhn.is_valid(text)

    def test_mail_that_comes_in(self):
        """SOP-12g: a customer's e-mail isn't lost: the number in it is masked."""
        message = self.order.message_post(body=f"my card: {CARD}", subject=CARD, message_type="email")
        self.assertIn("•••• 1111", message.body)
        self.assertNotIn(CARD, message.body + message.subject)

    def test_mail_with_a_file(self):
        """SOP-12g: nor is its file: its name is masked."""
        message = self.order.message_post(body="x", attachments=[(f"{CARD}.txt", b"x")], message_type="email")
        self.assertEqual(len(message.attachment_ids), 1)
        self.assertNotIn(CARD, message.attachment_ids.name)

    def test_elsewhere(self):
        """SOP-12g: what isn't ours isn't looked into."""
        self.partner.message_post(body=f"Account {CARD}")
        self.env["ir.attachment"].create({"name": CARD, "raw": b"x", "res_model": "res.partner", "res_id": 1})

    def test_log(self):
        """SOP-12g: neither a refusal, nor a failed query, nor an error with the value in its text logs the number."""
        with Log() as log:
            logger = logging.getLogger("odoo.addons.crm_courier.test")
            logger.warning("bad query: %s", f"INSERT '{CARD}'")
            try:
                raise ValueError(f"Wrong value: {CARD}")
            except ValueError:
                logger.exception("Exception during request handling.")
            for call in (
                ("crm.courier.stop", "write", [self.stop.ids, {"outcome": CARD}]),
                ("crm.courier.stop", "write", [self.stop.ids, {CARD: 1}]),
                ("sale.order", "write", [self.order.ids, {"payment_choice": CARD}]),
                ("stock.picking.batch", "message_post", [self.trip.ids], {"body": CARD}),
                ("crm.courier.terminal", "create", [[{"name": CARD, "serial": CARD}]]),
            ):
                model, method, arguments, *keywords = call
                try:
                    with self.cr.savepoint():
                        call_kw(self.env[model].with_user(self.pic), method, arguments, *(keywords or [{}]))
                except Exception as error:
                    logger.warning("%s", error, exc_info=True)
                else:
                    self.fail(call)
        self.assertGreater(len(log.lines), 6)
        self.assertNotIn(CARD, "\n".join(log.lines))
        self.assertIn("•••• 1111", "\n".join(log.lines))

    def test_many(self):
        """SOP-12g: generated numbers of all issuers, in every place and spelling: none is kept, and none is logged."""
        places = list(self._places().items())
        typed = []
        with Log() as log, mute_logger("odoo.addons.mail"):
            for place, number in enumerate(numbers(7, 300)):
                spelled = spellings(number)
                name, type_it = places[place % len(places)]
                text = spelled[place % len(spelled)]
                if not self._type(name, type_it, text):
                    typed.append((name, text))
        self.assertEqual(typed, [])
        self.assertFalse([line for line in log.lines if find_card_numbers(line)])

    def test_scanning(self):
        """SOP-12g: a card held before the scanner isn't repeated on the screen."""
        run = self._create_reviewed(self._create_delivery(), courier=self.other_courier)
        result = self._scan(run, CARD)
        self.assertFalse(result["ok"])
        self.assertNotIn(CARD, result["message"])

    def test_entry_is_refused(self):
        """SOP-12g: what the phone sends with a number in it is refused; the entry that is noted doesn't have it."""
        entry = self._entry(self.stop, "card_swipe", amount=1, approval_code=CARD)
        (result,) = self._send(self.courier, entry)
        self.assertEqual(result["status"], "refused")
        noted = self.env["crm.courier.entry"].search([("uuid", "=", entry["uuid"])])
        self.assertIn(REFUSED, noted.message)
        self.assertNotIn("1111", noted.message)
        self.assertTrue(uuid.UUID(noted.uuid))

    def test_picture_with_a_number_in_it(self):
        """SOP-12g: what is written into a picture's file beside the picture is gone."""
        picture = photo(77, comment=CARD.encode())
        self.assertIn(CARD.encode(), base64.b64decode(picture))
        self._verify(self.stop, id_photo=picture)
        copy = self.stop.card_ids.sudo().identity_ids.filtered("image")
        self.assertNotIn(CARD.encode(), io.BytesIO(base64.b64decode(copy.image)).read())
