from odoo import api, fields, models


class CrmWhatsappMixin(models.AbstractModel):
    """Send WhatsApp messages from a document, and hear of the answers.

    .. code-block:: python

        class Visit(models.Model):
            _name = "my.visit"
            _inherit = ["mail.thread", "crm.whatsapp.mixin"]

            def _whatsapp_answered(self, message):
                self.answered = True

        visits._whatsapp_send(template, key="visit-reminder")
    """

    _name = "crm.whatsapp.mixin"
    _description = "Sends WhatsApp Messages"

    whatsapp_message_ids = fields.One2many(
        "crm.whatsapp.message",
        "res_id",
        "WhatsApp Messages",
        domain=lambda self: [("res_model", "=", self._name)],
        groups="crm_base.group_officer",
        copy=False,
    )
    whatsapp_message_count = fields.Integer(
        "WhatsApp Count", compute="_compute_whatsapp_message_count", groups="crm_base.group_officer"
    )

    @api.depends("whatsapp_message_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_whatsapp_message_count(self):
        groups = self.env["crm.whatsapp.message"]._read_group(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id"], ["__count"]
        )
        counts = dict(groups)
        for document in self:
            document.whatsapp_message_count = counts.get(document.id, 0)

    # === ACTION METHODS === #

    def action_whatsapp_compose(self):
        """Open the window to write a WhatsApp message about these documents."""
        return self.env["crm.whatsapp.composer"]._open_for(self)

    def action_view_whatsapp(self):
        """Open the messages about the document."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_whatsapp.crm_whatsapp_message_action")
        action["domain"] = self._whatsapp_domain()
        action["context"] = {}
        return action

    # === BUSINESS METHODS === #

    def _whatsapp_send(self, template, key=None, due_at=None):
        """Queue a template for these documents; see ``crm.whatsapp.message._whatsapp_send``.

        :return: the new messages, left-out ones too
        """
        return self.env["crm.whatsapp.message"]._whatsapp_send(template, self, key=key, due_at=due_at)

    # === HOOKS === #

    def _whatsapp_domain(self):
        """Hook: return the domain of the messages that the document shows."""
        return [("res_model", "=", self._name), ("res_id", "in", self.ids)]

    def _whatsapp_partners(self):
        """Hook: return document → the contact to whom its messages go, perhaps an empty one."""
        return {document: document.partner_id for document in self}

    def _whatsapp_agent(self):
        """Hook: return who answers the customer about this document, or nobody: then it is who wrote to them."""
        return self.env["res.users"]

    def _whatsapp_settled(self, messages):
        """Hook: messages of these documents were sent, have arrived or have failed: ``message.state`` of the one whose
        ``res_id`` the document is. Many come at once; it may be told the same again.
        """

    def _whatsapp_answered(self, message):
        """Hook: the customer has answered; ``message`` is the incoming one."""
