"""Demo data that files can't say: 200 phones with valid IMEIs, received by logistics on several days."""

from datetime import timedelta

from stdnum import luhn

from odoo import Command, api, fields, models

from .. import imei

#: Warehouse → how many units of each model it gets, and how many days ago its receipts were; each brings other models.
RECEIPTS = {
    "stock.warehouse0": (4, (40, 20, 5)),
    "crm_sop_sales.warehouse_kuningan": (3, (35, 15, 4)),
    "crm_sop_sales.warehouse_depok": (3, (35, 15, 3)),
}
#: Every so many units one shows its second number as well.
DUAL_SIM_EVERY = 3
ACCESSORIES = 30
#: What a rupiah is in other currencies, roughly: prices of the demo shop stay sensible there.
RUPIAHS = 16_000


class CrmDemoStock(models.AbstractModel):
    """Fill the demo shop's warehouses. Only the demo files call this."""

    _name = "crm.demo.stock"
    _description = "Demo Data: Stock of a Phone Shop"

    @api.model
    def _load(self):
        """Set prices and taxes, load the TAC table, receive phones and count accessories."""
        self.env["crm.imei.tac.load"].create({}).action_load()
        self._adapt_prices()
        self._include_tax()
        phones = self._find_phones()
        for xml_id, (quantity, receipts) in RECEIPTS.items():
            warehouse = self.env.ref(xml_id)
            for index, days in enumerate(receipts):
                self._receive(warehouse, phones[index :: len(receipts)], quantity, days)
            self._count_accessories(warehouse)

    # === PRODUCTS === #

    def _find_phones(self):
        codes = self.env["ir.model.data"].search([("module", "=", "crm_sop_sales"), ("model", "=", "product.product")])
        return self.env["product.product"].browse(sorted(codes.mapped("res_id"))).filtered("is_imei")

    def _find_accessories(self):
        names = ("earphones", "case", "charger")
        return self.env["product.product"].union(*[self.env.ref(f"crm_sop_sales.product_{name}") for name in names])

    def _adapt_prices(self):
        """The files' prices are rupiahs; a company with another currency gets them converted."""
        if self.env.company.currency_id != self.env.ref("base.IDR"):
            for product in self._find_phones() + self._find_accessories():
                product.list_price = round(product.list_price / RUPIAHS)

    def _include_tax(self):
        """Prices include the company's sales tax (SOP-3c2): its own one, or a copy where that comes on top."""
        tax = self.env.company.account_sale_tax_id
        if not tax:
            return
        included = tax
        if not tax.price_include:
            included = tax.copy({"name": f"{tax.name} incl.", "price_include_override": "tax_included"})
        carriers = self.env["delivery.carrier"].with_context(active_test=False).search([("choice", "!=", "hand")])
        fee = self.env.ref("crm_sop_sales.product_cancellation_fee")
        products = self._find_phones() + self._find_accessories() + carriers.product_id + fee
        products.taxes_id = [Command.set(included.ids)]

    # === STOCK === #

    def _receive(self, warehouse, phones, quantity, days):
        """Receive so many units of each of these models, as logistics does, and date it back."""
        moves = [Command.create({"product_id": phone.id, "product_uom_qty": quantity}) for phone in phones]
        receipt = (
            self.env["stock.picking"]
            .with_user(self.env.ref("crm_sop_sales.user_joko"))
            .create(
                {
                    "picking_type_id": warehouse.in_type_id.id,
                    "partner_id": self.env.ref("crm_sop_sales.partner_supplier").id,
                    "origin": f"PO-{warehouse.code}-{days:02d}",
                    "move_ids": moves,
                }
            )
        )
        receipt.action_confirm()
        for phone in phones:
            receipt._receive_imei(phone, self._next_units(phone, quantity))
        receipt.move_ids.picked = True
        receipt.button_validate()
        self._date_back(receipt.sudo(), days)

    def _next_units(self, phone, quantity):
        """Return units with numbers that follow from the model and from what is known already."""
        tac = self.env["crm.imei.tac"].search([("model", "=", phone.model_code)], limit=1).tac or "35693803"
        known = self.env["crm.imei"].sudo().search_count([])
        numbers = [self._number(tac, known + index) for index in range(2 * quantity)]
        units = []
        for index in range(quantity):
            dual = (known + index) % DUAL_SIM_EVERY == 0
            own = numbers[2 * index : 2 * index + (2 if dual else 1)]
            units.append(imei.Unit(line=index + 1, text=", ".join(own), numbers=tuple(own)))
        return units

    def _number(self, tac, index):
        body = f"{tac}{(100_003 + index * 379) % 1_000_000:06d}"
        return body + luhn.calc_check_digit(body)

    def _date_back(self, receipt, days):
        moment = fields.Datetime.now() - timedelta(days=days)
        receipt.write({"date_done": moment})
        receipt.move_ids.write({"date": moment})
        receipt.move_line_ids.write({"date": moment})
        receipt.move_line_ids.lot_id.quant_ids.filtered(lambda quant: quant.quantity > 0).write({"in_date": moment})

    def _count_accessories(self, warehouse):
        for product in self._find_accessories():
            self.env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, ACCESSORIES)
