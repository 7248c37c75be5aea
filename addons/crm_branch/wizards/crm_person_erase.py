from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.crm_consent import CHANNELS


class CrmPersonErase(models.TransientModel):
    """Before a person is erased: what goes, what the law keeps, what stands in the way (BR-3)."""

    _name = "crm.person.erase"
    _description = "Erase a Person"

    partner_id = fields.Many2one("res.partner", "Person", required=True, readonly=True, ondelete="cascade")
    channel = fields.Selection(CHANNELS, "Asked By Way Of", required=True, default="paper")
    reason = fields.Text(required=True, help="Kept in the log: name nobody here.")
    goes = fields.Text("Is Erased", compute="_compute_what")
    stays = fields.Text("Stays by Law", compute="_compute_what")
    blockers = fields.Text("In the Way", compute="_compute_what")
    is_confirmed = fields.Boolean("I have checked who asks, and know that this can't be undone")

    @api.depends("partner_id")
    def _compute_what(self):
        for wizard in self:
            wizard.partner_id._check_privacy_officer()
            person = wizard.partner_id.sudo()._person()
            documents = person._person_documents()
            messages = person._person_messages(documents)
            invoices = person._kept_invoices(documents)
            files = person._person_files(documents, messages) - person._kept_files(documents)
            counts = {name: len(records) for name, records in documents.items()}
            counts |= {"messages": len(messages), "files": len(files)}
            wizard.goes = "\n".join(f"{wizard._label(name)}: {count}" for name, count in counts.items() if count)
            wizard.blockers = "\n".join(person._erase_blockers())
            wizard.stays = wizard._what_stays(invoices, sum(len(records) for records, __ in person._kept_signed()))

    def _what_stays(self, invoices, signed):
        books = self.env._(
            "%(count)s posted invoices, with name and address of the buyer, for %(years)s years after their own.",
            count=len(invoices),
            years=max(invoices.company_id.mapped("legal_retention_years"), default=0),
        )
        papers = self.env._("%s signed proofs of a hand-over, as long as the law wants invoices.", signed)
        return "\n".join([books] * bool(invoices) + [papers] * bool(signed)) or False

    def _label(self, section):
        """Return what a section is called in the user's language; an addon's own may have no translation."""
        labels = {
            "contact": self.env._("Contact and addresses"),
            "bank accounts": self.env._("Bank accounts"),
            "consents": self.env._("Consents (scans, reasons)"),
            "contracts": self.env._("Contracts (chatter, files)"),
            "contract lines": self.env._("Lines of contracts"),
            "leads": self.env._("Opportunities"),
            "orders": self.env._("Orders (chatter, files)"),
            "order lines": self.env._("Lines of orders"),
            "deliveries": self.env._("Deliveries (chatter, files)"),
            "invoices": self.env._("Invoices (chatter, files)"),
            "invoice lines": self.env._("Lines of invoices"),
            "payments": self.env._("Payments (chatter, files)"),
            "interactions": self.env._("Contacts with the customer"),
            "tickets": self.env._("Complaints"),
            "meetings": self.env._("Meetings"),
            "presented offers": self.env._("Presented offers"),
            "messages": self.env._("Messages"),
            "files": self.env._("Files"),
        }
        return labels.get(section, section)

    def action_erase(self):
        """Erase the person."""
        self.ensure_one()
        if not self.is_confirmed:
            raise UserError(self.env._("Tick that you have checked who asks: this can't be undone."))
        self.partner_id._erase(self.reason, self.channel)
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "views": [[False, "list"], [False, "form"]],
        }
