from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_round

from ..money import smallest_unit


class CrmCancellation(models.Model):
    """The fee: a part of the price list's price, not of the discounted one (SOP-6), and its invoice."""

    _inherit = "crm.cancellation"

    fee_rate = fields.Float("Fee (%)", readonly=True, copy=False, aggregator=None)
    fee_base = fields.Monetary(
        "Price List",
        readonly=True,
        copy=False,
        help="The goods at the prices of the price list when the order was submitted, without discounts; gifts, "
        "delivery and vouchers don't count.",
    )
    fee_amount = fields.Monetary("Fee", readonly=True, copy=False)
    waiver = fields.Selection(
        [
            ("facts", "Defective, and no replacement"),
            ("company", "The company's own doing"),
            ("manager", "By a manager"),
        ],
        "Fee Waived",
        readonly=True,
        copy=False,
        index=True,
    )
    waiver_reason = fields.Text("Why the Fee Is Waived", readonly=True, copy=False)
    outcome = fields.Text(compute="_compute_outcome")
    invoice_id = fields.Many2one(
        "account.move", "Fee Invoice", readonly=True, copy=False, ondelete="restrict", check_company=True
    )
    invoice_state = fields.Selection(related="invoice_id.state", string="Invoice Status", related_sudo=True)

    _one_form_per_invoice = models.UniqueIndex(
        "(invoice_id) WHERE invoice_id IS NOT NULL", "This invoice is another cancellation's."
    )

    # === COMPUTE METHODS === #

    @api.depends_context("lang", "uid")
    @api.depends("state", "order_id", "initiator", "defective_lot_ids", "defect_checked_by_id", "fee_amount", "waiver")
    def _compute_outcome(self):
        for form in self:
            form.outcome = form._outcome() if form.order_id else False

    # === ACTION METHODS === #

    def action_view_invoice(self):
        """Open the fee's invoice."""
        self.ensure_one()
        return self.invoice_id.get_formview_action()

    # === FEE === #

    def _prepare_fee(self, by_manager=False):
        """Return rate, base and amount of the fee, and why there is none.

        The rate is the company's of now, the base that of the submission; the amount in the currency's rounding.
        """
        rate = self.company_id.cancellation_fee_rate
        base = self.order_id.sudo()._cancellation_fee_base()
        waiver = self._waiver(by_manager)
        amount = 0.0 if waiver else self._fee_of(base, rate, self.currency_id)
        return {"fee_rate": rate, "fee_base": base, "fee_amount": amount, "waiver": waiver}

    @api.model
    def _fee_of(self, base, rate, currency):
        """Return ``rate`` per cent of an amount, rounded as the currency is counted: rupiahs whole."""
        return float_round(base * rate / 100, precision_rounding=smallest_unit(currency))

    def _waiver(self, by_manager):
        """Return why there is no fee, or False: SOP-10's facts, or what a manager says."""
        if by_manager:
            return "company" if self.initiator == "company" else "manager"
        return "facts" if self._is_waived_by_facts() else False

    def _is_waived_by_facts(self):
        """Whether the order is cancelled for defective units, which are proven to be, and which nothing replaces."""
        proven = self.is_defective and not self.defective_lot_ids - self._proven_defects()
        return bool(proven) and self._find_replacement()[0] == "none"

    def _check_fee_due_or_waived(self):
        """Check that nobody pays, or doesn't pay, for what is claimed and not proven.

        :raise UserError: a defect that nobody confirmed, or the company's own doing, which a manager states
        :raise ValidationError: a unit that the order doesn't hold any more: it was swapped since
        """
        self._check_defective_units()
        for form in self:
            if form.initiator == "company":
                raise UserError(
                    self.env._(
                        "Cancelled by the company: a manager confirms this, without a fee. Request the waiver, say why."
                    )
                )
            if unproven := form.defective_lot_ids - form._proven_defects():
                raise UserError(
                    self.env._(
                        "Nobody has confirmed the defect of %(imeis)s: have logistics or a manager look at it, or take "
                        "it out of the form.",
                        imeis=", ".join(unproven.mapped("name")),
                    )
                )

    # === WORDS === #

    def _outcome(self):
        """Return what confirming the form does, or has done."""
        done = self.state == "confirmed"
        facts = self if done else self._prepare_fee(by_manager=self.initiator == "company")
        fee, rate, base, waiver = (facts[name] for name in ("fee_amount", "fee_rate", "fee_base", "waiver"))
        words = {"order": self.order_id.name, "rate": f"{rate:g}"}
        words |= {"fee": self.currency_id.format(fee), "base": self.currency_id.format(base)}
        if waiver:
            words["why"] = dict(self._fields["waiver"]._description_selection(self.env))[waiver]
            text = self.env._("%(order)s is cancelled without a fee. %(why)s.", **words)
        elif self.currency_id.is_zero(fee):
            text = self.env._("%(order)s is cancelled without a fee.", **words)
        else:
            text = self.env._(
                "%(order)s is cancelled, and an invoice of %(fee)s is made: %(rate)s %% of %(base)s, the price list's "
                "price.",
                **words,
            )
        return text

    # === INVOICE === #

    def _invoice_fee(self):
        """Invoice the fee: posted at once, or as a draft where the company wants to look at it first."""
        company = self.company_id
        invoice = self.env["account.move"].sudo().with_company(company).create(self._prepare_invoice())
        self._write_facts({"invoice_id": invoice.id})
        if company.cancellation_fee_posted:
            invoice._post()

    def _prepare_invoice(self):
        order = self.order_id.sudo()
        return {
            "move_type": "out_invoice",
            "partner_id": order.partner_invoice_id.id,
            "currency_id": self.currency_id.id,
            "invoice_user_id": order.user_id.id,
            "team_id": order.team_id.id,
            "fiscal_position_id": order.fiscal_position_id.id,
            "invoice_origin": order.name,
            "ref": self.name,
            "invoice_date": fields.Date.context_today(self),
            "invoice_line_ids": [fields.Command.create(self._prepare_invoice_line())],
        }

    def _prepare_invoice_line(self):
        """Return the line whose total, taxes included, is the fee to the last unit of the currency."""
        product = self._fee_product()
        taxes = self.order_id.sudo().fiscal_position_id.map_tax(
            product.taxes_id._filter_taxes_by_company(self.company_id)
        )
        lang = self.partner_id.lang or self.env.lang
        text = self.with_context(lang=lang).env._(
            "%(product)s %(rate)s %% of %(base)s, order %(order)s",
            product=product.with_context(lang=lang).name,
            rate=f"{self.fee_rate:g}",
            base=self.currency_id.format(self.fee_base),
            order=self.order_id.name,
        )
        price = self._price_to_reach(self.fee_amount, product, taxes)
        return {
            "product_id": product.id,
            "name": text,
            "quantity": 1,
            "tax_ids": [fields.Command.set(taxes.ids)],
            **price,
        }

    def _fee_product(self):
        product = self.env.ref("crm_sop_sales.product_cancellation_fee", raise_if_not_found=False)
        if not product:
            raise UserError(self.env._("The product “Cancellation Fee” was deleted: restore it, or waive the fee."))
        return product.sudo().with_company(self.company_id)

    def _price_to_reach(self, amount, product, taxes):
        """Return the unit price, and what else Odoo's taxes need, that makes exactly the amount with these taxes."""
        tax, company, currency = self.env["account.tax"].sudo(), self.company_id, self.currency_id
        line = tax._prepare_base_line_for_taxes_computation(
            {}, product_id=product, tax_ids=taxes, price_unit=amount, quantity=1.0, currency_id=currency, rate=1.0
        )
        tax._add_tax_details_in_base_lines([line], company)
        tax._round_base_lines_tax_details([line], company)
        if not currency.compare_amounts(line["tax_details"]["total_included_currency"], amount):
            return {"price_unit": amount}
        (reached,) = tax._reduce_base_lines_to_target_amount([line], company, "fixed", amount)
        tax._fix_base_lines_tax_details_on_manual_tax_amounts([reached], company)
        extra = tax._export_base_line_extra_tax_data(reached)
        return {"price_unit": reached["price_unit"], "extra_tax_data": extra}

    def _check_invoice_total(self):
        """Check, as it is posted, that the invoice is for the fee.

        :raise UserError: it isn't; says what it should be
        """
        for form in self:
            if form.currency_id.compare_amounts(form.invoice_id.amount_total, form.fee_amount):
                raise UserError(
                    self.env._(
                        "%(form)s: the fee is %(fee)s, this invoice comes to %(total)s. To charge less, write a credit "
                        "note after posting.",
                        form=form.name,
                        fee=form.currency_id.format(form.fee_amount),
                        total=form.currency_id.format(form.invoice_id.amount_total),
                    )
                )
