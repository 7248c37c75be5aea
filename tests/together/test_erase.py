"""A person who is erased is gone from every addon, but for what the law keeps and what they signed (BR-3)."""

import json
from datetime import date

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_branch.tests import test_person_erase as branch
from odoo.addons.crm_contact_center.tests.common import ContactCenterCase
from odoo.addons.crm_courier.tests.card_common import CardCase
from odoo.addons.crm_h23_followup.tests.booking_common import BookingCase
from odoo.addons.crm_h23_followup.tests.import_common import ImportCase
from odoo.addons.crm_sop_sales.tests.transfer_common import TransferCase
from odoo.addons.crm_whatsapp.tests.common import WhatsappCase

#: Words typed about the person, which don't name them.
CANARY = "KanarekZolty"
PHONE = "+6281298761234"


class EraseCase:
    """Someone of the headquarters, who erases."""

    def _eraser(self):
        values = {"kind": "headquarters", "name": "HQ", "code": "THQ", "tz": "Asia/Jakarta"}
        headquarters = self.env["crm.branch"].search([("kind", "=", "headquarters")], limit=1)
        headquarters = headquarters or self.env["crm.branch"].create(values)
        return (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": "Eraser",
                    "login": "test_eraser",
                    "group_ids": [(4, self.env.ref("crm_branch.group_headquarters").id)],
                    "branch_ids": [(6, 0, headquarters.ids)],
                    "company_id": self.env.company.id,
                    "company_ids": [(6, 0, self.env["res.company"].search([]).ids)],
                }
            )
        )

    def _erase(self, person):
        person.with_user(self.eraser)._erase("Asked for it")
        self.env.invalidate_all()

    def _refused(self, person, words):
        with self.assertRaisesRegex(UserError, words):
            self._erase(person)

    def _no_blockers(self):
        """What is open is tested elsewhere; here is looked at what is left."""
        partners = type(self.env["res.partner"])
        self.patch(partners, "_erase_blockers", lambda partners: [])
        self.patch(partners, "_check_nothing_open", lambda partners: None)

    def _hits(self, *needles):
        self.patch(branch, "NEEDLES", needles)
        return branch.TestPersonErase._hits(self)

    def _tables(self, *needles):
        return {table for table, __, ___ in self._hits(*needles)}

    def _files(self, record, field):
        domain = [("res_model", "=", record._name), ("res_id", "=", record.id), ("res_field", "=", field)]
        return self.env["ir.attachment"].search(domain)


@tagged("post_install", "-at_install")
class TestEraseSales(EraseCase, TransferCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eraser = cls._eraser(cls)
        cls.order = cls._create_transfer_order()
        cls.person = cls.order.sudo().partner_id
        cls.person.write({"name": "Ratna Kusumawardhani", "phone": PHONE, "email": "ratna.k@example.com"})
        cls.proof = cls._create_proof(cls.order.with_env(cls.env), reference=CANARY).sudo()

    def test_waits_for_finance(self):
        """BR-3: while a proof of transfer or a cancellation isn't decided, nothing is erased."""
        self._refused(self.person, "waits for finance")
        self._refused(self.person, "Still open are Sales Orders")
        self._create_form(self.order.with_env(self.env))
        self._refused(self.person, "cancellation isn't decided")

    def test_nothing_is_left(self):
        """BR-3: proofs of transfer, what was refused and why, the locked address go with the person."""
        self._no_blockers()
        lead = self.env["crm.lead"].create({"name": CANARY, "partner_id": self.person.id, "interest": CANARY})
        self.env["crm.lead.product"].create(
            {"lead_id": lead.id, "product_id": self.phone.id, "answer": "refused", "refusal_reason": CANARY}
        )
        self._create_form(self.order.with_env(self.env), note=CANARY)
        self.person.write({"profile_values": CANARY, "profile_preferences": CANARY})
        self.env.flush_all()
        self.assertLessEqual(
            {"crm_transfer_proof", "crm_lead_product", "crm_cancellation", "res_partner"}, self._tables(CANARY)
        )
        self.assertTrue(self._files(self.proof, "file"))
        self._erase(self.person)
        self.assertEqual(self._hits(CANARY, "Kusumawardhani", PHONE, "ratna.k"), [])
        self.assertFalse(self._files(self.proof, "file"))
        self.assertFalse(self.order.sudo().locked_address)
        self.assertTrue(self.proof.exists().amount)


@tagged("post_install", "-at_install")
class TestEraseCourier(EraseCase, CardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eraser = cls._eraser(cls)
        cls.stop = cls._create_card_stop()
        cls.person = cls.stop.partner_id.sudo()
        cls.person.write({"name": "Ratna Kusumawardhani", "phone": PHONE})
        cls.stop.with_user(cls.courier).action_check_rest()
        cls._sign(cls.stop, "draft", name="Ratna Kusumawardhani")
        cls.card = cls._pay(cls.stop, last_four="7391").sudo()
        cls.signature = cls.env["crm.courier.signature"].search([("stop_id", "=", cls.stop.id)])[:1]

    def test_blockers(self):
        """BR-3: while a run isn't closed or a card payment isn't booked, nothing is erased."""
        self._refused(self.person, "isn't closed")

    def test_nothing_is_left_but_what_was_signed(self):
        """BR-3, SOP-12d: ID copies, digits of cards and notes go at once; the signature when the law's time is over."""
        self._no_blockers()
        self.stop._write_facts({"outcome_note": CANARY})
        self.env["crm.courier.entry"].create(
            {
                "uuid": "erase-1",
                "stop_id": self.stop.id,
                "kind": "sign",
                "made_at": fields.Datetime.now(),
                "received_at": fields.Datetime.now(),
                "user_id": self.courier.id,
                "status": "refused",
                "message": f"{CANARY} Ratna Kusumawardhani",
            }
        )
        identity = self.env["crm.courier.identity"].search([("card_id", "=", self.card.id)])
        self.assertTrue(identity.image)
        self._erase(self.person)
        self.assertEqual(self._tables(CANARY, "Kusumawardhani", PHONE), {"crm_courier_signature"})
        self.assertFalse(self.card.last_four or self.card.try_ids.filtered("last_four"))
        self.assertFalse(self._files(identity, "image") or identity.kind)
        self.assertTrue(identity.erased_at)
        self.assertEqual(self.signature.name, "Ratna Kusumawardhani")
        self.assertTrue(self._files(self.signature, "image"))
        self.env["res.partner"]._forget_signed()
        self.assertTrue(self.signature.name)
        self.env.cr.execute("UPDATE crm_courier_signature SET signed_at = %s", [date(2015, 5, 5)])
        self.env.invalidate_all()
        self.env["res.partner"]._forget_signed()
        self.assertEqual(self._hits(CANARY, "Kusumawardhani", PHONE), [])
        self.assertFalse(self._files(self.signature, "image"))


@tagged("post_install", "-at_install")
class TestEraseWhatsapp(EraseCase, WhatsappCase):
    def test_nothing_is_left(self):
        """BR-3: messages, files, wishes and raw events go; what isn't sent stays unsent; other people's stay."""
        self.eraser = self._eraser()
        self.customer.write({"name": "Ratna Kusumawardhani", "phone": PHONE})
        sent, later = self._queue(key="a"), self._queue(key="b")
        other = self._queue(self._create_customers(1), key="a")
        sent._write_fact({"state": "sent", "wamid": f"wamid.{CANARY}", "old_wamids": [CANARY]})
        incoming = self.messages.create(
            {
                "account_id": self.account.id,
                "direction": "incoming",
                "kind": "text",
                "state": "received",
                "phone": PHONE,
                "sender_name": "Ratna Kusumawardhani",
                "body": CANARY,
                "branch_id": self.branch_a.id,
            }
        )
        media = self.env["crm.whatsapp.media"].create(
            {"message_id": incoming.id, "kind": "image", "key": "k", "name": f"{CANARY}.jpg"}
        )
        self.env["crm.whatsapp.consent"]._note(PHONE, "out", "customer", words=CANARY)
        event = self.env["crm.whatsapp.event"].create(
            {
                "account_id": self.account.id,
                "body": json.dumps({"from": PHONE[1:], "text": CANARY}),
                "digest": "erase",
                "received_at": fields.Datetime.now(),
                "state": "new",
            }
        )
        self.env.flush_all()
        self._refused(self.customer, "on its way")
        event.state = "applied"
        self._erase(self.customer)
        self.assertEqual(self._hits(CANARY, "Kusumawardhani", PHONE[1:]), [])
        self.assertEqual((sent.state, later.state, media.state), ("sent", "cancelled", "failed"))
        self.assertEqual(event.body, "{}")
        self.assertTrue(other.phone.startswith("+62") and other.body)


@tagged("post_install", "-at_install")
class TestEraseContacts(EraseCase, ContactCenterCase):
    def test_nothing_is_left(self):
        """BR-3: what was said and noted goes, of chats too, and of calls whose caller nobody knew; figures stay."""
        self._no_blockers()
        self.eraser = self._eraser()
        self.customer.write({"name": "Ratna Kusumawardhani", "phone": PHONE})
        self.env["crm.skill"].search([]).active = False  # whoever is there may answer
        known = self._talk(words=CANARY, caller_name="Ratna Kusumawardhani")
        known._end()
        known._wrap_up(self.purpose, self.outcome, CANARY)
        chat = self._enter(channel="chat", words=CANARY, phone=False)
        unknown = self._enter(partner_id=False, phone=PHONE, caller_name="Kusumawardhani")
        self.assertIn("crm_queue_contact", self._tables(CANARY, "Kusumawardhani", PHONE))
        self._erase(self.customer)
        self.assertEqual(self._hits(CANARY, "Kusumawardhani", PHONE), [])
        self.assertEqual((known.state, len((known | chat | unknown).exists())), ("done", 3))


@tagged("post_install", "-at_install")
class TestEraseFollowup(EraseCase, ImportCase):
    def test_nothing_is_left(self):
        """BR-3: owner, calls, appointments and imported rows go; vehicle and figures stay, nobody follows up."""
        self.eraser = self._eraser()
        owner = {"Nama": "Ratna Kusumawardhani", "No HP": PHONE, "Alamat": f"Jl. {CANARY}", "No Polisi": "D 7391 ZZZ"}
        document = self._upload(self._cdb(self._cdb_row(7, **owner), self._cdb_row(8)))
        document.action_apply()
        vehicle = self.vehicles.search([("frame_number", "=", "MH1JM8110KK100007")])
        self.assertEqual(vehicle.owner_phone, PHONE)
        person = vehicle._ensure_partners()
        vehicle.message_post(body=f"{CANARY}: Ratna Kusumawardhani")
        self.env.flush_all()
        tables = {"crm_vehicle", "crm_vehicle_import_row", "mail_message", "res_partner"}
        self.assertLessEqual(tables, self._tables(CANARY, "Kusumawardhani"))
        self._erase(person)
        self.assertEqual(self._hits(CANARY, "Kusumawardhani", PHONE, "7391ZZZ"), [])
        self.assertTrue(vehicle.follow_up_stopped)
        self.assertEqual((vehicle.frame_number, vehicle.partner_id), ("MH1JM8110KK100007", person))
        self.assertFalse(self._files(document, "file"))
        other = self.vehicles.search([("frame_number", "=", "MH1JM8110KK100008")])
        self.assertEqual((other.owner_name, document.row_ids.filtered("owner_name").owner_name), ("Owner 8",) * 2)

    def test_blockers(self):
        """BR-3: while an import that names the owner isn't finished, nothing is erased."""
        self.eraser = self._eraser()
        self.vehicle.write({"owner_phone": PHONE})
        person = self.vehicle._ensure_partners()
        document = self._upload(self._cdb(self._cdb_row(9, **{"No HP": PHONE})))
        self._refused(person, "isn't finished")
        document.action_cancel()
        self._erase(person)


@tagged("post_install", "-at_install")
class TestEraseBooking(EraseCase, BookingCase):
    def test_nothing_is_left(self):
        """BR-3: an appointment at home that is to come is a reason to wait; then who was visited, and where, goes."""
        self.eraser = self._eraser()
        vehicle = self.case.vehicle_id.sudo().with_env(self.env)
        vehicle.write({"owner_name": "Ratna Kusumawardhani", "owner_phone": PHONE, "owner_street": CANARY})
        person = vehicle._ensure_partners()
        times = {**self._time(kind="home"), "street": CANARY, "city": "Bandung", "note": CANARY}
        booking = self._book(**times).sudo().with_env(self.env)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_followup SET feedback = %s, reply = %s WHERE vehicle_id = %s", [CANARY, CANARY, vehicle.id]
        )
        self.env.invalidate_all()
        self._refused(person, "A service is booked")
        self.patch(type(self.env["res.partner"]), "_erase_blockers", lambda partners: [])
        self.assertLessEqual({"crm_service_booking", "crm_followup"}, self._tables(CANARY))
        self._erase(person)
        self.assertEqual(self._hits(CANARY, "Kusumawardhani", PHONE), [])
        self.assertTrue(booking.exists().day)
