from odoo import api, fields, models


class CrmInteractionMixin(models.AbstractModel):
    """Give a document its interactions: list, count, and a button to log one."""

    _name = "crm.interaction.mixin"
    _description = "Has Interactions"

    interaction_ids = fields.One2many(
        "crm.interaction",
        "res_id",
        "Contacts",
        domain=lambda self: [("res_model", "=", self._name)],
        copy=False,
        groups="crm_base.group_officer",
    )
    interaction_count = fields.Integer(compute="_compute_interaction_count", groups="crm_base.group_officer")

    @api.depends("interaction_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_interaction_count(self):
        groups = self.env["crm.interaction"]._read_group(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id"], ["__count"]
        )
        counts = dict(groups)
        for document in self:
            document.interaction_count = counts.get(document.id, 0)

    def action_view_interactions(self):
        """Open the document's interactions; a new one is about this document and its customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_base.crm_interaction_action")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {f"default_{name}": value for name, value in self._interaction_defaults().items()}
        return action

    def _interaction_defaults(self):
        """Return values of a new interaction about this document."""
        self.ensure_one()
        partners = self._mail_get_partners()[self.id] if hasattr(self, "_mail_get_partners") else ()
        return {"res_model": self._name, "res_id": self.id, "partner_id": partners[:1].id if partners else False}
