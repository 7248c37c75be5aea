from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

#: How many lines a section shows; that there are more is said.
MOST = 5
#: What the customer's page may tell of value and habits, as far as other parts have added it to contacts.
FACTS = (
    "customer_segment_id",
    "customer_value",
    "recency_days",
    "order_frequency",
    "preferred_channel",
    "satisfaction_last",
    "satisfaction_average",
)


class CrmQueueContact(models.Model):
    """The page that an agent has before they answer: who it is, what they are worth, what is open (CC-3a, CC-3b).

    One call from the desk. What follows the check reads with all rights, as an agent has to know of the order that a
    colleague took; :meth:`_pop_search` keeps it to the contact's company and to branches that the agent sees.
    """

    _inherit = "crm.queue.contact"

    is_certain = fields.Boolean(
        "Customer Certain",
        readonly=True,
        copy=False,
        help="They have identified themselves, or the agent has asked. A telephone number alone is a guess.",
    )

    def _prepare_entry_vals(self, vals):
        """Override: a customer whom the source knows is certain; one found by the number is a guess."""
        return super()._prepare_entry_vals(vals) | {"is_certain": bool(vals.get("partner_id"))}

    def desk_pop(self):
        """Return what the agent's page shows of a contact.

        :return: the contact's line in the desk's list, and who, words, needs, interactions, sections, next_actions,
            others (other contacts of this customer now)
        :raise AccessError: it is neither the user's own nor one that they supervise
        """
        contact = self._check_mine()
        return {
            **contact._desk_line(),
            "words": contact.words or "",
            "note": contact.note or "",
            "needs": contact.need_ids.skill_id.mapped("name"),
            "purpose_id": contact.purpose_id.id,
            "who": contact._pop_who(),
            "interactions": contact._pop_interactions(),
            "sections": contact._pop_sections(),
            "next_actions": contact._pop_next_actions(),
            "others": contact._pop_others(),
        }

    # === WHO === #

    def _pop_who(self):
        partner = self.partner_id
        lang = (partner.lang and self.env["res.lang"]._get_data(code=partner.lang).name) or self.lang_id.name
        company = partner.commercial_partner_id
        place = filter(None, (partner.city or company.city, (partner.country_id or company.country_id).name))
        return {
            "id": partner.id,
            "name": partner.name or self.caller_name or "",
            "phone": self.phone or partner.phone or "",
            "email": partner.email or "",
            "lang": lang or "",
            "place": ", ".join(place),
            "company": company.name if company and company != partner else "",
            "since": format_date(self.env, partner.create_date.date()) if partner else "",
            "certain": bool(partner) and self.is_certain,
            "said": self.caller_name or "",
            "maybe": [] if partner else self._pop_maybe(),
            "facts": self._pop_facts(),
        }

    def _pop_maybe(self):
        """Return the customers who share the number: the agent asks which one it is."""
        if not self.phone:
            return []
        domain = [("phone_sanitized", "=", self.phone), ("company_id", "in", (False, self.company_id.id))]
        return self.env["res.partner"].sudo().search(domain, limit=MOST)._desk_customers()

    def _pop_facts(self):
        """Return value, segment and habits, labelled, as far as they are known of customers here."""
        partner, facts = self.partner_id, []
        known = [name for name in FACTS if name in partner._fields] if partner else []
        labels = partner.fields_get(known, ["string", "selection"]) if known else {}
        for name in known:
            if text := self._pop_fact_text(partner, partner._fields[name], labels[name]):
                facts.append({"key": name, "label": labels[name]["string"], "text": text})
        return facts

    def _pop_fact_text(self, partner, field, label):
        value = partner[field.name]
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "selection":
            return dict(label["selection"]).get(value, "")
        if field.type == "monetary":
            currency = partner[field.get_currency_field(partner)] or self.company_id.currency_id
            return self._pop_money(value, currency) if value else ""
        return str(round(value, 1) if isinstance(value, float) else value) if value else ""

    def _pop_family(self, field="partner_id"):
        """Return a domain: documents of the customer, of their company, and of the people there."""
        return Domain(f"{field}.commercial_partner_id", "=", self.partner_id.commercial_partner_id.id)

    # === WHAT HAPPENED === #

    def _pop_interactions(self):
        """Return the last contacts with the customer, or with this number, that the user sees."""
        domain = self._pop_family() if self.partner_id else Domain("phone", "=", self.phone)
        if not (self.partner_id or self.phone):
            return []
        interactions = self.env["crm.interaction"].sudo(False)
        domain &= Domain("id", "!=", self.interaction_id.id) & Domain("state", "!=", "cancelled")
        domain &= Domain("began_at", "<=", fields.Datetime.now())
        found = interactions.search(domain, limit=MOST)
        channels = dict(interactions._fields["channel"]._description_selection(self.env))
        return [
            {
                "id": interaction.id,
                "at": fields.Datetime.to_string(interaction.began_at),
                "channel": interaction.channel,
                "channel_name": channels[interaction.channel],
                "direction": interaction.direction,
                "purpose": interaction.purpose_id.name or "",
                "outcome": interaction.outcome_id.name or "",
                "user": interaction.user_id.sudo().name,
                "missed": interaction.state == "open" and interaction._is_missed(),
            }
            for interaction in found
        ]

    def _pop_others(self):
        """Return other contacts of this customer that aren't over: they wrote, too, and wait for two answers."""
        own = Domain("partner_id", "=", self.partner_id.id) if self.partner_id else Domain.FALSE
        if self.phone:
            own |= Domain("phone", "=", self.phone)
        states = ("waiting", "offered", "active", "callback")
        domain = own & Domain("state", "in", states) & Domain("id", "!=", self.id)
        others = self.sudo(False).search(domain, order="entered_at", limit=MOST).sudo()
        names = dict(self._fields["state"]._description_selection(self.env))
        return [contact._desk_line() | {"state_name": names[contact.state]} for contact in others]

    # === WORDS === #

    @api.model
    def _pop_money(self, amount, currency):
        return format_amount(self.env, amount, currency)

    def _pop_day(self, moment):
        """Return the day of a date, or of a moment (naive UTC) by the branch's clock, as the user writes it."""
        if not moment:
            return ""
        if isinstance(moment, datetime):
            moment = self.branch_id._local(moment).date()
        return format_date(self.env, moment)

    @api.model
    def _pop_soon(self, days):
        """Return the branch's date in so many days."""
        return self.branch_id._today() + timedelta(days=days)
