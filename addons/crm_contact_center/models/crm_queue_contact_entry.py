from odoo import api, fields, models
from odoo.exceptions import UserError

WORDS_LIMIT = 10_000


class CrmQueueContact(models.Model):
    """How a contact comes in: which queue, what it needs, how urgent it is (CC-2b, CC-2c)."""

    _inherit = "crm.queue.contact"

    @api.model
    def _enter(self, vals_list):
        """Let contacts come in, find out what they need and who it may be, and have them routed.

        :param vals_list: dicts with ``queue_id`` and ``channel``; optional: key, direction, partner_id, phone,
            caller_name, lang_id, words, purpose_id, only_agent_id, entered_at, res_model, res_id
        :return: the contacts, with all rights, in that order
        :raise UserError: the queue doesn't take such contacts
        """
        contacts = self.sudo().create([self._prepare_entry_vals(vals) for vals in vals_list])
        contacts._note_needs()
        contacts._postpone_closed()
        self._dispatch_soon()
        return contacts

    def _prepare_entry_vals(self, vals):
        queue = self.env["crm.queue"].sudo().browse(vals["queue_id"])
        channel = vals.get("channel", "call")
        if not queue._takes(channel):
            raise UserError(
                self.env._(
                    "%(queue)s doesn't take contacts by %(channel)s.",
                    queue=queue.name,
                    channel=dict(self._fields["channel"]._description_selection(self.env))[channel],
                )
            )
        first = queue
        if not vals.get("only_agent_id") and queue.closed_action == "overflow" and not queue._is_open():
            helper = queue.overflow_queue_id
            queue = helper if helper._takes(channel) else queue
        vals = {**vals, "first_queue_id": first.id, "queue_id": queue.id, "branch_id": queue.branch_id.id}
        if vals.get("phone"):
            vals["phone"] = queue.branch_id._e164(vals["phone"])
        vals["words"] = (vals.get("words") or "")[:WORDS_LIMIT] or False
        partner = self._entry_partner(vals, queue)
        vals["partner_id"] = partner.id
        if partner and not vals.get("lang_id"):
            vals["lang_id"] = self.env["res.lang"]._lang_get(partner.lang).id if partner.lang else False
        vals["waiting_since"] = vals.setdefault("entered_at", fields.Datetime.now())
        vals["cost"] = queue._cost(channel)
        vals["priority"] = queue.priority + self._priority_of(partner)
        return vals

    def _entry_partner(self, vals, queue):
        """Return who it is: as said, or whose phone number it is, if it is only one person's."""
        partners = self.env["res.partner"].sudo()
        if vals.get("partner_id"):
            return partners.browse(vals["partner_id"])
        if not vals.get("phone"):
            return partners
        found = partners.search(
            [("phone_sanitized", "=", vals["phone"]), ("company_id", "in", (False, queue.company_id.id))], limit=2
        )
        return found if len(found) == 1 else partners

    def _priority_of(self, partner):
        """Hook: return what the customer's value adds to the priority of their contacts."""
        return 0

    # === NEEDS === #

    def _note_needs(self):
        """Write down anew which skills the contacts need: the queue's, the language's, the reason's, what was said."""
        self.need_ids.unlink()
        skills = self.env["crm.skill"].sudo()
        by_lang = {skill.lang_id: skill for skill in skills.search([("kind", "=", "language")])}
        by_reason = {skill.purpose_id: skill for skill in skills.search([("purpose_id", "!=", False)])}
        vals_list = []
        for contact in self:
            needs = {}
            contact._add_needs(needs, by_lang.get(contact.lang_id, skills), "language")
            contact._add_needs(needs, by_reason.get(contact.purpose_id, skills), "reason")
            contact._add_needs(needs, skills._heard_in(contact.words) if contact.words else skills, "words")
            contact._add_needs(needs, contact._skills_of_customer(), "customer")
            for required in contact.queue_id.skill_ids:
                contact._add_needs(needs, required.skill_id, "queue", required.level)
            vals_list += [{"contact_id": contact.id, **need} for need in needs.values()]
        self.env["crm.queue.contact.skill"].sudo().create(vals_list)

    def _skills_of_customer(self):
        """Hook: return the skills that this customer needs of an agent: region, value."""
        return self.env["crm.skill"]

    @staticmethod
    def _add_needs(needs, skills, source, level=1):
        for skill in skills:
            known = needs.get(skill.id)
            if not known or known["level"] < level:
                needs[skill.id] = {"skill_id": skill.id, "level": level, "source": source}

    def _hear(self, words):
        """Add what the customer said, by the telephone's recogniser, and what it says of their needs (CC-2g)."""
        self.ensure_one()
        self.words = "\n".join(filter(None, (self.words, words)))[:WORDS_LIMIT]
        if self.state in ("waiting", "offered"):
            self._note_needs()
            self._dispatch_soon()

    # === CLOSED === #

    def _postpone_closed(self):
        """Let calls to a closed queue be called back when it opens; whoever hides their number is told (CC-2c)."""
        now = fields.Datetime.now()
        late = self.browse()
        for queue, contacts in self.filtered(lambda contact: contact.channel == "call").grouped("queue_id").items():
            opens = queue._opens_at(now)
            if opens > now:
                contacts.callback_at = opens
                late |= contacts
        known = late.filtered("phone")
        if known:
            known._workflow_do("postpone")
        for contact in late - known:
            contact._say_farewell()
            contact._abandon()

    @api.model
    def _postpone_forgotten(self):
        """Do the same with calls that wait in a queue that has closed meanwhile, where nobody is left to take them."""
        waiting = self.sudo().search([("state", "=", "waiting"), ("channel", "=", "call")])
        for queue, contacts in waiting.grouped("queue_id").items():
            chain = [id_ for id_, _after in queue._helpers()[queue.id]]
            agents = queue.browse(chain).agent_ids | contacts.only_agent_id
            if "available" not in agents.mapped("mode"):
                contacts._postpone_closed()

    def _resume_due(self):
        """Let what is to be called back by now wait for an agent who calls."""
        now = fields.Datetime.now()
        due = self.sudo().search([("state", "=", "callback"), ("callback_at", "<=", now)])
        if due:
            due.direction = "outgoing"
            due._workflow_do("resume")
            self._dispatch_soon()
