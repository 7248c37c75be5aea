from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestOfficeMasters(ComplaintCase):
    """Customers, products and users are merged and archived; nothing that hangs on them is lost (SOP-G2, SOP-G3)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_units(cls.phone, 4)
        cls.partner.email = "rina@example.com"
        cls.twin = cls._create_customer("Rina K.", email="rina@example.com", phone="+62 812 9000 7001")
        creator = cls.env.ref("base.group_partner_manager")
        for user in (cls.officer, cls.manager):
            user.group_ids += creator

    # === MERGING === #

    def _merge(self, user, *partners):
        """Merge into the last one, as the dialog does."""
        wizard = (
            self.env["base.partner.merge.automatic.wizard"]
            .with_user(user)
            .create({"dst_partner_id": partners[-1].id, "partner_ids": [partner.id for partner in partners]})
        )
        wizard.action_merge()

    def test_merge_moves_everything(self):
        """SOP-T2, SOP-E2: order, complaint and contact follow the merged customer, and stay what they were."""
        order = self._create_approved(partner_id=self.twin.id)
        total, lock = order.amount_total, order.price_locked_at
        complaint = self._create_registered(partner_id=self.twin.id)
        contact = self._log(partner_id=self.twin.id, outcome_id=self.outcome.id)
        contact.action_close()
        self._merge(self.manager, self.twin, self.partner)
        self.assertFalse(self.twin.exists())
        self.assertEqual((order | order).partner_id | complaint.partner_id | contact.partner_id, self.partner)
        self.assertEqual((order.amount_total, order.price_locked_at), (total, lock))
        self.assertEqual((order.approval_state, complaint.complaint_state), ("approved", "registered"))
        self.assertEqual((contact.state, contact.phone), ("done", "+6281290007001"))
        self.assertIn("Rina K.", "".join(self.partner.message_ids.mapped("body")))
        order.action_confirm()
        self._deliver(order)
        self.assertEqual(order.delivery_call_ids.partner_id, self.partner)

    def test_merge_of_told(self):
        """SOP-T6: who was told of a promotion under two names was told once, at the first time; nothing fails."""
        program = self.env["loyalty.program"].create({"name": "Phone Week", "program_type": "promotion"})
        told = self.env["crm.promotion.told"]
        first = told.with_user(self.officer)._tell(program, self.twin)
        told.with_user(self.other_officer)._tell(program, self.partner)
        self._merge(self.manager, self.twin, self.partner)
        kept = told.search([("program_id", "=", program.id)])
        self.assertEqual((kept, kept.partner_id, kept.user_id), (first, self.partner, self.officer))

    def test_merge_by_officer(self):
        """SOP-G1, SOP-4a: an officer doesn't change by merging who bought, called or complained."""
        self._create_approved(partner_id=self.twin.id)
        with self.assertRaises(AccessError):
            self._merge(self.officer, self.twin, self.partner)
        one, two = (self._create_customer(name, email="x@example.com") for name in ("Dewi", "Dewi L."))
        self._merge(self.officer, one, two)
        self.assertFalse(one.exists())

    # === ARCHIVING === #

    def test_customer_with_open_business(self):
        """SOP-G2, SOP-G3: a customer isn't archived while an order, a complaint or a contact of theirs is open."""
        order = self._create_approved(partner_id=self.twin.id)
        complaint = self._create_registered(partner_id=self._create_customer("Dewi").id)
        contact = self._log(partner_id=self._create_customer("Hendra").id)
        for document in (order, complaint, contact):
            customer = document.partner_id.sudo()
            for user in (self.officer, self.manager, self.env.user):
                with self.subTest(model=document._name, user=user.login), self.assertRaises(UserError):
                    customer.with_user(user).action_archive()
            self.assertTrue(customer.active)
        self._cancel(order)
        self.twin.action_archive()
        self.assertFalse(self.twin.active)
        self.twin.action_unarchive()

    def test_archived_product(self):
        """SOP-4a, SOP-4b: an order goes its way with a product that is sold no more, at its price, with its units."""
        order = self._create_approved()
        price, units = order.amount_total, order.hold_ids.lot_id
        self.phone.product_tmpl_id.action_archive()
        order.action_confirm()
        self._deliver(order)
        self.assertEqual(order.picking_ids.move_line_ids.lot_id, units)
        self.assertEqual((order.amount_total, order.delivery_call_state), (price, "to_call"))
        invoice = order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_total, price)
        self.assertIn(units.name, str(invoice._get_invoiced_lot_values()))

    def test_archived_product_is_not_sold(self):
        """SOP-3c1: what was archived since the quotation is still checked; complaints about it are taken."""
        unit, _order = self._sell()
        self.imei_phone.action_archive()
        complaint = self._create_registered(imei=unit.name, product_name=False, shop_name=False)
        self.assertEqual(complaint.product_id, self.imei_phone)

    def test_owner_leaves(self):
        """SOP-G3: the complaints of an officer who leaves get another owner of their branch, and are closed as ever."""
        complaint = self._create_solved()
        colleague = self._create_user("colleague", "crm_base.group_officer")
        self.shop.user_ids += colleague
        self.officer.action_archive()
        self.assertEqual(complaint.sudo().user_id, colleague)
        theirs = complaint.with_user(colleague)
        contact = theirs.follow_up_id
        contact.outcome_id = self.satisfied
        contact.action_close()
        self.assertEqual(theirs.complaint_state, "closed")

    def test_last_officer_leaves(self):
        """SOP-G3: where nobody is left in the branch, the complaint stays, with its owner's name, for headquarters."""
        complaint = self._create_registered()
        self.officer.action_archive()
        self.assertEqual(complaint.sudo().user_id, self.officer)
        self.assertIn(complaint, self.tickets.with_user(self.manager).search([]))
        self.officer.action_unarchive()

    def test_complaint_is_not_archived(self):
        """SOP-G3: a complaint isn't hidden: who doesn't want it cancels it, with a reason."""
        for complaint in (self._create_complaint(), self._create_registered()):
            for user in (self.officer, self.manager):
                with self.subTest(user=user.login, state=complaint.complaint_state), self.assertRaises(UserError):
                    complaint.with_user(user).write({"active": False})
                with self.assertRaises(UserError):
                    complaint.with_user(user).action_archive()
        self.assertTrue(self._create_complaint(active=False).active)

    # === MAIL === #

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_mail(self):
        """SOP-2d, SOP-E2: a mail to the complaints' address is a new complaint of its writer; it forges nothing."""
        domain = self.env["mail.alias.domain"].search([], limit=1) or self.env["mail.alias.domain"].create(
            {"name": "example.com"}
        )
        self.team.write({"alias_name": "keluhan", "alias_domain_id": domain.id})
        self.team.alias_id.alias_contact = "everyone"
        mail = (
            "From: Rina <rina@example.com>\nTo: keluhan@{domain}\nSubject: {subject}\nMessage-ID: <{number}@x>\n"
            "In-Reply-To: {parent}\nX-Odoo-Objects: helpdesk.ticket-1\nContent-Type: text/plain\n\n{body}\n"
        )

        def receive(number, subject, body, parent=""):
            values = {"number": number, "subject": subject, "body": body, "parent": parent, "domain": domain.name}
            return self.env["mail.thread"].message_process("helpdesk.ticket", mail.format(**values))

        ticket = self.env["helpdesk.ticket"].browse(receive("one", "My phone is dead", "complaint_state: closed"))
        self.assertTrue(ticket.is_complaint)
        self.assertEqual((ticket.complaint_state, ticket.branch_id), ("new", self.headquarters))
        self.assertIn(ticket.partner_id, self.partner | self.twin)
        complaint = self._create_solved()
        message = complaint.message_post(body="Repaired.", message_type="comment", subtype_xmlid="mail.mt_comment")
        answer = receive("two", "Re: it", "I am satisfied, close it", message.message_id)
        self.assertEqual((answer, complaint.complaint_state), (complaint.id, "solved"))
        self.assertIn("I am satisfied", "".join(complaint.sudo().message_ids.mapped("body")))
