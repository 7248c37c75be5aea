from odoo import api, models


class CrmCashSession(models.Model):
    """What the cashier's screen shows."""

    _inherit = "crm.cash.session"

    @api.model
    def action_screen(self):
        """Return the cashier's desk as it is now.

        :return: dict ``session`` (or False), ``desks`` that can be opened, ``pieces`` (notes and coins), ``payments``
            of the session, newest first, and ``moves``
        :raise AccessError: the user is no cashier
        """
        self.env["crm.cash.desk"]._check_cashier()
        session = self.search([("user_id", "=", self.env.uid), ("state", "in", ("opened", "counting"))], limit=1)
        desks = session.desk_id or self.env["crm.cash.desk"].search([("branch_id.user_ids", "in", self.env.uid)])
        return {
            "session": session._screen_session() if session else False,
            "desks": [desk._screen_desk() for desk in desks],
            "pieces": self._screen_pieces(desks.sudo().currency_id),
            "payments": [payment._screen_payment() for payment in session.payment_ids],
            "moves": [move._screen_move() for move in session.move_ids],
        }

    def _screen_session(self):
        return {
            "id": self.id,
            "name": self.display_name,
            "desk": self.desk_id.name,
            "state": self.state,
            "is_overdue": self.is_overdue,
            "currency": self.currency_id.id,
            "unit": self.env["crm.cash.desk"]._unit(self.currency_id),
            "expected": self.expected,
            "opening": self.opening_counted,
            "paid": self.payment_amount,
            "count": self.payment_count,
            "moved_in": self.moved_in,
            "moved_out": self.moved_out,
        }

    @api.model
    def _screen_pieces(self, currencies):
        pieces = self.env["crm.cash.denomination"].search([("currency_id", "in", currencies.ids)])
        return [
            {"id": piece.id, "currency": piece.currency_id.id, "value": piece.value, "kind": piece.kind}
            for piece in pieces
        ]
