from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import door
from .crm_courier_facts import STEP


class CrmCourierStop(models.Model):
    """The courier asks CRM about what is damaged, and nothing moves before the answer (SOP-8c)."""

    _inherit = "crm.courier.stop"

    replacement_ids = fields.One2many("crm.courier.replacement", "stop_id", "Replacements", readonly=True)
    replacement_id = fields.Many2one("crm.courier.replacement", compute="_compute_replacement_id")
    replacement_state = fields.Selection(related="replacement_id.state", string="Replacement Is")
    can_ask = fields.Boolean(compute="_compute_replacement_id")

    # === COMPUTE METHODS === #

    @api.depends("replacement_ids.state", "unit_ids.condition", "run_state", "outcome")
    def _compute_replacement_id(self):
        for stop in self:
            asked = stop.replacement_ids.filtered(lambda question: question.state != "withdrawn").sorted("id")
            stop.replacement_id = asked[-1:]
            open_ = stop.run_state == "on_road" and stop.outcome in (False, "not_home")
            stop.can_ask = open_ and "asked" not in asked.mapped("state") and bool(stop._unanswered_units())

    # === ACTION METHODS === #

    def action_ask_replacement(self):
        """Ask CRM, as the courier or for them, whether there is something instead of what is damaged."""
        self.ensure_one()
        self._ask_replacement()

    # === FROM THE PHONE === #

    def _door_kinds(self):
        """Override: the question."""
        return {**super()._door_kinds(), "ask_replacement": "_door_ask_replacement"}

    def _door_data(self):
        """Override: the question and what CRM answered."""
        question = self.replacement_id
        asked = question and {
            "state": question.state,
            "text": question._workflow_label(question.state),
            "answer": question.answer_text or "",
            "date": fields.Date.to_string(question.due_date) or False,
            "imeis": question.line_ids.new_lot_id._imei_texts(),
        }
        return {**super()._door_data(), "replacement": asked or False, "can_ask": self.can_ask}

    def _door_ask_replacement(self, values):
        """Ask CRM: ``{"note"}``.

        :raise AccessError: it is another courier's run
        :raise UserError: nothing is damaged, or CRM has been asked
        """
        self._ask_replacement(values.get("note"))

    # === BUSINESS METHODS === #

    def _ask_replacement(self, note=None):
        """Ask CRM about the damaged units that it hasn't answered about yet.

        :return: crm.courier.replacement, with all rights
        :raise UserError: nothing is damaged, or CRM has been asked
        """
        self.ensure_one()
        self.check_access("read")
        self.run_id._check_at_door()
        self._lock_for_outcome()
        units = self._unanswered_units()
        if not units:
            raise UserError(self.env._("Nothing is damaged here: check the units first, with a note of what is wrong."))
        if self._open_question():
            raise UserError(self.env._("CRM has been asked about this delivery: wait for the answer."))
        note = door.text(self.env, {"note": note}, "note")
        return self.env["crm.courier.replacement"]._ask(self, units, note)

    def _unanswered_units(self):
        """Return the damaged units about which CRM hasn't answered."""
        damaged = self.sudo().unit_ids.filtered(lambda unit: unit.condition == "damaged")
        return damaged.filtered(lambda unit: not unit._is_answered())

    def _open_question(self):
        return self.sudo().replacement_ids.filtered(lambda question: question.state == "asked")

    def _follow_check(self):
        """Override: an open question is about what is damaged now."""
        if question := self._open_question():
            question.with_env(self.env)._follow_damage(self._unanswered_units())
        return super()._follow_check()

    def _door_problems(self, outcome, note, units):
        """Override: while CRM hasn't answered about a damaged unit, nothing is said of the delivery."""
        problems = super()._door_problems(outcome, note, units)
        if unanswered := self._unanswered_units():
            words = {"units": ", ".join(unanswered.mapped("display_name"))}
            if self._open_question():
                problems.append(self.env._("CRM hasn't answered yet about %(units)s: wait, or call them.", **words))
            else:
                problems.append(self.env._("Ask CRM about a replacement first: %(units)s", **words))
        return problems


class StockPickingBatch(models.Model):
    _inherit = "stock.picking.batch"

    replacement_count = fields.Integer("Replacements", compute="_compute_replacement_count")

    def _compute_replacement_count(self):
        groups = self.env["crm.courier.replacement"]._read_group([("run_id", "in", self.ids)], ["run_id"], ["__count"])
        counts = {run.id: count for run, count in groups}
        for run in self:
            run.replacement_count = counts.get(run.id, 0)

    def action_view_replacements(self):
        """Open what was damaged on this run, and what became of it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_courier.crm_courier_replacement_action")
        return {**action, "domain": [("run_id", "=", self.id)], "context": {}}

    def _step_problems(self, step):
        """Override: a replacement is loaded when the damaged unit has been exchanged (SOP-9)."""
        problems = super()._step_problems(step)
        if step in ("load", "leave"):
            lots = self.sudo().stop_ids.picking_id.move_line_ids.lot_id
            lines = self.env["crm.courier.replacement.line"].sudo()
            early = lines.search([("new_lot_id", "in", lots.ids), ("replacement_id.state", "=", "answered")])
            problems += [line._not_exchanged_text() for line in early]
        return problems

    def _after_transition(self, transition):
        """Override: what comes back is to be delivered with its replacements, on their day."""
        result = super()._after_transition(transition)
        if transition.name == "come_back":
            replacements = self.stop_ids.replacement_ids.sudo()
            replacements.with_context(crm_courier_step=STEP)._reserve()
            replacements._schedule_delivery()
        return result
