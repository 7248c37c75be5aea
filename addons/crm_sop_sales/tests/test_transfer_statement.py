from odoo.exceptions import AccessError, UserError

from .transfer_common import TransferCase, statement


class TestTransferStatement(TransferCase):
    """The banks' own files, and the orders that their lines may pay."""

    def _rename(self, order, name):
        order.sudo().name = name
        return order

    def test_the_personal_file_of_bca(self):
        """SOP-11d: apostrophes, a column without name, and a pending row that is counted and not taken."""
        lines = self._import(self.bca, "bca_personal")
        self.assertEqual(
            [(str(line.date), line.amount) for line in lines.sorted(lambda line: (line.date, line.amount))],
            [("2026-11-02", -72_100_000), ("2026-11-02", 3_150_000), ("2026-11-03", 1_999_000)],
        )
        self.assertIn("skipped: 1.", self.imported["params"]["message"])

    def test_the_business_file_of_bca(self):
        """SOP-11d: the amount and what it means are in one field, with commas or without."""
        lines = self._import(self.bca, "bca_business")
        self.assertEqual(sorted(lines.mapped("amount")), [-72_100_000, 3_150_000, 5_499_000])

    def test_the_file_of_mandiri(self):
        """SOP-11d: two columns of one name, years of two digits, the bank's own debit and credit."""
        lines = self._import(self.mandiri, "mandiri")
        self.assertEqual(sorted(lines.mapped("amount")), [-2_500_000, 2_749_000, 5_499_000])
        self.assertEqual({str(day) for day in lines.mapped("date")}, {"2026-11-02", "2026-11-03"})
        line = lines.filtered(lambda line: line.amount == 2_749_000)
        self.assertIn("S00043", line.payment_ref)
        self.assertIn("ANDI WIJAYA", line.payment_ref)

    def test_twice_makes_nothing_new(self):
        """SOP-11d: neither the same file, nor the lines that two files share."""
        for journal, name in ((self.mandiri, "mandiri"), (self.bca, "bca_business")):
            lines = self._import(journal, name)
            with self.assertRaisesRegex(UserError, "already imported"):
                self._import(journal, name)
            self.assertEqual(len(lines), 3)
        longer = statement("bca_business") + b'04/11/2026,"SETORAN","0000","10,000.00 CR"\n' * 2
        self.assertEqual(self._import(self.bca, "bca_business", content=longer).mapped("amount"), [10_000, 10_000])

    def test_a_pending_row_comes_later(self):
        """SOP-11d: once the bank has booked it, and the rest isn't doubled."""
        self._import(self.bca, "bca_personal")
        with self.assertRaisesRegex(UserError, "pending .* skipped: 1"):
            self._import(self.bca, "bca_personal")
        booked = statement("bca_personal").replace(b"'PEND", b"'03/11/2026")
        self.assertEqual(self._import(self.bca, "bca_personal", content=booked).amount, 5_499_000)

    def test_a_file_of_another_account(self):
        """SOP-11d: isn't taken into this one's books; nor one of another bank, nor without a sign."""
        other = statement("mandiri").replace(b"0060001234567,", b"0060009999999,")
        with self.assertRaisesRegex(UserError, "0060009999999"):
            self._import(self.mandiri, "mandiri", content=other)
        with self.assertRaisesRegex(UserError, "a file of Mandiri, but you chose BCA"):
            self._import(self.bca, "bca_business", content=statement("mandiri"))
        unmarked = statement("bca_business").replace(b"5499000.00 CR", b"5499000.00")
        with self.assertRaisesRegex(UserError, "neither DB nor CR"):
            self._import(self.bca, "bca_business", content=unmarked)

    def test_only_finance_imports(self):
        """SOP-11d: officers, managers and logistics don't."""
        for user in (self.officer, self.manager, self.logistics):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._import(self.bca, "bca_business", user=user)

    def test_card_numbers_in_the_bank_s_text(self):
        """SOP-12g: a card's number in it is masked, other long numbers are the bank's."""
        content = statement("bca_business").replace(b"SITI RAHMA", b"SITI RAHMA 4111111111111111")
        lines = self._import(self.bca, "bca_business", content=content)
        text = " ".join(lines.mapped("payment_ref"))
        self.assertNotIn("4111111111111111", text)
        self.assertIn("1208200008500", text)

    # === PROPOSALS === #

    def test_orders_are_proposed_by_number_amount_and_name(self):
        """SOP-11d: the number says most, then the amount with the name; why is said."""
        self.partner.name = "Budi Santoso"
        number = self._rename(self._create_transfer_order(price=3_150_000), "S00042")
        amount = self._create_transfer_order(price=5_499_000, partner_id=self._create_customer("Siti Rahmawati").id)
        self._create_transfer_order(price=777_000, partner_id=self._create_customer("Nobody").id)
        self._import(self.bca, "bca_business")
        first, second = self._review(journal_id=self.bca.id).sorted("amount")
        self.assertEqual((first.order_id, first.verdict, first.score), (number, "exact", 100))
        self.assertEqual((second.order_id, second.verdict, second.score), (amount, "exact", 45))
        self.assertEqual(second.reasons, "Amount, Name")

    def test_short_surplus_ambiguous_and_unknown(self):
        """SOP-11d: each is said, and none is confirmed at a click."""
        short = self._rename(self._create_transfer_order(price=3_200_000), "S00042")
        self._create_transfer_order(price=5_499_000)
        self._create_transfer_order(price=5_499_000)
        self._import(self.bca, "bca_business")
        self._import(self.mandiri, "mandiri")
        rows = {(row.journal_id, row.amount): row for row in self._review()}
        self.assertEqual(rows[self.bca, 3_150_000].verdict, "short")
        self.assertEqual(rows[self.bca, 3_150_000].difference, -50_000)
        self.assertEqual(rows[self.bca, 5_499_000].verdict, "ambiguous")
        self.assertFalse(rows[self.bca, 5_499_000].order_id)
        self.assertEqual(rows[self.mandiri, 2_749_000].verdict, "unknown")
        action = rows[self.bca, 3_150_000].action_confirm()
        self.assertEqual(action["res_model"], "crm.transfer.confirm")
        self.assertEqual(short.transfer_received, 0)

    def test_the_number_of_queries_doesnt_grow(self):
        """SOP-11d: proposals are found for all lines at once."""
        self._create_transfer_order(price=10_000)
        rows = b"".join(b'04/11/2026,"SETORAN %d","0000","10,000.00 CR"\n' % number for number in range(40))
        lines = self._import(self.bca, "bca_business", content=statement("bca_business") + rows)
        proposals = self.env["crm.transfer.proposal"].sudo()
        proposals._propose(lines)
        with self.assertQueryCount(2):
            proposals._propose(lines)
        self.assertEqual(len(lines.proposal_ids), 40)

    # === CONFIRMING === #

    def test_an_exact_line_is_confirmed_at_a_click(self):
        """SOP-11d: payment, promise and reconciled line in one step, and the row is gone."""
        order = self._rename(self._create_transfer_order(price=3_150_000), "S00042")
        self._import(self.bca, "bca_business")
        row = self._review(order_id=order.id)
        row.action_confirm()
        self.assertEqual(order.transfer_state, "received")
        line = row.line_id.sudo()
        self.assertTrue(line.is_reconciled)
        self.assertEqual(line.transfer_order_id, order)
        self.assertEqual((order.sudo().payment_ids.is_matched, order.sudo().payment_ids.state), (True, "paid"))
        self.assertFalse(self._review(order_id=order.id))
        with self.assertRaisesRegex(UserError, "settled this transfer already"):
            row.action_confirm()

    def test_a_line_confirms_the_proof_that_waits(self):
        """SOP-11d: line and proof are one row and become one payment."""
        order = self._rename(self._create_transfer_order(price=3_150_000), "S00042")
        proof = self._create_proof(order, bank_account_id=self.bca.bank_account_id.id)
        self._import(self.bca, "bca_business")
        row = self._review(order_id=order.id)
        self.assertEqual((len(row), row.proof_id), (1, proof))
        row.action_confirm()
        self.assertEqual(proof.state, "confirmed")
        self.assertEqual(order.sudo().payment_ids, proof.sudo().payment_id)

    def test_a_line_meets_what_was_confirmed_before(self):
        """SOP-11d: the bank's line of a confirmed proof isn't a second payment."""
        order = self._rename(self._create_transfer_order(price=3_150_000), "S00042")
        payment = self._confirm(self._create_proof(order), journal_id=self.bca.id)
        self._import(self.bca, "bca_business")
        row = self._review(order_id=order.id)
        self.assertEqual((row.verdict, row.payment_id), ("met", payment))
        row.action_confirm()
        self.assertEqual(order.sudo().payment_ids, payment)
        self.assertTrue(row.line_id.sudo().is_reconciled)
        self.assertEqual(order.transfer_received, 3_150_000)
        outstanding = payment.outstanding_account_id
        items = self.env["account.move.line"].search([("account_id", "=", outstanding.id)])
        self.assertEqual(sum(items.mapped("balance")), 0)

    def test_a_surplus_line_asks(self):
        """SOP-11d: what is too much needs a choice in the dialog; the bank's amount isn't changed there."""
        order = self._rename(self._create_transfer_order(price=3_000_000), "S00042")
        self._import(self.bca, "bca_business")
        row = self._review(order_id=order.id)
        self.assertEqual(row.verdict, "surplus")
        wizard = self.env["crm.transfer.confirm"].with_user(self.accountant)
        wizard = wizard.with_context(**row.action_confirm()["context"]).create({})
        with self.assertRaisesRegex(UserError, "refunded or kept"):
            wizard.action_confirm()
        wizard.write({"surplus_choice": "credit", "amount": 1})
        wizard.action_confirm()
        self.assertEqual((order.transfer_received, order.transfer_surplus), (3_150_000, 150_000))

    def test_not_ours_leaves_the_list(self):
        """SOP-11d: and the books as they are; others than finance can't."""
        self._import(self.mandiri, "mandiri")
        rows = self._review(journal_id=self.mandiri.id)
        line = rows[0].line_id.sudo()
        rows[0].action_not_ours()
        self.assertEqual(self._review(journal_id=self.mandiri.id), rows[1:])
        self.assertFalse(line.is_reconciled)
        with self.assertRaises(AccessError):
            line.with_user(self.officer).action_put_back()
        line.with_user(self.accountant).action_put_back()
        self.assertEqual(self._review(journal_id=self.mandiri.id), rows)
        rows[0].action_not_ours()
        for user in (self.officer, self.manager, self.logistics):
            for method in ("action_confirm", "action_not_ours"):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    getattr(rows[1].with_user(user), method)()
        with self.assertRaises(AccessError):
            rows[1].line_id.with_user(self.accountant).write({"is_not_ours": True})
