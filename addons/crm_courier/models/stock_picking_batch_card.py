from odoo import models

from odoo.addons.crm_sop_sales.card_number import mask_card_numbers


class StockPickingBatch(models.Model):
    """What has to be known before a courier leaves for customers who pay by card, and what is booked after (SOP-12)."""

    _inherit = "stock.picking.batch"

    def action_scan(self, code):
        """Override: a card that is held before the scanner isn't shown (SOP-12g)."""
        result = super().action_scan(code)
        return {**result, "message": mask_card_numbers(result["message"])}

    def _step_problems(self, step):
        """Override: card payments are prepared before the run leaves (SOP-12a, SOP-12b)."""
        problems = super()._step_problems(step)
        if step in ("load", "leave"):
            problems += self._card_problems()
        return problems

    def _card_problems(self):
        stops = self.sudo().stop_ids.filtered(lambda stop: stop._is_paid_by_card())
        problems = [problem for stop in stops for problem in stop.order_id._card_problems(stop.to_collect)]
        for company in stops.company_id.filtered(lambda company: not company.courier_card_journal_id):
            problems.append(self.with_company(company)._no_card_journal())
        return problems

    def _no_card_journal(self):
        return self.env._(
            "There is no journal for card payments: an administrator chooses one in the settings of deliveries."
        )

    def _before_transition(self, transition):
        if transition.name == "close":
            self.stop_ids._book_cash()
        return super()._before_transition(transition)

    def _after_transition(self, transition):
        if transition.name == "hand_over":
            self.stop_ids._book_cash()
        return super()._after_transition(transition)

    def _forget_count(self):
        """Override: what was booked by that count goes with it."""
        self.stop_ids._unbook_cash()
        return super()._forget_count()
