from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.crm_base.workflow import Transition, Workflow

from .stock_picking_batch import OFFICER

#: The states in which a replacement is owed to the customer.
OWED = ("answered", "exchanged")


class CrmCourierReplacement(models.Model):
    """A courier at the door asks whether there is something instead of what is damaged; CRM answers (SOP-8c).

    CRM names a unit, which is held from then on, and a day; or says that there is none. Nothing moves before the
    answer. The damaged unit is exchanged at headquarters, its replacement delivered so many days later (SOP-9).
    Nobody writes these: they follow from what courier, CRM and warehouse do.
    """

    _name = "crm.courier.replacement"
    _description = "Replacement of Damaged Goods"
    _inherit = ["crm.workflow.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "asked_at desc, id desc"
    _rec_names_search = ["order_id", "partner_id"]
    _mail_post_access = "read"

    _workflow = Workflow(
        states={
            "asked": "To Answer",
            "answered": "To Exchange",
            "none": "No Replacement",
            "exchanged": "To Deliver",
            "closed": "Closed",
            "withdrawn": "Withdrawn",
        },
        transitions=(
            Transition("answer", ("asked", "none"), "answered", groups=(OFFICER,)),
            Transition("none", ("asked",), "none", groups=(OFFICER,)),
            Transition("exchange", ("answered",), "exchanged"),
            Transition("close", ("answered", "none", "exchanged"), "closed"),
            Transition("withdraw", ("asked",), "withdrawn"),
        ),
    )

    state = _workflow.state_field(index=True, group_expand=True)
    stop_id = fields.Many2one("crm.courier.stop", required=True, readonly=True, index=True, ondelete="restrict")
    run_id = fields.Many2one(related="stop_id.run_id", store=True, index=True)
    run_state = fields.Selection(related="run_id.run_state", string="Run Is")
    order_id = fields.Many2one(related="stop_id.order_id", store=True, index=True)
    partner_id = fields.Many2one(related="stop_id.partner_id", store=True, index=True)
    courier_id = fields.Many2one(related="stop_id.courier_id", store=True, index=True)
    company_id = fields.Many2one(related="stop_id.company_id", store=True, index=True)
    branch_id = fields.Many2one(related="stop_id.branch_id", store=True, index=True)
    user_id = fields.Many2one(related="order_id.user_id", string="Officer", store=True, index=True)
    line_ids = fields.One2many("crm.courier.replacement.line", "replacement_id", "Units", readonly=True)
    note = fields.Text("Courier Says", readonly=True)
    asked_at = fields.Datetime("Asked", required=True, readonly=True, index=True)
    asked_by_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    answered_at = fields.Datetime("Answered", readonly=True)
    answered_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    answer_note = fields.Text("CRM Says", readonly=True)
    wait_minutes = fields.Integer(
        "Waited (Minutes)", compute="_compute_wait_minutes", store=True, aggregator="avg", help="Of the courier."
    )
    age_minutes = fields.Integer("Waits (Minutes)", compute="_compute_age", help="Of a courier who still waits.")
    is_overdue = fields.Boolean("Answer Overdue", compute="_compute_age", search="_search_is_overdue")
    promised_date = fields.Date("Promised For", readonly=True, index="btree_not_null")
    exchanged_at = fields.Datetime("Exchanged", readonly=True, help="The damaged goods are back at headquarters.")
    exchanged_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    due_date = fields.Date(
        "To Deliver On",
        readonly=True,
        index="btree_not_null",
        help="The promised day, or the day that follows from the exchange at headquarters where that was later.",
    )
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")
    result = fields.Selection(
        [
            ("delivered", "Replacement delivered"),
            ("given_up", "Given up without a fee"),
            ("cancelled", "Order cancelled"),
        ],
        readonly=True,
        index=True,
    )
    answer_text = fields.Text(compute="_compute_answer_text")
    delivery_ids = fields.Many2many("stock.picking", string="Deliveries", compute="_compute_delivery_ids")
    exchange_ids = fields.Many2many("stock.picking", string="Exchanges", compute="_compute_exchange_ids")

    _one_open = models.UniqueIndex("(stop_id) WHERE state = 'asked'", "CRM has been asked already.")

    # === COMPUTE METHODS === #

    @api.depends("stop_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for replacement in self:
            replacement.display_name = self.env._("Replacement for %s", replacement.stop_id.sudo().display_name)

    @api.depends("asked_at", "answered_at")
    def _compute_wait_minutes(self):
        for replacement in self:
            waited = replacement.answered_at and replacement.answered_at - replacement.asked_at
            replacement.wait_minutes = waited.total_seconds() // 60 if waited else 0

    @api.depends("state", "asked_at")
    def _compute_age(self):
        now = fields.Datetime.now()
        for replacement in self:
            waits = replacement.state == "asked" and replacement.asked_at
            age = (now - replacement.asked_at).total_seconds() // 60 if waits else 0
            replacement.age_minutes = age
            replacement.is_overdue = bool(waits) and age >= replacement.company_id.courier_answer_minutes

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        now, companies = fields.Datetime.now(), self.env["res.company"].sudo().search([])
        overdue = [
            id_
            for company in companies
            for id_ in self._search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "asked"),
                    ("asked_at", "<=", now - timedelta(minutes=company.courier_answer_minutes)),
                ]
            )
        ]
        return [("id", "in", overdue)]

    @api.depends("state", "promised_date", "branch_id.tz")
    def _compute_is_late(self):
        """Late is what isn't there on the promised day of its branch, though the exchange may have come later."""
        for replacement in self:
            promised = replacement.state in OWED and replacement.promised_date
            replacement.is_late = bool(promised) and promised < replacement.sudo().branch_id._today()

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        branches = self.env["crm.branch"].sudo().with_context(active_test=False).search([])
        by_day = branches.grouped(lambda branch: branch._today()).items()
        late = Domain.OR([[("branch_id", "in", here.ids), ("promised_date", "<", today)] for today, here in by_day])
        return Domain("state", "in", OWED) & late

    @api.depends("state", "line_ids.answer", "line_ids.new_lot_id", "due_date", "answer_note")
    @api.depends_context("lang")
    def _compute_answer_text(self):
        for replacement in self:
            replacement.answer_text = "\n".join(replacement._answer_lines()) or False

    def _compute_delivery_ids(self):
        for replacement in self:
            replacement.delivery_ids = replacement.sudo()._deliveries().with_env(self.env)

    @api.depends("line_ids.exchange_move_id")
    def _compute_exchange_ids(self):
        for replacement in self:
            replacement.exchange_ids = replacement.sudo().line_ids.exchange_move_id.picking_id.with_env(self.env)

    def _answer_lines(self):
        """Return what CRM answered, line by line, in the user's words."""
        if not self.answered_at:
            return []
        lines = [line._answer_text() for line in self.line_ids]
        if self.due_date and self.state != "none":
            lines.append(self.env._("Delivery on %s", format_date(self.env, self.due_date)))
        return [*lines, *filter(None, [self.answer_note])]

    # === ACTION METHODS === #

    def action_answer(self):
        """Open the answer, with free units to choose from."""
        self.ensure_one()
        self._check_answerer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer the Courier"),
            "res_model": "crm.courier.answer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_replacement_id": self.id},
        }

    def action_view_stop(self):
        """Open the stop with its checks and photos."""
        self.ensure_one()
        return self.stop_id.get_formview_action()

    def action_view_deliveries(self):
        """Open the deliveries that bring the replacement."""
        self.ensure_one()
        return self._view_pickings(self.delivery_ids, self.env._("Replacement Delivery"))

    def action_view_exchanges(self):
        """Open the transfers by which the damaged goods come into quarantine."""
        self.ensure_one()
        return self._view_pickings(self.exchange_ids, self.env._("Exchange at Headquarters"))

    def _view_pickings(self, pickings, name):
        action = self.env["ir.actions.act_window"]._for_xml_id("stock.action_picking_tree_all")
        one = {"res_id": pickings.id, "views": [(False, "form")]} if len(pickings) == 1 else {}
        return {**action, "name": name, "domain": [("id", "in", pickings.ids)], "context": {"create": False}, **one}

    # === DOCUMENTS === #

    def _as_document(self):
        """Return this for a document: goods, order and address, for whoever may read the replacement."""
        self.check_access("read")
        return self.sudo()

    # === WORKFLOW === #

    def _workflow_do(self, name, reason=None):
        """Override: nobody has the right to write these; the table says who may take which step."""
        self.check_access("read")
        return super(CrmCourierReplacement, self.sudo())._workflow_do(name, reason)

    def _check_answerer(self):
        """Check that the user may answer: an officer who sees the question and isn't its courier.

        :raise AccessError: they may not
        :raise UserError: it is answered already
        """
        self.check_access("read")
        if not self.env.user.has_group(OFFICER) or self.env.user in self.courier_id:
            raise AccessError(self.env._("CRM answers the courier: an officer, and not the courier."))
        if self.state not in ("asked", "none"):
            raise UserError(
                self.env._(
                    "%(question)s is “%(state)s”: it is answered already.",
                    question=self.display_name,
                    state=self._workflow_label(self.state),
                )
            )
