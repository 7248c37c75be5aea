from odoo import api, fields, models
from odoo.tools import html2plaintext

#: Channels of a contact that helpdesk knows too; all others are its “Other”.
CHANNELS = {"call": "phone", "email": "email"}


class CrmInteraction(models.Model):
    """A contact opens a complaint, continues one, or says that its customer is satisfied (SOP-2c, SOP-2d, SOP-T7)."""

    _inherit = "crm.interaction"

    complaint_count = fields.Integer(related="partner_id.complaint_count", related_sudo=False)
    unit_count = fields.Integer(related="partner_id.unit_count", related_sudo=False)
    sale_order_count = fields.Integer(related="partner_id.sale_order_count", related_sudo=False)

    # === ACTION METHODS === #

    def action_complaint(self):
        """Open the complaint of a caller who isn't content: the contact's, one that goes on, or a new one."""
        self.ensure_one()
        if self._is_about_complaint():
            return self.env["helpdesk.ticket"].browse(self.res_id).get_formview_action()
        if self.delivered_order_id:
            return self.delivered_order_id.action_register_complaint()
        self._check_free()
        if self._find_complaints():
            return self._choose_complaint()
        return self._take_complaint(self._create_complaint())

    def action_view_complaints(self):
        """Open the complaints of the customer (SOP-T2)."""
        self.ensure_one()
        return self.partner_id.action_view_complaints()

    def action_view_units(self):
        """Open the handsets that the customer has bought (SOP-T2)."""
        self.ensure_one()
        return self.partner_id.action_view_units()

    def action_view_orders(self):
        """Open the customer's orders (SOP-T2)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale.act_res_partner_2_sale_order")
        context = {"default_partner_id": self.partner_id.id}
        return {**action, "domain": [("partner_id", "child_of", self.partner_id.id)], "context": context}

    # === BUSINESS METHODS === #

    @api.model
    def _selection_about(self):
        """Override: officers know helpdesk's tickets as complaints."""
        about = dict(super()._selection_about())
        return list({**about, "helpdesk.ticket": self.env._("Complaint")}.items())

    def _is_about_complaint(self):
        return bool(self.res_id) and self.res_model == "helpdesk.ticket"

    def _find_complaints(self):
        """Return the customer's complaints that aren't finished."""
        return self.env["helpdesk.ticket"]._find_open_complaints(self.partner_id)

    def _choose_complaint(self):
        """Ask which complaint the call is about, where the customer has open ones."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.crm_complaint_choice_action")
        return {**action, "context": {"default_interaction_id": self.id}}

    def _take_complaint(self, complaint):
        """Let the contact be about the complaint, and open it."""
        purpose = self._purpose("complaint")
        self.write({"purpose_id": purpose.id, "res_model": complaint._name, "res_id": complaint.id})
        return complaint.get_formview_action()

    def _create_complaint(self):
        if not self.partner_id and self.phone:
            self.action_create_customer()
        tickets = self.env["helpdesk.ticket"].with_context(new_complaint=True)
        return tickets.create(self._prepare_complaint_vals()).with_env(self.env)

    def _prepare_complaint_vals(self):
        """Return a new complaint; what the officer noted so far is the beginning of the problem."""
        channel = f"helpdesk_mgmt.helpdesk_ticket_channel_{CHANNELS.get(self.channel, 'other')}"
        known = {"partner_id": self.partner_id.id} if self.partner_id else {"partner_name": self.caller_name}
        return {
            **known,
            "description": self.note,
            "branch_id": self.branch_id.id,
            "user_id": self.env.uid,
            "channel_id": self.env.ref(channel, raise_if_not_found=False).id,
        }

    def _after_transition(self, transition):
        """Override: what the customer says closes a solved complaint or takes it up again (SOP-T7)."""
        result = super()._after_transition(transition)
        if transition.name in ("close", "cancel"):
            self.filtered(lambda contact: contact._is_about_complaint())._settle_complaints()
        return result

    def _settle_complaints(self):
        """Move the solved complaints on that these contacts were about, where the user may."""
        for contact in self:
            complaint = self.env["helpdesk.ticket"].browse(contact.res_id).exists()
            if not complaint or complaint.sudo().complaint_state != "solved" or not complaint.has_access("write"):
                continue
            verdict = contact.state == "done" and contact.outcome_id.satisfaction
            if verdict == "satisfied":
                complaint._workflow_do("close")
            elif verdict == "dissatisfied":
                told = html2plaintext(contact.note or "").strip()
                complaint._workflow_do("dissatisfied", told or contact.outcome_id.name)
            else:
                complaint._plan_follow_up()
