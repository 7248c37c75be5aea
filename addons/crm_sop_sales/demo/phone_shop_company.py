"""The demo shop's company: an Indonesian main company becomes a shop in Jakarta, with rupiahs and Indonesian taxes."""

from odoo import api, models

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

#: Odoo's own demo data gives the main company this chart, and US dollars, whatever its country.
CHART_OF_DEMO = "generic_coa"


class CrmDemoCompany(models.AbstractModel):
    """Fit the main company out. Only the demo files call this, and only for an Indonesian company."""

    _name = "crm.demo.company"
    _description = "Demo Data: Company of a Phone Shop"

    @api.model
    def _load(self):
        """Give an Indonesian main company its name, address, accounts and currency; another one stays as it is."""
        company = self.env.ref("base.main_company")
        company.stock_text_confirmation = False  # no text message leaves a demo
        if company.country_id != self.env.ref("base.id"):
            return
        company.partner_id.write(self._prepare_address())
        charts = self.env["account.chart.template"]
        if company.chart_template == CHART_OF_DEMO and "id" in charts._get_chart_template_mapping():
            self._begin_books(company)

    def _prepare_address(self):
        return {
            "name": "PT Satu Solusi",
            "street": "Jl. Jend. Sudirman Kav. 52",
            "street2": False,
            "city": "Jakarta Selatan",
            "zip": "12190",
            "state_id": self.env.ref("base.state_id_jk").id,
            "phone": "+62 21 852 0670",
            "email": "info@satusolusi.example.com",
            "website": False,
        }

    def _begin_books(self, company):
        """Give the company Indonesian accounts, and prices that include PPN (SOP-3c2).

        What Odoo's demo data has booked in dollars goes, as it does whenever Odoo replaces a company's chart.
        """
        moves = self.env["account.move"].search([("company_id", "=", company.id)])
        moves.with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink()
        self.env["account.chart.template"]._load("id", company, install_demo=False)
        company.account_price_include = "tax_included"
        pricelists = self.env["product.pricelist"].search([("company_id", "in", (company.id, False))])
        pricelists.filtered(lambda pricelist: not pricelist.item_ids).currency_id = company.currency_id
