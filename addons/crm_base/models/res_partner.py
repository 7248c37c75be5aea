from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    interaction_ids = fields.One2many("crm.interaction", "partner_id", "Contacts", groups="crm_base.group_officer")
    interaction_count = fields.Integer(compute="_compute_interaction_count", groups="crm_base.group_officer")

    @api.depends("interaction_ids", "child_ids.interaction_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_interaction_count(self):
        """Count the interactions with a customer and the people of that customer (FL-12)."""
        people = self.with_context(active_test=False).search_fetch([("id", "child_of", self.ids)], ["parent_id"])
        domain = [("partner_id", "in", people.ids)]
        counts = self.env["crm.interaction"]._read_group(domain, ["partner_id"], ["__count"])
        self.interaction_count = 0
        for partner, count in counts:
            person = partner
            while person in people:
                if person in self:
                    person.interaction_count += count
                person = person.parent_id

    def action_view_interactions(self):
        """Open the interactions with the customer and its people."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_base.crm_interaction_action")
        action["domain"] = [("partner_id", "child_of", self.id)]
        action["context"] = {"default_partner_id": self.id}
        return action

    # === BUSINESS METHODS === #

    def _more_person_documents(self):
        """Hook: return what an addon keeps about these contacts, for who exports or erases a person's data.

        Called with all rights, on a contact and its addresses.

        :return: ``{section: (records, names of the fields whose text goes when the person is erased)}``
        """
        return {}

    def _signed_person_documents(self):
        """Hook: return what these contacts have signed, which the law wants to be kept as long as their invoices.

        Of them, what the person's erasure leaves goes when the law's time is over. Called with all rights.

        :return: ``{section: (records, name of the field of its date, names of the fields that are kept)}``
        """
        return {}

    def _erase_person(self, documents):
        """Hook: erase what isn't erased by emptying texts and deleting files. With all rights, after every check.

        :param dict documents: section → records, those of :meth:`_more_person_documents` among them
        """

    def _erase_blockers(self):
        """Hook: return why these people can't be erased yet, in words. Called with all rights."""
        return []

    def _kept(self, model, domain):
        return self.env[model].with_context(active_test=False).search(domain)
