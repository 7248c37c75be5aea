from odoo import fields, models
from odoo.fields import Domain

from .crm_queue_contact_pop import MOST

#: What access rules ask of a document: read with it, not by a query more.
WHOSE = ("company_id", "branch_id", "user_id", "invoice_user_id", "team_id", "partner_id")


class CrmQueueContact(models.Model):
    """What is open with the customer, for the agent's page (CC-3a): what they owe, wait for, or think of buying."""

    _inherit = "crm.queue.contact"

    def _pop_sections(self):
        """Return what is open with the customer: dicts of key, title, lines ({text, detail, model, id}), more.

        Other parts add theirs: called on one contact, with all rights. ``model`` and ``id`` only where the user may
        open it.
        """
        self.ensure_one()
        if not self.partner_id:
            return []
        sections = [
            self._pop_invoices(),
            *self._pop_neighbours(),
            self._pop_orders(),
            self._pop_deliveries(),
            self._pop_leads(),
            self._pop_planned(),
        ]
        return [section for section in sections if section["lines"]]

    def _pop_next_actions(self):
        """Hook: return what would be best to offer or settle now."""
        return []

    def _pop_search(self, model, domain, order=None, names=()):
        """Return documents, with all rights, of the contact's company and of branches that the user sees.

        :param names: the fields that will be shown: documents have a hundred others
        """
        documents = self.env[model].sudo()
        domain = Domain(domain)
        if "company_id" in documents._fields:
            domain &= Domain("company_id", "in", (False, self.company_id.id))
        if "branch_id" in documents._fields:
            domain &= Domain("branch_id", "in", (False, *self.env.user.visible_branch_ids.ids))
        names = [*names, *(name for name in WHOSE if name in documents._fields)]
        return documents.search_fetch(domain, names, order=order, limit=MOST + 1)

    def _pop_section(self, key, title, documents, line):
        """Return a section of documents; ``line`` says of one its text and detail, and whether it is urgent."""
        shown = documents[:MOST]
        readable = set(shown.sudo(False)._filtered_access("read")._ids)
        lines = []
        for document in shown:
            text, detail, urgent = line(document)
            link = document.id in readable
            lines.append(
                {
                    "text": text,
                    "detail": " · ".join(filter(None, detail)),
                    "urgent": bool(urgent),
                    "model": link and documents._name,
                    "id": document.id,
                }
            )
        return {"key": key, "title": title, "lines": lines, "more": len(documents) > MOST}

    def _pop_invoices(self):
        today = self.branch_id._today()
        domain = [
            ("commercial_partner_id", "=", self.partner_id.commercial_partner_id.id),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "in", ("not_paid", "partial")),
        ]

        def line(invoice):
            late = invoice.invoice_date_due and invoice.invoice_date_due < today
            day = self._pop_day(invoice.invoice_date_due)
            due = self.env._("overdue since %s", day) if late else self.env._("due on %s", day)
            return invoice.name, (self._pop_money(invoice.amount_residual, invoice.currency_id), due), late

        names = ("name", "invoice_date_due", "amount_residual", "currency_id")
        invoices = self._pop_search("account.move", domain, "invoice_date_due, id", names)
        return self._pop_section("invoices", self.env._("Unpaid Invoices"), invoices, line)

    def _pop_orders(self):
        open_ = Domain("state", "in", ("draft", "sent"))
        open_ |= Domain("state", "=", "sale") & (
            Domain("delivery_status", "in", ("pending", "started", "partial"))
            | Domain("invoice_status", "=", "to invoice")
        )
        names = ("name", "state", "amount_total", "currency_id", "date_order")
        orders = self._pop_search("sale.order", self._pop_family() & open_, "date_order desc, id desc", names)
        states = dict(orders._fields["state"]._description_selection(self.env))

        def line(order):
            details = (
                states.get(order.state, order.state),
                self._pop_money(order.amount_total, order.currency_id),
                self._pop_day(order.date_order),
            )
            return order.name, details, False

        return self._pop_section("orders", self.env._("Quotations and Open Orders"), orders, line)

    def _pop_deliveries(self):
        domain = self._pop_family() & Domain("picking_type_code", "=", "outgoing")
        domain &= Domain("state", "in", ("waiting", "confirmed", "assigned"))
        orders = self.env["sale.order"]
        if "branch_id" in orders._fields:
            domain &= Domain("sale_id.branch_id", "in", (False, *self.env.user.visible_branch_ids.ids))
        names = ("name", "state", "scheduled_date", "origin")
        pickings = self._pop_search("stock.picking", domain, "scheduled_date, id", names)
        states = dict(pickings._fields["state"]._description_selection(self.env))
        today = self.branch_id._today()

        def line(picking):
            late = picking.scheduled_date and self.branch_id._local(picking.scheduled_date).date() < today
            day = self._pop_day(picking.scheduled_date)
            planned = self.env._("was planned for %s", day) if late else self.env._("planned for %s", day)
            return picking.name, (picking.origin, states[picking.state], planned), late

        return self._pop_section("deliveries", self.env._("Deliveries on the Way"), pickings, line)

    def _pop_leads(self):
        domain = self._pop_family() & Domain("won_status", "=", "pending")
        domain &= Domain("team_id.branch_ids", "=", False) | Domain(
            "team_id.branch_ids", "in", self.env.user.visible_branch_ids.ids
        )
        names = ("name", "stage_id", "expected_revenue", "company_id", "user_id")
        leads = self._pop_search("crm.lead", domain, "priority desc, id desc", names)

        def line(lead):
            revenue = lead.expected_revenue and self._pop_money(lead.expected_revenue, lead.company_currency)
            return lead.name, (lead.stage_id.name, revenue, lead.user_id.name), False

        return self._pop_section("leads", self.env._("Leads and Opportunities"), leads, line)

    def _pop_planned(self):
        """Contacts that are planned, and activities on the customer's page: the former first."""
        domain = self._pop_family() & Domain("state", "=", "open") & Domain("id", "!=", self.interaction_id.id)
        domain &= Domain("answered_at", "=", False) | Domain("ended_at", "!=", False)
        planned = self._pop_search("crm.interaction", domain, "began_at")
        now = fields.Datetime.now()

        def line(interaction):
            details = (self._pop_day(interaction.began_at), interaction.user_id.name)
            is_due = interaction._is_missed() or interaction.ended_at
            text = interaction._missed_words() if is_due else interaction.purpose_id.name
            return text or interaction.display_name, details, interaction.began_at < now

        section = self._pop_section("planned", self.env._("To Call Back, or Planned"), planned, line)
        section["lines"] = (section["lines"] + self._pop_activities())[:MOST]
        return section

    def _pop_activities(self):
        family = [("commercial_partner_id", "=", self.partner_id.commercial_partner_id.id)]
        people = self.env["res.partner"].sudo()._search(family, limit=100)
        domain = [("res_model", "=", "res.partner"), ("res_id", "in", people)]
        activities = self.env["mail.activity"].sudo(False).search(domain, order="date_deadline", limit=MOST)
        today = self.branch_id._today()
        return [
            {
                "text": activity.summary or activity.activity_type_id.name or self.env._("Activity"),
                "detail": " · ".join((self._pop_day(activity.date_deadline), activity.user_id.sudo().name or "")),
                "urgent": activity.date_deadline < today,
                "model": "res.partner",
                "id": activity.res_id,
            }
            for activity in activities
        ]


class CrmInteraction(models.Model):
    _inherit = "crm.interaction"

    def _is_missed(self):
        """Return whether the customer turned to us and nobody answered."""
        return self.direction == "incoming" and not self.answered_at and self.began_at <= fields.Datetime.now()

    def _missed_words(self):
        """Return what was missed, or left without an outcome, in words."""
        channels = dict(self._fields["channel"]._description_selection(self.env))
        channel = channels[self.channel]
        missed = self.env._("Not finished: %s", channel) if self.answered_at else self.env._("Missed: %s", channel)
        return " · ".join(filter(None, (missed, self.purpose_id.name)))
