import base64
import functools
import io
import logging
import uuid

from stdnum import luhn

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tools import mute_logger

from odoo.addons.crm_sop_sales.card_number import find_card_numbers

from .card_common import CardCase, photo
from .card_places import PLACES, Shop, text_fields
from .test_card_number import imei, numbers, spellings

CARD = "4111111111111111"
REFUSED = "card numbers are never kept"


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
        cls.shop = Shop.of(cls.stop, cls._create_order(), cls.pic)

    def _places(self):
        """Return name → function that types a text there."""
        return {name: functools.partial(type_it, self.shop) for name, type_it in PLACES.items()}

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
        self.assertIn("never kept", words, name)
        self.assertFalse(digits & {found for *__, found in find_card_numbers(words)}, name)
        self.env.invalidate_all()
        return True


class TestCardKeptOut(KeptOutCase):
    """SOP-12g: a card's number that is typed anywhere is refused, and is nowhere: database, files, log."""

    def test_every_text_field(self):
        """SOP-12g: in each text field of this addon, written and created, by whoever has all rights."""
        places = text_fields(self.env)
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


class TestLinks(KeptOutCase):
    """Links in what we write ourselves have keys, and a key may have a card's number in it by chance."""

    def test_keys_of_links(self):
        """SOP-12g: a key of letters and digits is none; digits alone are looked into, wherever they are."""
        chance = f"https://shop.example/my/orders/7?access_token=ab{CARD}cd"
        self.assertTrue(self.trip.message_post(body=chance))
        self.assertTrue(self.trip.message_post(body="See /mail/view?token=a1b24539-1578-4016-8036-6aaaaaaaaaaa"))
        for text in (f"https://shop.example/?access_token={CARD}", f"https://shop.example/?note=ab{CARD}cd"):
            with self.assertRaisesRegex(UserError, REFUSED):
                self.trip.message_post(body=text)
