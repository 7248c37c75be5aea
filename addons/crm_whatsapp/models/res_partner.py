from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..utils import number_of


class ResPartner(models.Model):
    """A contact's number as WhatsApp takes it, what its owner said about messages, and the messages."""

    _name = "res.partner"
    _inherit = ["res.partner", "crm.whatsapp.mixin"]

    whatsapp_phone = fields.Char(
        "WhatsApp Number", compute="_compute_whatsapp_phone", store=True, compute_sudo=True, index="btree_not_null"
    )
    whatsapp_problem = fields.Selection(
        [
            ("no_number", "No phone number"),
            ("invalid", "No valid phone number"),
            ("landline", "Landline, or no mobile number"),
        ],
        "Not for WhatsApp",
        compute="_compute_whatsapp_phone",
        store=True,
        compute_sudo=True,
    )
    whatsapp_consent = fields.Selection(
        [("in", "Opted In"), ("out_marketing", "Opted Out of Marketing"), ("out", "Opted Out")],
        compute="_compute_whatsapp_consent",
        search="_search_whatsapp_consent",
        compute_sudo=True,
    )

    # === COMPUTE METHODS === #

    @api.depends("phone", "country_id", "company_id.country_id")
    def _compute_whatsapp_phone(self):
        """Numbers without a prefix are of the contact's country, else of the company's."""
        for partner in self:
            country = partner.country_id or partner.company_id.country_id or self.env.company.country_id
            partner.whatsapp_phone, partner.whatsapp_problem = number_of(partner.phone, country)

    @api.depends("whatsapp_phone")
    def _compute_whatsapp_consent(self):
        consents = self.env["crm.whatsapp.consent"].search_fetch(
            [("phone", "in", self.filtered("whatsapp_phone").mapped("whatsapp_phone"))], ["phone", "value"]
        )
        values = {consent.phone: consent.value for consent in consents}
        for partner in self:
            partner.whatsapp_consent = values.get(partner.whatsapp_phone, False)

    def _search_whatsapp_consent(self, operator, value):
        if operator != "in":
            return NotImplemented
        consents = self.env["crm.whatsapp.consent"].sudo()
        said = consents.search([("value", "in", [item for item in value if item])])
        found = Domain("whatsapp_phone", "in", said.mapped("phone"))
        if False in value:
            known = consents.search([]).mapped("phone")
            found |= Domain("whatsapp_phone", "=", False) | Domain("whatsapp_phone", "not in", known)
        return found

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_whatsapp_message_count(self):
        """Override: all messages with the contact, whatever they are about."""
        groups = self.env["crm.whatsapp.message"]._read_group(
            [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
        )
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner.whatsapp_message_count = counts.get(partner.id, 0)

    # === ACTION METHODS === #

    def action_whatsapp_opt_out(self):
        """Note that the customer wants no WhatsApp messages."""
        self._note_consent("out")

    def action_whatsapp_opt_in(self):
        """Note that the customer has agreed to WhatsApp messages."""
        self._note_consent("in")

    # === BUSINESS METHODS === #

    def _note_consent(self, value):
        self.check_access("read")
        consents = self.env["crm.whatsapp.consent"]
        consents._check_officer()
        for partner in self:
            if not partner.whatsapp_phone:
                raise UserError(self.env._("%s has no mobile number.", partner.display_name))
            consents._note(partner.whatsapp_phone, value, "officer")

    def _whatsapp_domain(self):
        """Override: all messages with the contact, whatever they are about."""
        return [("partner_id", "in", self.ids)]

    def _whatsapp_partners(self):
        """Override: a contact is its own."""
        return {partner: partner for partner in self}
