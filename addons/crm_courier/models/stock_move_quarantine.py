from odoo import models
from odoo.exceptions import UserError

from odoo.addons.crm_sop_sales.models.sale_order import APPROVERS

from .crm_courier_facts import STEP

#: Where goods are ours to sell, or gone to somebody.
USABLE = ("internal", "customer", "transit", "production")


class StockMove(models.Model):
    """What is damaged stays in quarantine, and its replacement waits for the exchange (SOP-8b, SOP-9)."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        """Override, through which every path of moving goods comes."""
        lines = self.env["crm.courier.replacement.line"].sudo()
        exchanged = lines.search([("exchange_move_id", "in", self.ids)])
        exchanged.replacement_id._check_exchangeable()
        if self.env.context.get("crm_courier_step") is not STEP or exchanged:
            self._check_quarantine(exchanged.exchange_move_id)
        self._check_exchanged_first()
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        exchanged.replacement_id.with_env(self.env)._note_exchange()
        moves._settle_replacements()
        return moves

    def _action_cancel(self):
        """Override: damaged goods are taken in; only a manager says that they won't come."""
        lines = self.env["crm.courier.replacement.line"].sudo()
        exchanged = lines.search([("exchange_move_id", "in", self.filtered(lambda m: m.state != "done").ids)])
        if exchanged and not any(self.env.user.has_group(group) for group in APPROVERS):
            raise UserError(
                self.env._(
                    "%s is damaged and comes back: take it in. Only a manager gives it up.",
                    ", ".join(exchanged.mapped("imei_text")),
                )
            )
        result = super()._action_cancel()
        exchanged.replacement_id.with_env(self.env)._note_exchange()
        return result

    # === CHECKS === #

    def _check_quarantine(self, exchanges):
        """Check that nothing leaves quarantine unless a manager takes it out, or it goes to nobody.

        :param exchanges: those of the moves that bring damaged goods into quarantine
        :raise UserError: says what to do
        """
        places = self.env["stock.warehouse"]._quarantine_places()
        coming = self.move_line_ids.filtered(
            lambda line: line.location_dest_id.usage in USABLE and line.location_dest_id not in places
        )
        stuck = coming.filtered(lambda line: line.location_id in places)
        if lots := (coming - stuck).lot_id:
            quants = self.env["stock.quant"].sudo()
            kept = quants.search(
                [("lot_id", "in", lots.ids), ("location_id", "in", places.ids), ("quantity", ">", 0)]
            ).lot_id
            stuck |= coming.filtered(lambda line: line.lot_id in kept)
        waiting = places - self.env["stock.warehouse"].sudo().search([]).quarantine_location_id
        stuck |= (self - exchanges).move_line_ids.filtered(lambda line: line.location_id in waiting)
        for line in stuck[:1]:
            raise UserError(
                self.env._(
                    "%(goods)s is damaged and in quarantine: it isn't sold or moved, unless a manager takes it out.",
                    goods=line.lot_id.name or line.product_id.display_name,
                )
            )

    def _check_exchanged_first(self):
        """Check that a replacement isn't handed over before the damaged unit is exchanged at headquarters."""
        out = self.filtered(lambda move: move.location_dest_id._is_outgoing()).move_line_ids
        lots = (out.filtered("picked") or out).lot_id
        lines = self.env["crm.courier.replacement.line"].sudo()
        early = lots and lines.search(
            [("new_lot_id", "in", lots.ids), ("replacement_id.state", "=", "answered")], limit=1
        )
        if early:
            raise UserError(early._not_exchanged_text())

    def _settle_replacements(self):
        """Close replacements whose goods have arrived."""
        done = self.filtered(lambda move: move.state == "done" and move.location_dest_id._is_outgoing())
        if done.sale_line_id:
            lines = self.env["crm.courier.replacement.line"].sudo()
            lines.search([("sale_line_id", "in", done.sudo().sale_line_id.ids)]).replacement_id._settle()


class CrmCourierReplacementLine(models.Model):
    _inherit = "crm.courier.replacement.line"

    def _not_exchanged_text(self):
        return self.env._(
            "%(new)s replaces %(damaged)s, which isn't exchanged at headquarters yet: the warehouse takes it in first.",
            new=self.new_imei_text,
            damaged=self.imei_text,
        )
