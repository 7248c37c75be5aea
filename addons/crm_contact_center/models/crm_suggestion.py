from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

ANSWERS = [("accepted", "Accepted"), ("refused", "Refused"), ("not_now", "Not Now")]


class CrmSuggestion(models.Model):
    """A product that was suggested to a customer, why, and what they said (CC-3c).

    Made when it is shown, by a contact's desk or an order's form; answered once, by whoever serves the customer. How
    customers answer changes what is suggested next (``crm_suggestion_choice.py``).
    """

    _name = "crm.suggestion"
    _description = "Suggestion"
    _inherit = ["crm.branch.mixin"]
    _order = "shown_at desc, id desc"
    _rec_name = "product_id"

    branch_id = fields.Many2one(readonly=True)
    contact_id = fields.Many2one("crm.queue.contact", readonly=True, index="btree_not_null", ondelete="cascade")
    order_id = fields.Many2one(
        "sale.order",
        "Quotation",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Made for, or by it.",
    )
    from_order = fields.Boolean("On the Order's Form", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True, index="btree_not_null", ondelete="set null")
    partner_id = fields.Many2one("res.partner", "Customer", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one("product.template", required=True, readonly=True, index=True, ondelete="cascade")
    because_id = fields.Many2one(
        "product.template", "Because of", readonly=True, index="btree_not_null", ondelete="set null"
    )
    pair_id = fields.Many2one("crm.product.pair", readonly=True, index="btree_not_null", ondelete="set null")
    source = fields.Selection([("counted", "Bought Together"), ("hand", "By Hand")], "Reason", readonly=True)
    reason = fields.Char("Reason in Words", readonly=True, help="As it was shown.")
    points = fields.Float(readonly=True, aggregator=None, digits=(9, 2))
    user_id = fields.Many2one("res.users", "Shown To", required=True, readonly=True, index=True, ondelete="restrict")
    shown_at = fields.Datetime("Shown", required=True, readonly=True)
    answer = fields.Selection(ANSWERS, readonly=True)
    answered_at = fields.Datetime("Answered", readonly=True)
    answered_by_id = fields.Many2one("res.users", "Answered With", readonly=True, ondelete="restrict")
    is_answered = fields.Integer("Answers", compute="_compute_rate", store=True)
    is_accepted = fields.Float("Acceptance", compute="_compute_rate", store=True, aggregator="avg")

    _contact_once = models.UniqueIndex("(contact_id, product_id) WHERE contact_id IS NOT NULL")
    _order_once = models.UniqueIndex("(order_id, product_id) WHERE from_order AND order_id IS NOT NULL")
    _answer_whole = models.Constraint(
        "CHECK((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by_id IS NULL))",
        "An answer has a time, and somebody who noted it.",
    )
    _answers_idx = models.Index("(company_id, product_id, answered_at) WHERE answer IN ('accepted', 'refused')")
    _refused_idx = models.Index("(partner_id, product_id, answered_at) WHERE answer = 'refused'")

    # === COMPUTE METHODS === #

    @api.depends("answer")
    def _compute_rate(self):
        for suggestion in self:
            suggestion.is_answered = int(bool(suggestion.answer))
            suggestion.is_accepted = 1.0 if suggestion.answer == "accepted" else 0.0

    # === ACTION METHODS === #

    def action_accept(self):
        """Note that the customer wants it, and put it on their quotation."""
        return self._accept("quotation")

    def action_accept_lead(self):
        """Note that the customer is interested, and make an opportunity of it."""
        return self._accept("lead")

    def action_refuse(self):
        """Note that the customer doesn't want it."""
        self._answer("refused")

    def action_not_now(self):
        """Note that it isn't the moment: it counts neither for nor against the product."""
        self._answer("not_now")

    # === BUSINESS METHODS === #

    def _check_own(self):
        """Check that the user serves this customer now: the contact is theirs, or the quotation is."""
        self.ensure_one()
        self.check_access("read")
        suggestion = self.sudo()
        if suggestion.contact_id:
            self.env["crm.queue.contact"].browse(suggestion.contact_id.id)._check_mine()
        elif suggestion.order_id:
            self.env["sale.order"].browse(suggestion.order_id.id).check_access("write")
        else:
            raise AccessError(self.env._("The quotation of this suggestion was deleted."))
        return suggestion

    def _answer(self, answer):
        """Note the answer, once: whoever comes second is told."""
        suggestion = self._check_own()
        taken = self.env.execute_query(SQL("SELECT answer FROM crm_suggestion WHERE id = %s FOR UPDATE", self.id))
        if not taken or taken[0][0]:
            raise UserError(self.env._("This suggestion was answered already."))
        suggestion.write({"answer": answer, "answered_at": fields.Datetime.now(), "answered_by_id": self.env.user.id})
        return suggestion

    def _accept(self, kind):
        """Note it, and make what follows with the user's own rights: a quotation, or an opportunity where they may not.

        :return: {"model", "id", "name"} of the document
        """
        suggestion = self._answer("accepted")
        orders = self.env["sale.order"].with_company(suggestion.company_id)
        if kind == "quotation" and (suggestion.from_order or orders.has_access("create")):
            order = self._add_to_quotation(orders)
            suggestion.order_id = order.id
            return {"model": order._name, "id": order.id, "name": order.name}
        lead = self._make_lead()
        suggestion.lead_id = lead.id
        return {"model": lead._name, "id": lead.id, "name": lead.name}

    def _add_to_quotation(self, orders):
        """Add the product to the order it was suggested for, or the customer's open quotation, or a new one."""
        suggestion = self.sudo()
        variant = suggestion.product_id._most_sold_variant(suggestion.company_id)
        if not variant:
            raise UserError(self.env._("%s can't be sold any more.", suggestion.product_id.name))
        line = fields.Command.create({"product_id": variant.id, "product_uom_qty": 1})
        order = orders.browse(suggestion.order_id.id) if suggestion.from_order else self._open_quotation(orders)
        if order:
            if order.state not in ("draft", "sent"):
                raise UserError(self.env._("%s isn't a quotation any more.", order.name))
            order.write({"order_line": [line]})
            return order
        return orders.create(
            {
                "partner_id": suggestion.partner_id.id,
                "company_id": suggestion.company_id.id,
                "order_line": [line],
            }
        )

    def _open_quotation(self, orders):
        """Return the customer's latest open quotation that the user may change."""
        suggestion = self.sudo()
        found = orders.search(
            [
                ("partner_id", "=", suggestion.partner_id.id),
                ("company_id", "=", suggestion.company_id.id),
                ("state", "in", ("draft", "sent")),
            ],
            order="id desc",
            limit=5,
        )
        return found._filtered_access("write")[:1]

    def _make_lead(self):
        suggestion = self.sudo()
        return self.env["crm.lead"].create(
            {
                "name": self.env._(
                    "%(customer)s: %(product)s",
                    customer=suggestion.partner_id.name or suggestion.partner_id.display_name,
                    product=suggestion.product_id.name,
                ),
                "type": "opportunity",
                "partner_id": suggestion.partner_id.id,
                "user_id": self.env.user.id,
                "company_id": suggestion.company_id.id,
                "description": suggestion.reason,
            }
        )

    def _panel_line(self):
        """Return what the desk's panel shows of a suggestion."""
        self.ensure_one()
        document = self.order_id or self.lead_id
        return {
            "id": self.id,
            "product": self.product_id.name,
            "price": self.product_id.list_price,
            "currency_id": self.product_id.currency_id.id,
            "reason": self.reason or "",
            "answer": self.answer or "",
            "model": document._name if document and self.answer == "accepted" else "",
            "res_id": document.id,
            "document": document.sudo(False).name if document and document.sudo(False).has_access("read") else "",
        }
