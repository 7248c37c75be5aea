from odoo import Command

from .contact_common import ContactCase

FACTS = {"product_name": "Nokia 3310", "purchase_period": "Before Lebaran", "shop_name": "ITC Roxy Mas"}
ANSWER = {"decision_reason": "A fault of the display", "solution": "New display"}


class ComplaintCase(ContactCase):
    """Two shops, a customer with a handset of ours, and complaints about it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.imei_phone = cls._create_imei_phone()
        cls.decision = cls.env.ref("crm_sop_sales.crm_complaint_decision_warranty")
        cls.satisfied = cls.env.ref("crm_base.crm_interaction_outcome_satisfied")
        cls.dissatisfied = cls.env.ref("crm_sop_sales.crm_interaction_outcome_dissatisfied")
        cls.team = cls.env.ref("crm_sop_sales.helpdesk_team_complaints")
        cls.tickets = cls.env["helpdesk.ticket"].with_user(cls.officer).with_context(new_complaint=True)

    @classmethod
    def _create_complaint(cls, user=None, **values):
        """Make a complaint with all facts, not registered yet."""
        values = {"partner_id": cls.partner.id, "description": "<p>Screen stays black</p>", **FACTS, **values}
        return cls.tickets.with_user(user or cls.officer).create(values)

    @classmethod
    def _create_registered(cls, **values):
        complaint = cls._create_complaint(**values)
        complaint.action_register()
        return complaint

    @classmethod
    def _create_solved(cls, **values):
        complaint = cls._create_registered(**values)
        complaint.write({"decision_id": cls.decision.id, **ANSWER})
        complaint.action_solve()
        return complaint

    @classmethod
    def _tell(cls, complaint, outcome, note="Said so."):
        """Let the customer answer the planned question."""
        contact = complaint.follow_up_id
        contact.write({"outcome_id": outcome.id, "note": note})
        contact.action_close()
        return contact

    @classmethod
    def _sell(cls, imei2=None):
        """Sell and deliver a handset; return it."""
        unit = cls._create_units(cls.imei_phone, 1)
        unit.imei2 = imei2
        order = cls._create_approved(product=cls.imei_phone)
        order.action_confirm()
        cls._deliver(order)
        return unit, order

    @classmethod
    def _create_portal_user(cls, partner):
        return cls.env["res.users"].create(
            {
                "login": "sop_portal_complaint",
                "partner_id": partner.id,
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )
