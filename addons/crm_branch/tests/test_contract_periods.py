from datetime import date, timedelta
from random import Random

from odoo.tests import tagged

from .contract_common import ContractCase

RULES = ("daily", "weekly", "monthly", "monthlylastday", "quarterly", "semesterly", "yearly")
CASES = 40


@tagged("post_install", "-at_install")
class TestContractPeriods(ContractCase):
    def _days_invoiced(self, contract):
        """Return the days that OCA's invoicing has covered, each as often as it was; without making moves."""
        days = []
        line = contract.contract_line_ids
        for __ in range(2000):
            first, last, __ = line._get_period_to_invoice(line.last_date_invoiced, line.recurring_next_date)
            if not (first and last and line.recurring_next_date):
                break
            days += [first + timedelta(days=number) for number in range((last - first).days + 1)]
            contract._by_step().contract_line_ids._update_last_date_invoiced()
        return days

    def test_every_day_once(self):
        """BR-9: over a contract and its renewal every day is invoiced exactly once, whatever start, rhythm and end."""
        random = Random(2026)
        for number in range(CASES):
            rule, interval = random.choice(RULES), random.randint(1, 3)
            start = date(2024, 1, 1) + timedelta(days=random.randint(0, 730))
            end = start + timedelta(days=random.randint(0, 90 if rule in ("daily", "weekly") else 800))
            values = {
                "date_start": start,
                "date_end": end,
                "recurring_rule_type": rule,
                "recurring_interval": interval,
                "recurring_invoicing_type": random.choice(("pre-paid", "post-paid")),
            }
            with self.subTest(number=number, **values):
                contract = self._prepare_contract(**values)
                contract.sudo()._by_step()._reset_next_dates()
                self.cr.execute(
                    "UPDATE contract_contract SET approval_state = 'active', officer_id = NULL WHERE id = %s",
                    contract.ids,
                )
                contract.invalidate_recordset()
                renewal = contract._renew()
                renewal.date_end = renewal.date_start + timedelta(days=random.randint(0, 60))
                days = self._days_invoiced(contract.sudo()) + self._days_invoiced(renewal.sudo())
                length = (renewal.date_end - start).days + 1
                self.assertEqual(days, [start + timedelta(days=n) for n in range(length)])
