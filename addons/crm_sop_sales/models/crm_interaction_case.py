from odoo import api, models
from odoo.exceptions import UserError, ValidationError


class CrmInteraction(models.Model):
    """What the call is about decides what opens (SOP-2c); personal matters open nothing (SOP-G5)."""

    _inherit = "crm.interaction"

    # === CONSTRAINS AND ONCHANGE METHODS === #

    @api.constrains("purpose_id", "res_id")
    def _check_personal(self):
        """SOP-G5: a personal matter isn't the company's; it is logged and closed without a case."""
        known = self.env["ir.model.data"]
        personal = known._xmlid_to_res_id("crm_base.crm_interaction_purpose_personal", raise_if_not_found=False)
        if self.filtered(lambda contact: contact.res_id and contact.purpose_id and contact.purpose_id.id == personal):
            raise ValidationError(self.env._("A personal contact is closed without a case: it is about no document."))

    # === ACTION METHODS === #

    def action_buying(self):
        """Open the opportunity of a caller who wants to buy: the contact's, the one that goes on, or a new one."""
        self.ensure_one()
        if not self._is_about_lead():
            self._check_free()
            lead = self._find_opportunity() or self._create_opportunity()
            self.write({"purpose_id": self._purpose("buying").id, "res_model": lead._name, "res_id": lead.id})
        return self.env["crm.lead"].browse(self.res_id).get_formview_action()

    # === BUSINESS METHODS === #

    def _purpose(self, name):
        """Return a purpose of that name; where a manager has deleted it, the contact's own."""
        return self.env.ref(f"crm_base.crm_interaction_purpose_{name}", raise_if_not_found=False) or self.purpose_id

    def _is_about_lead(self):
        return bool(self.res_id) and self.res_model == "crm.lead"

    def _check_free(self):
        if self.res_id:
            raise UserError(self.env._("This contact is about a document already: log another one for another matter."))

    def _find_opportunity(self):
        """Return the officer's latest open opportunity with the customer: another call about it opens no second one."""
        leads = self.env["crm.lead"]
        if not self.partner_id:
            return leads
        theirs = [("partner_id", "=", self.partner_id.id), ("user_id", "=", self.env.uid)]
        is_open = [("type", "=", "opportunity"), ("won_status", "=", "pending")]
        return leads.search([*theirs, *is_open], order="id desc", limit=1)

    def _create_opportunity(self):
        if not self.partner_id and self.phone:
            self.action_create_customer()
        return self.env["crm.lead"].create(self._prepare_opportunity_vals())

    def _prepare_opportunity_vals(self):
        """Return a new opportunity; without a number the caller stays a name on it."""
        customer = self.partner_id.display_name or self._who()
        return {
            "type": "opportunity",
            "name": self.env._("Wish of %(customer)s", customer=customer),
            "partner_id": self.partner_id.id,
            "contact_name": False if self.partner_id else self.caller_name,
            "user_id": self.env.uid,
            "description": self.note,
        }
