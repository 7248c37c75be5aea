from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date, html2plaintext

from .. import imei

OPEN = ("registered", "in_progress", "solved")


class HelpdeskTicket(models.Model):
    """What was bought, when and where: told by the customer, or filled from the sale of the IMEI (SOP-2d)."""

    _inherit = "helpdesk.ticket"

    imei = fields.Char(
        "IMEI",
        index="btree_not_null",
        tracking=True,
        help="Of the handset, either of the two of a dual-SIM one. Fills in what we know of its sale.",
    )
    lot_id = fields.Many2one(
        "stock.lot", "Unit", compute="_compute_lot_id", store=True, index="btree_not_null", ondelete="restrict"
    )
    imei_hint = fields.Char("About the IMEI", compute="_compute_imei_hint")
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_purchase",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
        domain=[("sale_ok", "=", True)],
    )
    product_name = fields.Char("Brand and Type Told", help="Where it isn't a product of ours.")
    purchase_date = fields.Date("Bought On", compute="_compute_purchase", store=True, readonly=False)
    purchase_period = fields.Char(
        "Bought About", help="Where the customer doesn't know the day: “June 2025”, “in spring”."
    )
    shop_id = fields.Many2one(
        "stock.warehouse",
        "Bought At",
        compute="_compute_purchase",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    shop_name = fields.Char("Bought Elsewhere", help="Where it wasn't one of our shops.")
    order_id = fields.Many2one(
        "sale.order",
        "Sales Order",
        compute="_compute_purchase",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    warranty_end = fields.Date("Warranty Until", compute="_compute_warranty", store=True)
    under_warranty = fields.Boolean(compute="_compute_warranty", store=True, help="On the day of the complaint.")
    complaint_product = fields.Char("Brand and Type", compute="_compute_facts")
    complaint_period = fields.Char("Period of Purchase", compute="_compute_facts")
    complaint_shop = fields.Char("Shop", compute="_compute_facts")
    complaint_problem = fields.Char("Problem in Full", compute="_compute_facts")
    same_imei_id = fields.Many2one("helpdesk.ticket", "Open Complaint About It", compute="_compute_same_imei_id")

    _open_imei_uniq = models.UniqueIndex(
        "(company_id, imei) WHERE imei IS NOT NULL AND complaint_state IN ('registered', 'in_progress', 'solved')",
        "There is an open complaint about this IMEI already: continue that one.",
    )
    _open_lot_uniq = models.UniqueIndex(
        "(company_id, lot_id) WHERE lot_id IS NOT NULL AND complaint_state IN ('registered', 'in_progress', 'solved')",
        "There is an open complaint about this unit already: continue that one.",
    )

    # === COMPUTE METHODS === #

    @api.depends("imei")
    def _compute_lot_id(self):
        """Find the unit by either of its numbers; what another company sold stays unknown."""
        rows = self.env["crm.imei"]._find(filter(None, self.mapped("imei")))
        lots = {row.number: row.lot_id.id for row in rows if row._is_visible()}
        for ticket in self:
            ticket.lot_id = lots.get(ticket.imei)

    @api.depends("imei", "lot_id", "order_id")
    @api.depends_context("lang")
    def _compute_imei_hint(self):
        """Say what the number tells us; an unknown one is no obstacle."""
        for ticket in self:
            number = self._plain_imei(ticket.imei)
            ticket.imei_hint = False
            if number and (problem := imei.problem(number)):
                ticket.imei_hint = self.env._("This is no IMEI: %s.", self.env["crm.imei"]._problem_text(problem))
            elif number and not ticket.lot_id:
                ticket.imei_hint = self.env._("We don't know this IMEI: ask where the handset was bought.")
            elif number and not ticket.order_id:
                ticket.imei_hint = self.env._("We know this handset, but no sale of it.")

    @api.depends("lot_id")
    def _compute_purchase(self):
        """Fill product, day, shop and order from the unit's latest sale, and leave alone what nothing is known of."""
        sales = self._find_sales(self.lot_id)
        for ticket in self.filtered("lot_id"):
            ticket.product_id = ticket.lot_id.sudo().product_id
            if order := sales.get(ticket.lot_id.id):
                ticket.order_id = order
                ticket.shop_id = order.warehouse_id
                ticket.purchase_date = ticket._local_date(order.date_order)

    @api.depends("purchase_date", "product_id", "create_date")
    def _compute_warranty(self):
        for ticket in self:
            months = ticket.product_id.sudo().warranty_months
            bought = ticket.purchase_date
            ticket.warranty_end = bought + relativedelta(months=months) if bought and months else False
            day = ticket._local_date(ticket.create_date or fields.Datetime.now())
            ticket.under_warranty = bool(ticket.warranty_end) and ticket.warranty_end >= day

    @api.depends(
        "product_id", "product_name", "purchase_date", "purchase_period", "shop_id", "shop_name", "description"
    )
    @api.depends_context("lang")
    def _compute_facts(self):
        for ticket in self:
            bought = ticket.purchase_date and format_date(self.env, ticket.purchase_date)
            ticket.complaint_product = ticket.product_id.sudo().display_name or (ticket.product_name or "").strip()
            ticket.complaint_period = bought or (ticket.purchase_period or "").strip()
            ticket.complaint_shop = ticket.shop_id.sudo().name or (ticket.shop_name or "").strip()
            ticket.complaint_problem = ticket._problem_is_told() and html2plaintext(ticket.description).strip()[:200]

    @api.depends("imei", "lot_id", "company_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_same_imei_id(self):
        """Show another open complaint about the handset, to who may see it."""
        for ticket in self:
            ticket.same_imei_id = ticket.is_complaint and ticket._find_same_imei().sudo(False)._filtered_access("read")

    # === CONSTRAINS AND ONCHANGE METHODS === #

    @api.constrains("imei")
    def _check_complaint_imei(self):
        """Refuse what is no IMEI: a typing error, or the number of a bank card."""
        self.env["crm.imei"]._check_numbers(filter(None, self.mapped("imei")))

    @api.constrains("purchase_date")
    def _check_purchase_date(self):
        for ticket in self.filtered("purchase_date"):
            if ticket.purchase_date > ticket._local_date(fields.Datetime.now()):
                raise ValidationError(self.env._("%s: nothing was bought in the future.", ticket.display_name))

    @api.onchange("imei")
    def _onchange_imei(self):
        self.imei = self._plain_imei(self.imei)
        self._fill_customer()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: store the IMEI's digits alone; the sale says who the customer is where nobody else did."""
        tickets = super().create([self._with_plain_imei(vals) for vals in vals_list])
        tickets.filtered(lambda ticket: ticket.imei and not ticket.partner_id)._fill_customer()
        return tickets

    def write(self, vals):
        """Override: store the IMEI's digits alone; the sale says who the customer is where nobody else did."""
        result = super().write(self._with_plain_imei(vals))
        if vals.get("imei"):
            self.filtered(lambda ticket: not ticket.partner_id)._fill_customer()
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _plain_imei(self, number):
        """Return the number without the blanks and hyphens that people put into it."""
        return "".join((number or "").replace("-", " ").split()) or False

    def _with_plain_imei(self, vals):
        return {**vals, "imei": self._plain_imei(vals["imei"])} if "imei" in vals else vals

    def _fill_customer(self):
        for ticket in self.filtered(lambda ticket: ticket.is_complaint and ticket.order_id and not ticket.partner_id):
            customer = ticket.order_id.sudo().partner_id
            ticket.partner_id, ticket.partner_name = customer.id, customer.name
            ticket.partner_email = customer.email

    def _local_date(self, moment):
        """Return the day of a UTC moment by the clock of the complaint's branch, else of the user."""
        zone = self.branch_id.sudo().tz or self.env.user.tz or "UTC"
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), moment).date()

    @api.model
    def _find_sales(self, lots):
        """Return lot id → the order that the unit was last delivered for, whoever sold it."""
        delivered = [("lot_id", "in", lots.ids), ("state", "=", "done"), ("location_dest_id.usage", "=", "customer")]
        sold = [*delivered, ("move_id.sale_line_id", "!=", False)]
        lines = self.env["stock.move.line"].sudo().search(sold, order="date, id") if lots else ()
        return {line.lot_id.id: line.move_id.sale_line_id.order_id.sudo(False) for line in lines}

    def _imei_text(self):
        """Return the number as documents show it: both of a dual-SIM handset that we know."""
        return ", ".join(self.lot_id.sudo()._imei_texts()) or self.imei

    def _find_same_imei(self):
        """Return another open complaint about this one handset, whoever may see it."""
        same = [("lot_id", "=", self.lot_id.id)] if self.lot_id else [("imei", "=", self.imei)]
        others = [("id", "!=", self._origin.id), ("company_id", "=", self.company_id.id)]
        if not self.imei:
            return self.browse()
        return self.sudo().search([*others, ("complaint_state", "in", OPEN), *same], limit=1)

    def _check_transition(self, transition):
        """Override: two open complaints about one handset would be answered twice, and differently."""
        result = super()._check_transition(transition)
        if transition.name in ("register", "reopen"):
            for ticket in self:
                if same := ticket._find_same_imei():
                    raise UserError(
                        self.env._(
                            "The IMEI %(imei)s has an open complaint already, %(complaint)s: continue that one, and "
                            "cancel this one.",
                            imei=ticket.imei,
                            complaint=same.display_name if same.sudo(False).has_access("read") else same.number,
                        )
                    )
        return result
