from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import api
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service import model as service
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .shop_common import ShopCase
from .test_complaint_report import PDF, SVG


@tagged("post_install", "-at_install")
class TestCampaign(ShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        leaflets = cls.env["product.product"].create(
            {"name": "Leaflets", "type": "service", "supplier_taxes_id": False}
        )
        cls.company.campaign_product_id = leaflets
        cls.printer = cls.env["res.partner"].create({"name": "Printing house", "email": "print@example.com"})
        cls.campaign = cls._create_campaign()

    @classmethod
    def _create_campaign(cls, user=None, **values):
        values = {
            "name": "Fibre",
            "vendor_id": cls.printer.id,
            "artwork": PDF,
            "artwork_name": "fibre.pdf",
            "quantity": 1000,
            "price": 0.35,
            **values,
        }
        return cls.env["crm.campaign"].with_user(user or cls.service_officer_a).create(values)

    def _print(self, arrived=1000):
        self.campaign.action_request()
        self.campaign.with_user(self.branch_manager_a).action_order()
        self.campaign.received_quantity = arrived
        self.campaign.action_receive()

    def _hand_out(self, quantity, user=None, **values):
        handouts = self.env["crm.campaign.handout"].with_user(user or self.service_officer_a)
        return handouts.create({"campaign_id": self.campaign.id, "quantity": quantity, "place": "Counter", **values})

    def test_printing_order(self):
        """BR-14: the officer requests the print, the manager confirms it, the printer gets the artwork."""
        self.campaign.action_request()
        purchase = self.campaign.sudo().purchase_id
        self.assertEqual((purchase.state, purchase.partner_id), ("draft", self.printer))
        self.assertEqual((purchase.order_line.product_qty, purchase.order_line.price_unit), (1000, 0.35))
        self.campaign.with_user(self.branch_manager_a).action_order()
        self.assertEqual(purchase.state, "purchase")
        message = purchase.message_ids.filtered("attachment_ids")
        self.assertIn(self.printer, message.notified_partner_ids)
        self.assertEqual(message.attachment_ids.name, "fibre.pdf")
        self.campaign.received_quantity = 980
        self.campaign.action_receive()
        self.assertEqual(purchase.order_line.qty_received, 980)

    def test_returned(self):
        """BR-14: the manager returns a bad print with a reason, and its order is void."""
        self.campaign.action_request()
        purchase = self.campaign.sudo().purchase_id
        self.campaign.with_user(self.branch_manager_a)._workflow_do("return", "The logo is the old one")
        self.assertEqual((self.campaign.state, purchase.state), ("draft", "cancel"))
        self.campaign.action_request()
        self.assertNotEqual(self.campaign.sudo().purchase_id, purchase)

    def test_what_must_be_there(self):
        """BR-14: no print without artwork, printer, quantity and price; the artwork is a PDF or a picture."""
        for name in ("artwork", "vendor_id", "quantity", "price"):
            with self.assertRaises(UserError, msg=name):
                self._create_campaign(**{name: False}).action_request()
        with self.assertRaisesRegex(UserError, "only a PDF"):
            self._create_campaign(artwork=SVG)
        with self.assertRaisesRegex(UserError, "only a PDF"):
            self.env["crm.campaign"].with_user(self.service_officer_a).with_context(default_artwork=SVG).create(
                {"name": "x"}
            )
        with self.assertRaisesRegex(UserError, "leaflet that is in force"):
            self._create_campaign(design="headquarters").action_request()
        self.company.campaign_product_id = False
        with self.assertRaisesRegex(UserError, "as which product"):
            self.campaign.action_request()

    def test_headquarters_design(self):
        """BR-14: leaflets of the headquarters' design are those in force."""
        material = self.env["crm.material"].with_user(self.clerk).create({"name": "Spring", "kind": "leaflet"})
        version = self.env["crm.material.version"].create({"material_id": material.id})
        campaign = self._create_campaign(design="headquarters", material_version_id=version.id)
        with self.assertRaisesRegex(UserError, "in force"):
            campaign.action_request()

    def test_who_confirms(self):
        """BR-14: nobody confirms their own print; an officer confirms none; what was requested doesn't change."""
        self.campaign.action_request()
        with self.assertRaises(AccessError):
            self.campaign.action_order()
        self.service_officer_a.group_ids += self.env.ref("crm_branch.group_branch_manager")
        with self.assertRaisesRegex(AccessError, "somebody else"):
            self.campaign.action_order()
        for vals in ({"price": 9}, {"quantity": 5}, {"artwork": PDF + "AAAA"}, {"vendor_id": self.customer.id}):
            with self.assertRaises(UserError, msg=str(vals)):
                self.campaign.write(vals)

    def test_never_more_than_received(self):
        """BR-14: no more leaflets are handed out than have arrived, and none before."""
        with self.assertRaises(UserError) as caught:
            self._hand_out(1)
        self.assertIn("after they have arrived", str(caught.exception))
        self._print(1000)
        self._hand_out(600)
        self._hand_out(400, hired_name="Jan Kowalski", place="Rynek")
        self.assertEqual((self.campaign.handed_out, self.campaign.remaining), (1000, 0))
        with self.assertRaises(UserError) as caught:
            self._hand_out(1)
        self.assertIn("1000 leaflets have arrived, so 1001", str(caught.exception))
        with self.assertRaises(UserError):
            self.campaign.write({"handout_ids": [Command.create({"quantity": 1, "place": "x"})]})

    @mute_logger("odoo.sql_db")
    def test_database_refuses(self):
        """BR-14: not even the database takes more hand-outs than leaflets, nothing, or nobody's."""
        self._print(10)
        self._hand_out(10)
        self.env.flush_all()
        for query in (
            "UPDATE crm_campaign SET handed_out = 11 WHERE id = %s",
            "UPDATE crm_campaign_handout SET quantity = 0 WHERE campaign_id = %s",
            "UPDATE crm_campaign_handout SET user_id = NULL WHERE campaign_id = %s",
        ):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.env.cr.execute(query, [self.campaign.id])

    def test_who_handed_out(self):
        """BR-14: by whom, where and when: staff or a hired person; it isn't changed, a manager deletes a wrong line."""
        self._print()
        handout = self._hand_out(5, hired_name="Jan Kowalski")
        self.assertFalse(handout.user_id)
        self.assertEqual(self._hand_out(5).user_id, self.service_officer_a)
        with self.assertRaises(UserError):
            handout.quantity = 1
        with self.assertRaises(AccessError):
            handout.unlink()
        handout.with_user(self.branch_manager_a).unlink()
        self.assertEqual(self.campaign.handed_out, 5)
        with self.assertRaises(UserError):
            self._hand_out(5, handed_at="2099-01-01 00:00:00")

    def test_leads_and_contracts(self):
        """BR-14: leads and the contracts that come of them are traced to the campaign."""
        utm = self.campaign.utm_campaign_id
        self.assertTrue(utm)
        leads = self._create_lead(campaign_id=utm.id, user_id=self.service_officer_a.id)
        leads += self._create_lead(user_id=self.service_officer_a.id)
        self._consent(self.customer)
        self.env["contract.contract"].with_user(self.service_officer_a).create(
            {"name": "C", "partner_id": self.customer.id, "lead_id": leads[0].id, "branch_id": self.branch_a.id}
        )
        self.campaign.invalidate_recordset()
        self.assertEqual((self.campaign.lead_count, self.campaign.contract_count), (1, 1))
        self.assertEqual(self.env["crm.lead"].search(self.campaign.action_view_leads()["domain"]), leads[0])
        self.assertTrue(self.env["contract.contract"].search(self.campaign.action_view_contracts()["domain"]))

    def test_facts_are_not_typed(self):
        """BR-14: neither order, count nor state is typed."""
        other = self.env["utm.campaign"].create({"title": "Other"})
        for vals in ({"handed_out": 5}, {"purchase_id": 1}, {"utm_campaign_id": other.id}, {"state": "received"}):
            with self.assertRaises(UserError, msg=str(vals)):
                self.campaign.write(vals)
            with self.assertRaises(UserError, msg=str(vals)):
                self._create_campaign(**vals)

    def test_roles_and_branches(self):
        """BR-17: campaigns are the service officers' task, manager and headquarters confirm, others see none."""
        for user in (self.retention_officer_a, self.cashier_a, self.internal, self.portal):
            with self.assertRaises(AccessError, msg=user.login):
                self.campaign.with_user(user).read(["name"])
        for user in (self.retention_officer_a, self.cashier_a, self.branch_manager_a, self.clerk):
            with self.assertRaises(AccessError, msg=user.login):
                self._create_campaign(user)
        for user in (self.branch_manager_a, self.clerk):
            with self.assertRaises(AccessError, msg=user.login):
                self.campaign.with_user(user).name = "Mine"
        for user in (self.service_officer_b, self.branch_manager_b):
            for attack in (
                lambda c: c.read(["name"]),
                lambda c: c.action_request(),
                lambda c: c.action_order(),
                lambda c: c.message_ids.read(["body"]),
            ):
                with self.assertRaises(AccessError, msg=user.login):
                    attack(self.campaign.with_user(user))
        self._print()
        for user in (self.service_officer_b, self.retention_officer_a, self.cashier_a):
            with self.assertRaises(AccessError, msg=user.login):
                self._hand_out(1, user)
        self.assertTrue(self.campaign.with_user(self.clerk).read(["name"]))


@tagged("post_install", "-at_install")
class TestHandoutConcurrency(TransactionCase):
    """Two transactions, each with a connection of its own, hand out the last leaflets."""

    def setUp(self):
        super().setUp()
        self.first, self.second = (self._open() for __ in range(2))
        setup = self._open()
        branch = setup["crm.branch"].search([], limit=1)
        self.campaign = setup["crm.campaign"].create({"name": "Race", "branch_id": branch.id})
        setup.cr.execute(
            "UPDATE crm_campaign SET state = 'received', received_quantity = 100 WHERE id = %s", self.campaign.ids
        )
        setup.cr.commit()
        self.addCleanup(self._delete, setup.cr)

    def _open(self):
        cursor = self.registry.cursor()
        self.addCleanup(cursor.close)
        return api.Environment(cursor, api.SUPERUSER_ID, {})

    def _delete(self, cursor):
        for env in (self.first, self.second):
            env.cr.rollback()
        cursor.rollback()
        cursor.execute("DELETE FROM crm_campaign WHERE id = %s RETURNING utm_campaign_id", self.campaign.ids)
        cursor.execute("DELETE FROM utm_campaign WHERE id = %s", cursor.fetchone())
        cursor.execute("DELETE FROM mail_message WHERE model = 'crm.campaign' AND res_id = %s", self.campaign.ids)
        cursor.commit()

    def _hand_out(self, env):
        env["crm.campaign.handout"].create({"campaign_id": self.campaign.id, "quantity": 60, "place": "Rynek"})
        env.flush_all()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_at_once(self):
        """BR-14: two who hand out 60 of 100 leaflets at once: one is refused, and says how many there are."""
        self.assertEqual(self.campaign.with_env(self.second).handed_out, 0)
        self._hand_out(self.first)
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep"), self.assertRaisesRegex(UserError, "so 120 can't be handed out"):
            service.retrying(lambda: self._hand_out(self.second), self.second)
