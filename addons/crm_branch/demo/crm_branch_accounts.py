"""Demo: Kaktus Telekom keeps books in złoty, with 23 % VAT and a cash journal per point of sale."""

from odoo import api, models

#: XML id of the journal → name and code.
CASH_JOURNALS = {
    "crm_branch.journal_cash_krakow": ("Kasa Kraków", "KKR"),
    "crm_branch.journal_cash_poznan": ("Kasa Poznań", "KPO"),
}


class CrmDemoBranchAccounts(models.AbstractModel):
    _name = "crm.demo.branch.accounts"
    _description = "Accounts Demo"

    @api.model
    def _load(self):
        """Give the demo company what an invoice and a cash payment need; what is there already stays."""
        company = self.env.ref("crm_branch.company_kaktus")
        charts = self.env["account.chart.template"].with_context(allowed_company_ids=company.ids)
        if not company.chart_template:
            # The server is still loading addons: Odoo's try_loading would warn of that, though a chart of no country
            # needs none of those that are still to come.
            charts._load("generic_coa", company, install_demo=False)
            self._localise(company)
        for xmlid, (name, code) in CASH_JOURNALS.items():
            if not self.env.ref(xmlid, raise_if_not_found=False):
                self._make_cash_journal(company, xmlid, name, code)

    def _localise(self, company):
        """The generic chart comes with the dollar, and with a tax of its own."""
        poland = self.env.ref("base.pl")
        company.write({"currency_id": self.env.ref("base.PLN").id, "account_fiscal_country_id": poland.id})
        sale, purchase = company.account_sale_tax_id, company.account_purchase_tax_id
        taxes = self.env["account.tax"].search([("company_id", "=", company.id)])
        (sale | purchase).write({"amount": 23, "name": "VAT 23%", "invoice_label": "VAT 23%"})
        taxes.tax_group_id.write(
            {"country_id": poland.id, "name": "VAT"}
        )  # before their taxes: each needs a group of its country
        taxes.write({"country_id": poland.id})

    def _make_cash_journal(self, company, xmlid, name, code):
        journal = self.env["account.journal"].create(
            {"name": name, "code": code, "type": "cash", "company_id": company.id}
        )
        self.env["ir.model.data"]._update_xmlids([{"xml_id": xmlid, "record": journal, "noupdate": True}])
