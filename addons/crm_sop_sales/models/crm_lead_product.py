from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import UserError, ValidationError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

#: What the server notes with an answer; no client says it.
NOTED = ("answered_at", "answered_by_id")
#: What follows from the opportunity and the answer.
FOLLOWING = frozenset({"company_id", "lost_reason_id", "partner_id", "taken_share", "user_id", "won_status"})


class CrmLeadProduct(models.Model):
    """A product that a customer asks for or is offered, and what they say to it (SOP-3a, SOP-3b1).

    Facts are those of this moment: stock, and the price with tax of the customer's price list. Once the opportunity is
    lost, its lines are the record of what was offered, and stay as they are.
    """

    _name = "crm.lead.product"
    _description = "Product of Interest"
    _inherit = ["crm.about.mixin", "crm.sale.totals"]
    _order = "id"
    _rec_name = "product_id"
    _about = ("lead_id",)

    _totals = FOLLOWING

    lead_id = fields.Many2one("crm.lead", "Opportunity", required=True, index=True, ondelete="cascade")
    product_id = fields.Many2one(
        "product.product", required=True, index=True, ondelete="restrict", domain=[("sale_ok", "=", True)]
    )
    kind = fields.Selection([("asked", "Asked For"), ("offered", "Offered")], required=True, default="asked")
    answer = fields.Selection(
        [("interested", "Interested"), ("refused", "Not Willing"), ("ordered", "Ordered")],
        help="What the customer says. Interested: New Quotation takes it over.",
    )
    refusal_reason = fields.Char("Why Not")
    answered_at = fields.Datetime("Answered On", readonly=True, copy=False)
    answered_by_id = fields.Many2one("res.users", "Noted By", readonly=True, copy=False, index="btree_not_null")
    taken_share = fields.Float(
        "Taken (%)", compute="_compute_taken_share", store=True, aggregator="avg", help="100: ordered. 0: not."
    )
    partner_id = fields.Many2one(related="lead_id.partner_id", store=True, index="btree_not_null")
    user_id = fields.Many2one(related="lead_id.user_id", store=True, index="btree_not_null")
    company_id = fields.Many2one(related="lead_id.company_id", store=True, index="btree_not_null")
    won_status = fields.Selection(related="lead_id.won_status", store=True)
    lost_reason_id = fields.Many2one(related="lead_id.lost_reason_id", store=True, index="btree_not_null")
    specification_text = fields.Text(related="product_id.specification_text")
    care_notes = fields.Html(related="product_id.care_notes")
    free_here = fields.Float(related="product_id.free_here")
    free_elsewhere = fields.Float(related="product_id.free_elsewhere")
    price = fields.Monetary("Price with Tax", compute="_compute_price", currency_field="price_currency_id")
    price_currency_id = fields.Many2one("res.currency", compute="_compute_price")

    _once_a_lead = models.UniqueIndex("(lead_id, product_id)", "This product is on the opportunity already.")
    _refused_with_reason = models.Constraint(
        "CHECK(answer IS DISTINCT FROM 'refused' OR COALESCE(refusal_reason, '') ~ '[^[:space:]]')",
        "Ask why the customer isn't willing, and note it under “Why Not”.",
    )

    # === COMPUTE METHODS === #

    @api.depends("answer")
    def _compute_taken_share(self):
        for line in self:
            line.taken_share = 100 if line.answer == "ordered" else 0

    @api.depends("product_id", "lead_id.partner_id", "lead_id.company_id")
    @api.depends_context("company")
    def _compute_price(self):
        """Ask each price list once for all its lines."""
        for lead, lines in self.grouped("lead_id").items():
            products = lines.product_id.with_context(**lead._offer_context())
            prices = {product.id: product for product in products}
            for line in lines:
                product = prices.get(line.product_id.id, products.browse())
                line.price = product.price_with_tax
                line.price_currency_id = product.price_currency_id

    # === CONSTRAINS METHODS === #

    @api.constrains("answer", "product_id", "lead_id")
    def _check_ordered(self):
        """“Ordered” follows from an order."""
        for line in self.filtered(lambda line: line.answer == "ordered"):
            if line.product_id not in line.lead_id.order_ids.order_line.product_id:
                raise ValidationError(
                    self.env._(
                        "%(product)s is on no order of this opportunity: choose “Interested” and click New Quotation.",
                        product=line.product_id.display_name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: note by whom and when an answer came; what is lost gets no new lines."""
        own = self._without_defaults(NOTED)
        lines = super(CrmLeadProduct, own).create([self._with_answer(vals) for vals in vals_list]).with_env(self.env)
        lines._check_open()
        lines.filtered("answer")._log_answers()
        return lines

    def write(self, vals):
        """Override: likewise; asked for stays asked for, and on its opportunity."""
        self.check_access("write")
        self._check_open()
        fixed = {"lead_id": "lead_id", "kind": "kind"}
        if any(name in vals and line._plain(name) != vals[name] for name in fixed for line in self):
            raise UserError(self.env._("A line stays on its opportunity, and asked for or offered as it was."))
        changed = self.filtered(lambda line: "answer" in vals and (line.answer or False) != (vals["answer"] or False))
        result = super().write({name: vals[name] for name in vals if name not in NOTED})
        if changed:
            super(CrmLeadProduct, changed).write(self._prepare_noted_vals(vals["answer"]))
            changed._log_answers()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_lost(self):
        """Check that the opportunity isn't lost. Only the superuser uninstalls."""
        if self.env.uid == SUPERUSER_ID and self.env.context.get(MODULE_UNINSTALL_FLAG):
            return
        self._check_open()

    @api.model
    def _with_answer(self, vals):
        return {name: vals[name] for name in vals if name not in NOTED} | (
            self._prepare_noted_vals(vals["answer"]) if vals.get("answer") else {}
        )

    @api.model
    def _prepare_noted_vals(self, answer):
        now = fields.Datetime.now()
        return {"answered_at": now if answer else False, "answered_by_id": self.env.uid if answer else False}

    def _plain(self, name):
        return self._fields[name].convert_to_write(self[name], self)

    def _check_open(self):
        if lost := self.sudo().filtered(lambda line: line.won_status == "lost").lead_id:
            raise UserError(
                self.env._(
                    "%(lead)s is lost: what was asked for and offered stays as it is. Restore it first.",
                    lead=", ".join(lost.mapped("display_name")),
                )
            )

    # === BUSINESS METHODS === #

    def _log_answers(self):
        """Keep in the opportunity's chatter what the customer says to each product."""
        labels = dict(self._fields["answer"]._description_selection(self.env))
        bodies = {}
        for lead, lines in self.grouped("lead_id").items():
            answers = [
                f"{line.product_id.display_name}: {labels.get(line.answer, self.env._('no answer'))}"
                + (f" ({line.refusal_reason})" if line.answer == "refused" else "")
                for line in lines
            ]
            bodies[lead.id] = ", ".join(answers)
        self.lead_id._message_log_batch(bodies=bodies)

    def _move_to(self, lead):
        """Bring the lines of merged opportunities to the one that stays, below the guards; each product once."""
        moved, there = self.browse(), lead.product_line_ids.product_id
        for line in self:
            if line.product_id not in there:
                moved |= line
                there |= line.product_id
        return super(CrmLeadProduct, moved).write({"lead_id": lead.id})
