"""Products, customers and confirmed orders that the tests of selling begin with."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

from .common import ContactCenterCase


class SellingCase(ContactCenterCase):
    """A company of its own with an empty past, shop S in it, an agent there, goods and customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm = cls._create_company("Test firm")
        cls.env.user.company_ids |= cls.firm
        cls.branch = cls._create_branch(code="TS", company_id=cls.firm.id)
        companies = {"company_id": cls.firm.id, "company_ids": [Command.set(cls.firm.ids)]}
        group = "crm_contact_center.group_agent"
        cls.seller = cls._create_user("test_seller", group, cls.branch, **companies)
        cls.rival = cls._create_user("test_rival", group, cls.branch, **companies)
        group = "crm_contact_center.group_supervisor"
        cls.boss = cls._create_user("test_boss", group, cls.branch, **companies)
        cls.salesman = cls._create_user(
            "test_salesman", "sales_team.group_sale_salesman", cls.env["crm.branch"], **companies
        )
        cls.firm_queue = cls._create_queue(code="TSQ", branch_id=cls.branch.id, user_id=cls.boss.id)
        cls.seller_agent, cls.rival_agent = cls.env["crm.agent"].create(
            [
                {"user_id": user.id, "branch_id": cls.branch.id, "queue_ids": [Command.set(cls.firm_queue.ids)]}
                for user in (cls.seller, cls.rival)
            ]
        )
        cls.shoes, cls.belt, cls.socks, cls.hat = cls.goods = cls._create_goods("Shoes", "Belt", "Socks", "Hat")
        cls.pairs = cls.env["crm.product.pair"]
        cls.figures = cls.env["crm.customer.figures"]
        cls.suggestions = cls.env["crm.suggestion"]

    @classmethod
    def _create_company(cls, name, **values):
        return cls.env["res.company"].create({"name": name, "currency_id": cls.env.ref("base.IDR").id, **values})

    @classmethod
    def _create_goods(cls, *names, **values):
        values = {"type": "consu", "list_price": 100_000, "taxes_id": False, **values}
        return cls.env["product.template"].create([{"name": name, **values} for name in names])

    @classmethod
    def _create_customers(cls, count):
        return cls.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(count)])

    @classmethod
    def _sell(cls, partner, products, ago=10, amount=None, **values):
        """Note a confirmed order, so many days ago; without deliveries, which aren't what is tested."""
        order = cls._quote(partner, products, company=values.pop("company", None))
        values = {"state": "sale", "date_order": fields.Datetime.now() - timedelta(days=ago), **values}
        if amount is not None:
            values["amount_untaxed"] = amount
        cls._force(order, **values)
        return order

    @classmethod
    def _quote(cls, partner, products, company=None, **values):
        company = company or cls.firm
        lines = [Command.create({"product_id": product.product_variant_ids[0].id}) for product in products]
        orders = cls.env["sale.order"].with_company(company)
        return orders.create({"partner_id": partner.id, "company_id": company.id, "order_line": lines, **values})

    @classmethod
    def _force(cls, records, **values):
        """Write below the ORM."""
        cls.env.flush_all()
        columns = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items())
        table = SQL.identifier(records._table)
        cls.env.cr.execute(SQL("UPDATE %s SET %s WHERE id IN %s", table, columns, tuple(records.ids)))
        cls.env.invalidate_all()

    @classmethod
    def _make_pair(cls, product, other, **values):
        values = {"product_id": product.id, "other_id": other.id, "company_id": cls.firm.id, **values}
        return cls.pairs.create(values)

    def _serve(self, partner, agent=None):
        """Return a contact of the partner that the agent has answered."""
        agent = agent or self.seller_agent
        if agent.mode != "available":
            agent._set_mode("available")
        contact = self._enter(
            queue_id=self.firm_queue.id, partner_id=partner.id, channel="chat", only_agent_id=agent.id
        )
        self._route()
        contact._answer()
        return contact

    def _desk(self, contact, user=None):
        return contact.with_user(user or self.seller).with_company(self.firm)
