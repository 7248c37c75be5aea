from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.crm_sop_sales.models.sale_order_payment_choice import TRANSFER

from .crm_courier_card import CARD_KINDS, CARD_NETWORKS
from .crm_courier_facts import STEP

CARD_FIELDS = ("card_bank_id", "card_kind", "card_network")


class SaleOrder(models.Model):
    """An order may be paid by card at the door: from an amount on, and if CRM knows bank and kind (SOP-12)."""

    _inherit = "sale.order"

    payment_choice = fields.Selection(
        selection_add=[("card", "Card at the Door")], ondelete={"card": lambda orders: orders._forget_card_choice()}
    )
    card_bank_id = fields.Many2one(
        "res.bank",
        "Bank of the Card",
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Whose card it is. Its phone number is where the courier asks for an authorisation.",
    )
    card_kind = fields.Selection(CARD_KINDS, "Kind of Card", tracking=True)
    card_network = fields.Selection(CARD_NETWORKS, tracking=True)
    card_told_at = fields.Datetime(
        "Told to Prepare the Card", readonly=True, copy=False, help="When the customer was told what to prepare."
    )
    card_ids = fields.One2many(
        "crm.courier.card",
        "order_id",
        "Card Payments",
        readonly=True,
        groups="crm_base.group_officer,crm_courier.group_courier,account.group_account_invoice,stock.group_stock_user",
    )

    def _forget_card_choice(self):
        """Let orders that were to be paid by card be paid at hand-over: the addon that takes cards goes."""
        self.with_context(crm_sop_sales_transfer=TRANSFER).write({"payment_choice": "handover"})

    # === CONSTRAINT METHODS === #

    @api.constrains("payment_choice", "order_line", "company_id", "currency_id", "pricelist_id")
    def _check_card_minimum(self):
        """Check that what is paid by card comes to the least amount (SOP-12a). An empty order has no amount yet."""
        for order in self.filtered(lambda order: order.payment_choice == "card" and order.state != "cancel"):
            if problem := order._card_minimum_problem():
                raise ValidationError(problem)

    def _card_minimum_problem(self):
        """Return that the goods come to less than the least amount of a card payment, without their delivery."""
        lines = self.order_line.filtered(lambda line: not line.display_type and not line._is_advance_payment())
        goods = lines.filtered(lambda line: not line.is_delivery)
        company = self.company_id
        currency = company.currency_id
        day = self.date_order or fields.Date.today()
        amount = self.currency_id._convert(sum(goods.mapped("price_total")), currency, company, day)
        if not goods or currency.compare_amounts(amount, company.courier_card_minimum) >= 0:
            return None
        return self.env._(
            "%(order)s comes to %(amount)s without delivery: cards are taken from %(minimum)s per invoice on. Choose "
            "another way to pay.",
            order=self.display_name,
            amount=currency.format(amount),
            minimum=currency.format(company.courier_card_minimum),
        )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: nobody says that a customer was told."""
        for vals in vals_list:
            self._check_told(vals)
        own = self._without_defaults(["card_told_at"])
        return super(SaleOrder, own).create(vals_list).with_env(self.env)

    def write(self, vals):
        """Override: likewise; and the card that was charged stays the one that is noted."""
        self._check_told(vals)
        if vals.keys() & set(CARD_FIELDS):
            self.check_access("write")
            for order in self.sudo().filtered(lambda order: "approved" in order.card_ids.mapped("state")):
                if any(name in vals and order._would_change(name, vals[name]) for name in CARD_FIELDS):
                    raise UserError(self.env._("%s was paid with this card: it doesn't change.", order.name))
        return super().write(vals)

    def _check_told(self, vals):
        if vals.get("card_told_at") and self.env.context.get("crm_courier_step") is not STEP:
            raise UserError(self.env._("That follows from the message to the customer; nobody writes it."))

    # === ACTION METHODS === #

    def action_view_card_payments(self):
        """Open how this order was paid by card."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_courier.crm_courier_card_action")
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    def _prepare_submission(self):
        """Override: what is submitted can be paid as it says (SOP-12a)."""
        result = super()._prepare_submission()
        for order in self.filtered(lambda order: order.payment_choice == "card"):
            if problem := order._card_minimum_problem() or order._card_carrier_problem():
                raise UserError(problem)
        return result

    def _card_carrier_problem(self):
        if not self.carrier_id or self.carrier_id.is_own_courier:
            return None
        return self.env._(
            "%(order)s goes by %(carrier)s: cards are taken by our own couriers only. Choose another way to pay.",
            order=self.display_name,
            carrier=self.carrier_id.name,
        )

    def _card_problems(self, amount):
        """Return what isn't known of the card that the customer pays this amount with (SOP-12b, SOP-12f)."""
        problems, company, bank = [], self.company_id, self.card_bank_id
        if not bank or not self.card_kind:
            problems.append(
                self.env._("%s is paid by card: ask the customer which bank's, and which kind, and note it.", self.name)
            )
        above = company.currency_id.compare_amounts(amount, company.courier_card_authorise_above) > 0
        if bank and above and not bank.phone:
            problems.append(
                self.env._(
                    "%(order)s: above %(limit)s the courier calls the bank, and %(bank)s has no phone number here.",
                    order=self.name,
                    limit=company.currency_id.format(company.courier_card_authorise_above),
                    bank=bank.name,
                )
            )
        if problem := self._card_minimum_problem():
            problems.append(problem)
        return problems

    def _courier_needs_terminal(self):
        """Override: yes where the customer still owes and pays by card (SOP-12c)."""
        owed = self.payment_choice == "card" and self._courier_amounts_to_collect()[self]
        return bool(owed) or super()._courier_needs_terminal()

    # === TELLING === #

    def _action_confirm(self):
        """Override: the customer hears what to prepare (SOP-12c)."""
        result = super()._action_confirm()
        self._tell_to_prepare_card()
        return result

    def _change_payment(self, choice, account, reason):
        """Override: likewise where a card is chosen later."""
        result = super()._change_payment(choice, account, reason)
        self._tell_to_prepare_card()
        return result

    def _tell_to_prepare_card(self):
        """Tell the customer, once, to have card and ID ready: by e-mail, else it is a call to be made."""
        for order in self.sudo():
            if order.payment_choice != "card" or order.state != "sale" or order.card_told_at:
                continue
            template = self.env.ref("crm_courier.mail_template_card_prepare", raise_if_not_found=False)
            if template and order.partner_id.email:
                template.sudo().send_mail(order.id, email_layout_xmlid="mail.mail_notification_layout")
            else:
                order.activity_schedule(
                    "mail.mail_activity_data_call",
                    summary=self.env._("Tell the customer to prepare the card and a copy of the ID"),
                    user_id=(order.user_id or self.env.user).id,
                )
            order.with_context(crm_courier_step=STEP).write({"card_told_at": fields.Datetime.now()})

    # === TIMELINE === #

    def _timeline_events(self):
        """Override: with each swipe, and what the bank said (SOP-15)."""
        events = super()._timeline_events()
        tries = self.sudo().card_ids.try_ids
        results = dict(tries._fields["result"]._description_selection(self.env))
        for swipe in tries:
            amount = swipe.currency_id.format(swipe.amount)
            what = self.env._("Card: %(result)s, %(amount)s", result=results[swipe.result], amount=amount)
            events.append(self._event(swipe.made_at, what, swipe.user_id))
        return events
