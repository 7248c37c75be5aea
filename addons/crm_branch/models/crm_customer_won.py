from odoo import fields, models
from odoo.tools import SQL


class CrmCustomerWon(models.Model):
    """Who became a customer, where and when: one row per customer and company (BR-G1, BR-16).

    A customer (with all the people of a firm) is won on the day of the first confirmed order of a point of sale, or on
    which their first contract became active, whichever came first, by the branch of that document and its calendar.
    """

    _name = "crm.customer.won"
    _description = "New Customer"
    _auto = False
    _order = "won_on desc, id desc"
    _rec_name = "partner_id"
    _depends = {
        "contract.contract": ["activated_at", "branch_id", "company_id", "officer_id", "partner_id"],
        "crm.branch": ["company_id", "kind", "tz"],
        "res.partner": ["commercial_partner_id"],
        "sale.order": ["branch_id", "company_id", "date_order", "partner_id", "state", "user_id"],
    }

    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email")
    city = fields.Char(related="partner_id.city")
    branch_id = fields.Many2one("crm.branch", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", "Won By", readonly=True)
    won_on = fields.Date(readonly=True)
    source = fields.Selection(
        [("order", "First Order"), ("contract", "First Contract")], "Won By Way Of", readonly=True
    )
    won = fields.Integer("Customers Won", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT DISTINCT ON (customer.id, document.company_id)
                   document.id, customer.id AS partner_id, document.branch_id, document.company_id, document.user_id,
                   document.source, 1 AS won,
                   (document.moment AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date AS won_on
              FROM (%s) document
              JOIN res_partner partner ON partner.id = document.partner_id
              JOIN res_partner customer ON customer.id = partner.commercial_partner_id
              JOIN crm_branch branch ON branch.id = document.branch_id AND branch.kind = 'point_of_sale'
             ORDER BY customer.id, document.company_id, document.moment, document.id
            """,
            self._documents(),
        )

    def _documents(self):
        """Return what makes somebody a customer."""
        return SQL(
            """
            SELECT 2 * id::bigint AS id, partner_id, branch_id, company_id, user_id, 'order' AS source,
                   date_order AS moment
              FROM sale_order WHERE state = 'sale' AND branch_id IS NOT NULL
             UNION ALL
            SELECT 2 * id::bigint + 1, partner_id, branch_id, company_id, officer_id, 'contract', activated_at
              FROM contract_contract WHERE activated_at IS NOT NULL AND branch_id IS NOT NULL
            """
        )
