"""What is wrong with a list of units that are to be received, line by line."""

from collections import namedtuple

from odoo import api, models

from .. import imei

#: What is looked up once for the whole list: number → row of ``crm.imei``; lot → where it is, in words; TAC → models.
Facts = namedtuple("Facts", "rows places models")


class CrmImei(models.Model):
    _inherit = "crm.imei"

    @api.model
    def _examine(self, units, product, picking, outstanding):
        """Check units against each other, what is known, the TAC table and the receipt, in a few queries for all.

        :param units: :class:`odoo.addons.crm_sop_sales.imei.Unit` records
        :param int outstanding: how many units the receipt still expects
        :return: list of (unit, what is wrong in the user's words, or None)
        """
        facts = self._facts(units, picking)
        seen, examined = {}, []
        for unit in units:
            problem = (
                self._problem_of_format(unit)
                or self._problem_of_repetition(unit, seen)
                or self._problem_of_known(unit, product, picking, facts)
                or self._problem_of_model(unit, product, facts)
            )
            for number in unit.numbers:
                seen.setdefault(number, unit.line)
            if not problem and not outstanding:
                problem = self.env._("more units than the receipt still expects")
            outstanding -= not problem
            examined.append((unit, problem))
        return examined

    def _facts(self, units, picking):
        numbers = {number for unit in units for number in unit.numbers}
        rows = self._find(numbers)
        models_ = self.env["crm.imei.tac"]._models_of(unit.imei for unit in units if unit.imei)
        return Facts({row.number: row for row in rows}, self._places(rows.lot_id, numbers, picking), models_)

    def _problem_of_format(self, unit):
        if not unit.problem:
            return None
        return self.env._("%(what)s: %(why)s", what=unit.culprit[:60], why=self._problem_text(unit.problem))

    def _problem_of_repetition(self, unit, seen):
        for number in unit.numbers:
            if number in seen:
                return self.env._("%(number)s is in line %(line)s already", number=number, line=seen[number])
        return None

    def _problem_of_known(self, unit, product, picking, facts):
        """Say who has the numbers. A unit that we know and no longer have may come again with the numbers it has."""
        row = facts.rows.get(unit.imei, self)
        other = facts.rows.get(unit.imei2, self)
        if place := facts.places.get(unit.imei):
            return place
        if row and (row.position == 2 or row.lot_id.product_id != product or not row._may_come_again(picking)):
            return row._taken_text()
        if other and (other.position == 1 or other.lot_id != row.lot_id):
            return other._taken_text()
        known_second = row.lot_id.imei2
        if unit.imei2 and known_second and known_second != unit.imei2:
            return self.env._("the second IMEI of %(unit)s is known as %(known)s", unit=unit.imei, known=known_second)
        return None

    def _may_come_again(self, picking):
        company = self.lot_id.company_id
        return self._is_visible() and (not company or company == picking.company_id)

    def _problem_of_model(self, unit, product, facts):
        models_ = facts.models.get(unit.imei[: imei.TAC_LENGTH])
        code = (product.model_code or "").strip()
        if not code or not models_ or code.casefold() in [model.casefold() for model in models_]:
            return None
        return self.env._(
            "by its TAC it is a %(model)s, and %(product)s is a %(code)s",
            model=self.env._(" or ").join(models_),
            product=product.display_name,
            code=code,
        )

    # === WHERE UNITS ARE === #

    def _places(self, lots, numbers, picking):
        """Return IMEI → where that unit is, in words, for those that are somewhere and can't come in."""
        return {**self._places_on_transfers(lots), **self._places_on(picking, numbers), **self._places_in_stock(lots)}

    def _places_in_stock(self, lots):
        quants = (
            self.env["stock.quant"]
            .sudo()
            .search_fetch(
                [
                    ("lot_id", "in", lots.ids),
                    ("location_id.usage", "in", ("internal", "transit", "customer")),
                    ("quantity", ">", 0),
                ],
                ["lot_id", "location_id"],
            )
        )
        return {quant.lot_id.name: self._place_text(quant) for quant in quants}

    def _place_text(self, quant):
        location = quant.location_id
        if location.usage == "customer":
            return self.env._(
                "%s was delivered to a customer: if it comes back, return that delivery", quant.lot_id.name
            )
        if location.company_id and location.company_id not in self.env.user.company_ids:
            return self.env._("%s is in stock at another company", quant.lot_id.name)
        return self.env._(
            "%(number)s is in stock already: %(location)s", number=quant.lot_id.name, location=location.display_name
        )

    def _places_on_transfers(self, lots):
        """Units that another receipt has named and not yet brought in."""
        lines = (
            self.env["stock.move.line"]
            .sudo()
            .search_fetch(
                [("lot_id", "in", lots.ids), ("state", "not in", ("done", "cancel"))],
                ["lot_id", "picking_id", "company_id"],
            )
        )
        return {line.lot_id.name: self._transfer_text(line.lot_id.name, line) for line in lines}

    def _places_on(self, picking, numbers):
        """Numbers that this very receipt has got by other means: typed, or imported by Odoo's own dialog."""
        lines = picking.sudo().move_line_ids.filtered(lambda line: line.lot_name in numbers and line.state != "done")
        return {line.lot_name: self._transfer_text(line.lot_name, line) for line in lines}

    def _transfer_text(self, number, line):
        if line.company_id not in self.env.user.company_ids:
            return self.env._("%s is being received by another company", number)
        return self.env._(
            "%(number)s is on %(transfer)s already", number=number, transfer=line.picking_id.name or line.reference
        )
