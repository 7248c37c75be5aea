import base64
from unittest.mock import patch

from odoo import api, fields
from odoo.api import SUPERUSER_ID
from odoo.exceptions import LockError, UserError
from odoo.fields import Command
from odoo.service import model as service
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .transfer_common import PDF

#: What of the books, and of the papers beside them, is of these orders, moves, lines and proofs.
DELETE = (
    """DELETE FROM account_partial_reconcile
        WHERE debit_move_id IN (SELECT id FROM account_move_line WHERE move_id = ANY(%(moves)s))""",
    "DELETE FROM account_bank_statement_line WHERE id = ANY(%(lines)s)",
    "DELETE FROM crm_transfer_proof WHERE id = ANY(%(proofs)s)",
    "DELETE FROM account_payment WHERE order_id = ANY(%(orders)s)",
    "DELETE FROM account_move WHERE id = ANY(%(moves)s)",
    "DELETE FROM sale_order_line WHERE order_id = ANY(%(orders)s)",
    "DELETE FROM sale_order WHERE id = ANY(%(orders)s)",
    "DELETE FROM crm_workflow_log WHERE res_model = 'crm.transfer.proof' AND res_id = ANY(%(proofs)s)",
    "DELETE FROM ir_attachment WHERE res_model = 'crm.transfer.proof' AND res_id = ANY(%(proofs)s)",
    "DELETE FROM mail_activity WHERE res_model = 'sale.order' AND res_id = ANY(%(orders)s)",
    "DELETE FROM mail_followers WHERE res_model = 'sale.order' AND res_id = ANY(%(orders)s)",
    "DELETE FROM mail_message WHERE model = 'sale.order' AND res_id = ANY(%(orders)s)",
    "DELETE FROM mail_message WHERE model = 'crm.transfer.proof' AND res_id = ANY(%(proofs)s)",
    "DELETE FROM mail_message WHERE model = 'account.move' AND res_id = ANY(%(moves)s)",
)


@tagged("post_install", "-at_install")
class TestTransferConcurrency(TransactionCase):
    """Two of finance, each with a connection of their own, confirm the same money at once: it is booked once."""

    def setUp(self):
        super().setUp()
        self.first, self.second, self.third = (self._open(self.env.ref("base.user_admin").id) for __ in range(3))
        self.setup = self._open(SUPERUSER_ID)
        self._create()
        self.setup.cr.commit()
        self.addCleanup(self._delete)

    def _open(self, user):
        cursor = self.registry.cursor()
        self.addCleanup(cursor.close)
        return api.Environment(cursor, user, {})

    def _create(self):
        """Have two orders for the same amount, a proof of one, and the bank's line."""
        env = self.setup
        self.journal = env["account.journal"].create(
            {"name": "Race", "code": "RACE", "type": "bank", "bank_acc_number": "777000777", "is_for_transfers": True}
        )
        self.account = self.journal.bank_account_id
        self.partner = env["res.partner"].create({"name": "Race"})
        self.product = env["product.product"].create({"name": "Race", "type": "service", "taxes_id": False})
        line = {"product_id": self.product.id, "price_unit": 500.0}
        self.orders = env["sale.order"].create(
            [
                {
                    "partner_id": self.partner.id,
                    "payment_choice": "transfer",
                    "transfer_account_id": self.account.id,
                    "order_line": [Command.create(line)],
                }
                for __ in range(2)
            ]
        )
        self.amount = self.orders[0].amount_total
        self.proof = env["crm.transfer.proof"].create(
            {
                "order_id": self.orders[0].id,
                "bank_account_id": self.account.id,
                "amount": self.amount,
                "file": base64.b64encode(PDF + b"race"),
                "file_name": "race.pdf",
            }
        )
        self.line = env["account.bank.statement.line"].create(
            {"journal_id": self.journal.id, "payment_ref": "race", "amount": self.amount}
        )

    def _delete(self):
        for env in (self.first, self.second, self.third, self.setup):
            env.cr.rollback()
        env = self.setup
        env.invalidate_all()
        payments = env["account.payment"].search([("order_id", "in", self.orders.ids)])
        ids = {
            "orders": self.orders.ids,
            "proofs": self.proof.ids,
            "lines": self.line.ids,
            "moves": (payments.move_id | self.line.move_id).ids,
        }
        for statement in DELETE:
            env.cr.execute(statement, ids)
        env.invalidate_all()
        own_account = self.journal.default_account_id
        self.journal.unlink()
        env.cr.execute("DELETE FROM res_partner_bank WHERE id = %s", self.account.ids)
        own_account.unlink()
        self.product.product_tmpl_id.unlink()
        self.partner.unlink()
        env.cr.commit()

    # === WHAT THEY DO === #

    def _by_proof(self, env):
        return self.proof.with_env(env)._confirm(self.amount, fields.Date.today(), self.journal.with_env(env))

    def _by_line(self, env, order=0):
        line = self.line.with_env(env)
        order = self.orders[order].with_env(env)
        return env["crm.transfer.confirm"]._settle(order, line.amount, line.date, line.journal_id, None, line=line)

    def _payments(self):
        self.third.cr.rollback()
        self.third.invalidate_all()
        return self.third["account.payment"].search([("order_id", "in", self.orders.ids)])

    def _race(self, one, other, refusal):
        """Let the second begin before the first has ended, try in between, and be repeated by the server after it."""
        self.assertEqual(self.proof.with_env(self.second).state, "received")  # what they saw on the screen
        one(self.first)
        with self.assertRaises(LockError), self.second.cr.savepoint():
            other(self.second)
        self.first.cr.commit()
        with patch("odoo.service.model.time.sleep"), self.assertRaisesRegex(UserError, refusal):
            service.retrying(lambda: other(self.second), self.second)
        payment = self._payments()
        self.assertEqual((len(payment), payment.amount), (1, self.amount))
        return payment

    # === TESTS === #

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_same_proof(self):
        """SOP-11c: one payment; the second is told that it is confirmed."""
        payment = self._race(self._by_proof, self._by_proof, "is “Confirmed”")
        self.assertEqual(self.proof.with_env(self.third).payment_id, payment)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_same_line(self):
        """SOP-11d: one payment, reconciled with the line; the second is told that it is settled."""
        payment = self._race(self._by_line, self._by_line, "settled already")
        line = self.line.with_env(self.third)
        self.assertEqual((line.is_reconciled, line.transfer_order_id), (True, payment.order_id))
        self.assertTrue(payment.is_matched)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_same_line_for_two_orders(self):
        """SOP-11d: the money of one line doesn't pay two orders."""
        payment = self._race(self._by_line, lambda env: self._by_line(env, order=1), "settled already")
        self.assertEqual(payment.order_id, self.orders[0].with_env(self.third))
