from odoo import api, fields, models


class CrmCallPreparation(models.AbstractModel):
    """Show whoever plans or makes a call what it is for, and whom they will speak to (FL-5).

    The caller reads the document's memo, the customer's profile and segment, the latest contacts, what is on offer.
    A model that inherits this says with :meth:`_get_call_document` which document its call is about.
    """

    _name = "crm.call.preparation"
    _description = "Preparation of a Call"

    call_preparation = fields.Html(compute="_compute_call_preparation", sanitize=False)

    @api.depends_context("uid", "lang", "company")
    def _compute_call_preparation(self):
        for call in self:
            document = call._get_call_document()
            call.call_preparation = self._render_call_preparation(document) if document else False

    def _get_call_document(self):
        """Hook: return the document that a planned call is about, or None where it isn't a call or has none."""
        raise NotImplementedError

    @api.model
    def _readable_document(self, model, document_id):
        """Return the document where it is of a kind that calls are about, and the user may read it; else None."""
        if not document_id or model not in self.env or not hasattr(self.env.registry[model], "_get_call_memo"):
            return None
        document = self.env[model].browse(document_id).exists()
        return document if document and document.sudo(False).has_access("read") else None

    @api.model
    def _render_call_preparation(self, document):
        return self.env["ir.qweb"]._render("crm_sop_sales.call_preparation", self._prepare_call_values(document))

    @api.model
    def _prepare_call_values(self, document):
        """Return what the caller reads; only what the user may read themself."""
        partner = self.env["res.partner"].browse(document._interaction_defaults().get("partner_id"))
        profile = partner._get_profile()
        return {
            "memo": document._get_call_memo(),
            "partner": partner,
            "profile": profile,
            "interactions": self._find_latest_interactions(document, partner),
            "programs": self._find_programs(document, partner),
        }

    @api.model
    def _find_programs(self, document, partner):
        """Return what runs for the customer; each says when they were told of it (SOP-T6)."""
        programs = document.running_program_ids if "running_program_ids" in document else []
        return programs and programs.with_context(offer_partner_id=partner.id)

    @api.model
    def _find_latest_interactions(self, document, partner):
        interactions = self.env["crm.interaction"]
        if not interactions.has_access("read"):
            return interactions
        about = [("res_model", "=", document._name), ("res_id", "=", document.id)]
        theirs = ["|", ("partner_id", "child_of", partner.id), "&", *about] if partner else about
        return interactions.search([*theirs, ("state", "=", "done")], limit=3)
