from odoo import Command

from .common import PhoneShopCase


class InquiryCase(PhoneShopCase):
    """A shop with phones in stock for several uses, and an officer's open opportunity with a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False
        cls.camera = cls.env.ref("crm_sop_sales.crm_product_use_camera")
        cls.battery = cls.env.ref("crm_sop_sales.crm_product_use_battery")
        cls.reason = cls.env.ref("crm.lost_reason_1")
        cls.partner.email = "rina@example.com"
        cls.other_phone = cls._create_phone("Phone Two", 4_000_000)
        cls.env["crm.branch"].create({"name": "Test Shop", "code": "TST", "user_ids": cls.officer.ids})
        cls.lead = cls._create_opportunity()
        cls.lines = cls.env["crm.lead.product"].with_user(cls.officer)

    @classmethod
    def _create_opportunity(cls, user=None, **values):
        user = user or cls.officer
        values = {"name": "A phone", "type": "opportunity", "partner_id": cls.partner.id, "user_id": user.id, **values}
        return cls.env["crm.lead"].with_user(user).create(values)

    @classmethod
    def _add(cls, product, lead=None, **values):
        """Add a product to what the officer's opportunity is about."""
        return cls.lines.create({"lead_id": (lead or cls.lead).id, "product_id": product.id, **values})

    @classmethod
    def _refuse(cls, product, reason="Too dear", **values):
        return cls._add(product, answer="refused", refusal_reason=reason, **values)

    @classmethod
    def _create_promotion(cls, products=None, **values):
        rules = [Command.clear(), Command.create({"product_ids": products.ids if products else []})]
        values = {"name": "Phone Week", "program_type": "promotion", "rule_ids": rules, **values}
        return cls.env["loyalty.program"].create(values)

    @classmethod
    def _sell(cls, product, quantity):
        """Put a confirmed order of another officer into the books, as an order of another month would be."""
        order = cls._create_order(quantity, user=cls.other_officer, product=product)
        order.sudo()._write({"state": "sale"})
        order.order_line.sudo()._write({"state": "sale"})
        order.invalidate_recordset()
        order.order_line.invalidate_recordset()
        return order.sudo()
