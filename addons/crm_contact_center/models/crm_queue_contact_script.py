from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from ..script_text import named


class CrmQueueContact(models.Model):
    """The script beside a contact: the one that the rules choose, its present step with the customer's data (CC-6)."""

    _inherit = "crm.queue.contact"

    talk_ids = fields.One2many("crm.script.talk", "contact_id", "Talks", readonly=True)
    script_purpose_id = fields.Many2one(
        "crm.interaction.purpose", "Reason by the Script", compute="_compute_script_findings"
    )
    script_outcome_id = fields.Many2one(
        "crm.interaction.outcome", "Outcome by the Script", compute="_compute_script_findings"
    )

    @api.depends("talk_ids.line_ids.is_taken_back")
    def _compute_script_findings(self):
        """Take what the last answer said that said something."""
        for contact in self:
            lines = contact._last_talk()._path() if contact.talk_ids else self.env["crm.script.talk.line"]
            contact.script_purpose_id = lines.filtered("purpose_id")[-1:].purpose_id
            contact.script_outcome_id = lines.filtered("outcome_id")[-1:].outcome_id

    # === WHAT THE DESK CALLS === #

    def desk_script(self):
        """Return the script of a contact that is the user's, or that they supervise.

        :return: scripts ([id, name] of those published), script_id (the talk's, or what the rules choose), talk (id,
            step, ended, path), and what :meth:`crm.script.version._told` returns; purpose_id and outcome_id so far
        """
        contact = self._check_mine()
        scripts = contact._scripts()
        talk = contact._last_talk()
        script = talk.script_id or contact._script_chosen()
        version = talk.version_id or script.version_id
        result = {
            "scripts": [[one.id, one.name] for one in scripts],
            "script_id": script.id,
            "talk": contact._talk_line(talk) if talk else False,
            "purpose_id": contact.script_purpose_id.id,
            "outcome_id": contact.script_outcome_id.id,
        }
        if version:
            lang = contact.lang_id.code or contact.partner_id.lang
            values = contact._script_values(named(version._texts()), lang)
            result |= self.env["crm.script.version"]._told(version.content, values, lang)
        return result

    def desk_script_begin(self, script_id):
        """Begin another script than the one that the rules chose."""
        contact = self._check_at_hand()
        script = contact._scripts().filtered(lambda one: one.id == script_id)
        if not script:
            raise UserError(self.env._("This script isn't published."))
        self.env["crm.script.talk"]._begin(contact, script, is_chosen=script != contact._script_chosen())
        return self.desk_script()

    def desk_script_answer(self, step, answer_id):
        """Note what the customer answered, and go on. The first answer begins the talk."""
        contact = self._check_at_hand()
        talk = contact._last_talk()
        if not talk:
            script = contact._script_chosen()
            if not script:
                raise UserError(self.env._("Choose a script first."))
            talk = self.env["crm.script.talk"]._begin(contact, script, is_chosen=False)
        talk._answer(step, answer_id)
        return self.desk_script()

    def desk_script_back(self):
        """Go back to the step before."""
        contact = self._check_at_hand()
        contact._last_talk()._back()
        return self.desk_script()

    # === HELPERS === #

    def _check_at_hand(self):
        contact = self._check_mine()
        if contact.state not in ("offered", "active", "wrapup"):
            raise UserError(self.env._("This contact isn't at hand any more."))
        return contact

    def _last_talk(self):
        return self.sudo().talk_ids.sorted("id")[-1:]

    def _talk_line(self, talk):
        path = [{"step": line.step_name, "answer": line.name} for line in talk._path()]
        return {"id": talk.id, "step": talk._present_step(), "ended": bool(talk.ended_at), "path": path}

    def _scripts(self):
        """Return the published scripts of the contact's company."""
        domain = [("version_id", "!=", False), ("company_id", "in", (False, self.company_id.id))]
        return self.env["crm.script"].sudo().search(domain)

    def _script_chosen(self):
        return self.env["crm.script.rule"]._choose(self._script_facts(), self.company_id)[0]

    # === FACTS AND VALUES === #

    def _script_facts(self):
        """Return what rules ask about (CC-6b)."""
        self.ensure_one()
        partner = self.partner_id.commercial_partner_id.with_company(self.company_id)
        return {
            "channel": self.channel,
            "direction": self.direction,
            "queue_id": self.queue_id,
            "purpose_id": self.purpose_id,
            "lang_id": self.lang_id,
            "segment_id": partner.customer_segment_id,
            "value": partner.customer_value,
            "due": self._script_due(),
            "promotion": self._script_promotion(),
        }

    def _script_due(self):
        """Return what the customer owes and should have paid by now, in the company's currency."""
        if not self.partner_id:
            return 0.0
        ((due,),) = (
            self.env["account.move"]
            .sudo()
            ._read_group(
                [
                    ("commercial_partner_id", "=", self.partner_id.commercial_partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    ("payment_state", "in", ("not_paid", "partial")),
                    ("invoice_date_due", "<=", self.branch_id._today()),
                ],
                [],
                ["amount_residual_signed:sum"],
            )
        )
        return due or 0.0

    def _script_promotion(self):
        """Return the name of the newest promotion that is on, where promotions are installed."""
        if "loyalty.program" not in self.env:
            return ""
        today = self.branch_id._today()
        domain = [
            ("program_type", "in", ("promotion", "promo_code", "buy_x_get_y")),
            ("company_id", "in", (False, self.company_id.id)),
            "|",
            ("date_from", "=", False),
            ("date_from", "<=", today),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", today),
        ]
        return self.env["loyalty.program"].sudo().search(domain, order="id desc", limit=1).name or ""

    def _script_values(self, names, lang):
        """Return placeholder → text, for those that the script names; greeted is in the customer's language."""
        self.ensure_one()
        partner, company = self.partner_id, self.company_id
        values = {
            "customer.name": partner.name or self.caller_name or "",
            "customer.city": partner.city or "",
            "agent.name": self.env.user.name,
            "company.name": company.name,
            "branch.name": self.branch_id.name,
            "queue.name": self.queue_id.name,
        }
        if "greeting" in names:
            values["greeting"] = self._script_greeting(lang)
        if "amount_due" in names:
            values["amount_due"] = format_amount(self.env, self._script_due(), company.currency_id)
        if "promotion" in names:
            values["promotion"] = self._script_promotion()
        if names & {"order.name", "order.date"} and partner:
            order = self.env["sale.order"].sudo().search(self._script_orders(), order="date_order desc", limit=1)
            values["order.name"] = order.name or ""
            values["order.date"] = format_date(self.env, order.date_order.date()) if order else ""
        return values

    def _script_orders(self):
        family = ("partner_id.commercial_partner_id", "=", self.partner_id.commercial_partner_id.id)
        return [family, ("company_id", "=", self.company_id.id), ("state", "=", "sale")]
