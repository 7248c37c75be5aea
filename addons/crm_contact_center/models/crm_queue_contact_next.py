from odoo import models

#: More than that would be read by nobody while somebody is talking.
MOST = 5


class CrmQueueContact(models.Model):
    """What is best to do next for the customer at hand, and how their value routes them (CC-2b, CC-3a, CC-6c)."""

    _inherit = "crm.queue.contact"

    # === AT ENTRY === #

    def _prepare_entry_vals(self, vals):
        """Override: a customer's value is the one for the queue's company, whoever lets the contact in."""
        company = self.env["crm.queue"].sudo().browse(vals["queue_id"]).company_id
        return super(CrmQueueContact, self.sudo().with_company(company))._prepare_entry_vals(vals)

    def _priority_of(self, partner):
        """Override: a segment adds its points."""
        segment = self._figures_of(partner, self.env.company).segment_id
        return super()._priority_of(partner) + (segment.priority_points or 0)

    def _skills_of_customer(self):
        """Override: where the customer lives and their segment ask for skills that some agent of the queue has.

        What nobody has would let them wait for nobody.
        """
        skills = super()._skills_of_customer()
        partner = self.partner_id.sudo()
        if not partner:
            return skills
        wanted = self._figures_of(partner, self.company_id).segment_id.skill_id.filtered("active")
        regions = self.env["crm.skill"].sudo().search([("kind", "=", "region")])
        wanted |= regions._of_region(partner if partner.state_id or partner.city else partner.commercial_partner_id)
        if not wanted:
            return skills
        held = (
            self.env["crm.agent.skill"]
            .sudo()
            .search_fetch(
                [("skill_id", "in", wanted.ids), ("agent_id", "in", self.queue_id.agent_ids.ids)], ["skill_id"]
            )
        )
        return skills | held.skill_id

    def _figures_of(self, partner, company):
        return (
            self.env["crm.customer.figures"]
            .sudo()
            .search([("partner_id", "=", partner.commercial_partner_id.id), ("company_id", "=", company.id)], limit=1)
        )

    # === ON THE DESK === #

    def _pop_next_actions(self):
        """Return what is best to do next, best first: dicts of key, title, text, detail, model, id, action.

        Called on one contact, with all rights. ``model`` and ``id`` only where the user may open the document;
        ``action`` is what the desk does with it: "open", or "offer" for a suggestion.
        """
        self.ensure_one()
        if not self.partner_id:
            return []
        rules = self.env["crm.next.action"]._rules(self.company_id)
        facts, figures = self._next_facts(rules), self._figures_of(self.partner_id, self.company_id)
        found = {}
        for rule in rules:
            if (rule.kind not in found or rule.kind == "customer") and rule._fits(figures, facts[rule.kind]):
                key = rule.kind if rule.kind != "customer" else f"customer_{rule.id}"
                found[key] = self._next_line(rule, key, figures, facts[rule.kind])
            if len(found) == MOST:
                break
        return list(found.values())

    def _next_line(self, rule, key, figures, fact):
        values = {**fact, "customer": self.partner_id.name, "segment": figures.segment_id.name}
        if "due" in fact:
            values["amount"] = self._fact_money(rule._due(fact))
        model = fact.get("model")
        document = self.env[model].sudo(False).browse(fact["id"]) if model else None
        link = document is not None and document.has_access("read")
        return {
            "key": key,
            "title": rule.name,
            "text": rule._filled_in(values),
            "detail": fact.get("detail", ""),
            "model": link and model,
            "id": link and fact["id"],
            "action": "offer" if rule.kind == "suggestion" else "open" if link else "say",
        }

    def desk_selling(self):
        """Return what the desk's panel shows: the customer beside their segment, and suggestions, noted as shown.

        :return: compared (segment, color, advice, score, rows: label, own, typical), suggestions, quotations (whether
            the user may make them)
        :raise AccessError: the contact is neither the user's own nor one that they supervise
        """
        contact = self._check_mine()
        if not contact.partner_id:
            return {"compared": False, "suggestions": [], "quotations": False}
        company = contact.company_id
        shown = contact.env["crm.suggestion"]._show(
            contact.partner_id.sudo(False), company, contact.branch_id, contact=contact
        )
        return {
            "compared": contact._compared(),
            "suggestions": [suggestion._panel_line() for suggestion in shown],
            "quotations": self.env["sale.order"].has_access("create"),
        }

    def _compared(self):
        """Return the customer's figures beside what is typical of their segment (CC-6c); False where none are known."""
        partner = self.partner_id.with_company(self.company_id)
        segment = partner.customer_segment_id
        if not partner.customer_score:
            return False
        compare = {
            "value": (self.env._("Value"), "customer_value", "segment_value", "money"),
            "orders": (self.env._("Orders"), "order_frequency", "segment_orders", "number"),
            "recency": (self.env._("Days since the last order"), "recency_days", "segment_recency_days", "number"),
        }
        return {
            "segment": segment.name or "",
            "color": segment.color,
            "advice": segment.advice or "",
            "score": partner.customer_score,
            "currency_id": partner.customer_currency_id.id,
            "rows": [
                {"key": key, "label": label, "own": partner[own], "typical": segment and partner[typical], "kind": kind}
                for key, (label, own, typical, kind) in compare.items()
            ],
        }

    def desk_answer(self, suggestion_id, answer):
        """Note what the customer says to a suggestion of this contact.

        :param answer: quotation, lead (both accept it), refused or not_now
        :return: {"model", "id", "name"} of what was made of it, or False
        """
        contact = self._check_mine()
        suggestion = contact.env["crm.suggestion"].search([("id", "=", suggestion_id), ("contact_id", "=", contact.id)])
        if not suggestion or answer not in ("quotation", "lead", "refused", "not_now"):
            raise ValueError(f"no such suggestion or answer: {suggestion_id!r}, {answer!r}")
        suggestion = suggestion.sudo(False)
        if answer in ("quotation", "lead"):
            return suggestion._accept(answer)
        suggestion._answer(answer)
        return False
