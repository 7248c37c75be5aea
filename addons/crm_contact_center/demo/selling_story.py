"""Demo: a year and a half of orders, so that segments, product pairs and suggestions mean something."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

#: Name → price in dollars. The last one is used up.
PRODUCTS = {
    "Telepon Nusa 5": 350,
    "Telepon Nusa 5 Pro": 650,
    "Casing Nusa 5": 15,
    "Kaca Pelindung Nusa 5": 9,
    "Pengisi Daya Cepat": 25,
    "Earphone Nirkabel": 65,
    "Tisu Pembersih Layar": 3,
}
#: What an Indonesian company takes for a dollar.
RUPIAHS = 10_000
PHONE, PRO, CASE, GLASS, CHARGER, EARPHONE, TISSUE = range(7)
#: Customer (external id, or a new one's name and city) → orders: days ago, products.
ORDERS = {
    "crm_base.partner_rina": [(400, (PHONE,)), (200, (CHARGER, EARPHONE)), (60, (CASE,)), (12, (PRO,))],
    "crm_base.partner_hendra": [(9, (PHONE,))],
    "crm_base.partner_maya": [(330, (PRO, CASE, GLASS)), (150, (EARPHONE, CHARGER)), (30, (PRO, GLASS, CASE))],
    "crm_base.partner_yusuf": [(500, (PHONE, CASE)), (480, (GLASS,)), (450, (CHARGER,))],
    ("Lestari Handayani", "Bandung"): [(320, (PHONE, CASE, GLASS)), (45, (EARPHONE,))],
    ("Bambang Susilo", "Bogor"): [(610, (PHONE, CASE))],
    ("Toko Cahaya", "Depok"): [(280, (PHONE, CASE, CHARGER)), (190, (PRO, CASE)), (70, (PHONE, CASE, GLASS))],
    ("Putri Maharani", "Jakarta Timur"): [(20, (PHONE, CASE, GLASS))],
    ("Eko Prasetyo", "Tangerang"): [(35, (PRO, CHARGER, EARPHONE))],
    ("Sri Rahayu", "Bekasi"): [(160, (PHONE, CASE)), (25, (TISSUE,))],
    ("Joko Widada", "Depok"): [(240, (PHONE, GLASS, CASE))],
    ("Ayu Kusuma", "Jakarta Barat"): [(5, (EARPHONE, CHARGER))],
    ("CV Mitra Jaya", "Jakarta Utara"): [(550, (PRO, PRO, EARPHONE)), (420, (PRO, CHARGER)), (410, (PHONE,))],
    ("Wahyu Nugroho", "Bogor"): [(95, (PHONE, CASE, TISSUE))],
    ("Indah Permata", "Jakarta Selatan"): [(80, (CHARGER, EARPHONE)), (50, (TISSUE,))],
    ("Rudi Hartono", "Bandung"): [(140, (TISSUE,)), (110, (CHARGER,))],
    ("Nina Safitri", "Cirebon"): [(300, (EARPHONE,))],
    ("Fajar Ramadhan", "Serang"): [(15, (TISSUE, CHARGER))],
}


class CrmDemoSelling(models.AbstractModel):
    _name = "crm.demo.selling"
    _description = "Selling Demo"

    @api.model
    def _load(self):
        """Sell, then count as the night does."""
        self = self.with_context(tracking_disable=True, mail_create_nolog=True)  # noqa: PLW0642
        company = self.env.ref("base.main_company")
        products = self._make_products(RUPIAHS if company.country_id == self.env.ref("base.id") else 1)
        orders, days = self.env["sale.order"], []
        for customer, bought in ORDERS.items():
            partner = self._partner(customer)
            for ago, numbers in bought:
                lines = [Command.create({"product_id": products[number].id}) for number in numbers]
                orders |= orders.create({"partner_id": partner.id, "company_id": company.id, "order_line": lines})
                days.append(ago)
        orders.action_confirm()
        for order, ago in zip(orders, days, strict=True):
            order.date_order = fields.Datetime.now() - timedelta(days=ago)
        # the earphone goes with a phone, though nobody has thought of it yet
        self.env["crm.product.pair"].create(
            {
                "company_id": company.id,
                "product_id": products[PRO].product_tmpl_id.id,
                "other_id": products[EARPHONE].product_tmpl_id.id,
                "strength": 2.0,
                "note": "The Pro has no socket for a cable",
            }
        )
        self.env["crm.product.pair"]._count(company)
        self.env["crm.customer.figures"]._refresh(company)

    def _make_products(self, rate):
        return self.env["product.product"].create(
            [
                {
                    "name": name,
                    "list_price": rate * price,
                    "type": "consu",
                    "is_used_up": number == TISSUE,
                    "taxes_id": False,
                }
                for number, (name, price) in enumerate(PRODUCTS.items())
            ]
        )

    def _partner(self, customer):
        if isinstance(customer, str):
            return self.env.ref(customer)
        name, city = customer
        return self.env["res.partner"].create({"name": name, "city": city, "country_id": self.env.ref("base.id").id})
