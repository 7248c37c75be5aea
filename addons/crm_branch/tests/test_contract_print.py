from odoo.tests import tagged

from .contract_common import ContractCase


@tagged("post_install", "-at_install")
class TestContractPrint(ContractCase):
    """The paper that the customer gets (BR-4)."""

    def test_how_often_in_words(self):
        """BR-4: the contract says in words how often and when it is invoiced, without plurals in brackets."""
        contract = self._prepare_contract()
        for rule, interval, paid, words in (
            ("monthly", 1, "pre-paid", "It is invoiced every month, in advance."),
            ("monthly", 2, "post-paid", "It is invoiced every 2 months, at the end of the period."),
            ("quarterly", 1, "pre-paid", "It is invoiced every 3 months, in advance."),
            ("yearly", 1, "pre-paid", "It is invoiced every 12 months, in advance."),
            ("weekly", 1, "pre-paid", "It is invoiced every week, in advance."),
            ("daily", 10, "pre-paid", "It is invoiced every 10 days, in advance."),
        ):
            contract.write(
                {"recurring_rule_type": rule, "recurring_interval": interval, "recurring_invoicing_type": paid}
            )
            self.assertEqual(contract._invoicing_words(), words)
        html = self.env["ir.actions.report"]._render_qweb_html("crm_branch.report_contract", contract.ids)[0].decode()
        self.assertIn("It is invoiced every 10 days, in advance.", " ".join(html.split()))
