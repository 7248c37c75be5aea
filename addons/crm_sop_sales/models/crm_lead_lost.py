from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: To write one of these may give an opportunity up, or take back what let it be given up.
DECISIVE = {
    "active",
    "probability",
    "stage_id",
    "type",
    "lost_reason_id",
    "won_status",
    "anything_else_asked",
    "anything_else_answer",
}


class CrmLead(models.Model):
    """An opportunity is given up only with its reason, after an alternative and the last question (SOP-3b1, SOP-3b2).

    What isn't active and not won is given up: Odoo's Lost, and archiving alike. A lead that was never qualified needs
    the reason alone; so does an opportunity that a manager gives up, and its chatter says what was left out.
    """

    _inherit = "crm.lead"

    anything_else_asked = fields.Boolean("Asked “Anything Else?”", copy=False, tracking=True)
    anything_else_answer = fields.Char("Customer's Answer", copy=False, tracking=True)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: nothing begins as given up, an imported opportunity neither."""
        leads = super().create(vals_list)
        leads.sudo()._check_given_up()
        return leads

    def write(self, vals):
        """Override: check what stands when all is written, so that no path is forgotten.

        An opportunity doesn't become a lead again; whoever is back is asked again when they leave.
        """
        if vals.get("type") == "lead" and any(lead.type == "opportunity" for lead in self):
            raise UserError(self.env._("An opportunity doesn't become a lead again."))
        back = self.filtered(lambda lead: vals.get("active") and not lead.active)
        gone = self.filtered(lambda lead: "active" in vals and not vals["active"] and lead.active)
        result = super().write(vals)
        if back:
            back.write({"anything_else_asked": False, "anything_else_answer": False})
        if vals.keys() & DECISIVE:
            self.sudo()._check_given_up()
        gone._log_left_out()
        return result

    def _check_given_up(self):
        """Check that what is given up may be.

        :raise ValidationError: won or lost is said to be what it isn't, or a step is missing
        """
        if any(lead.won_status != lead._expected_won_status() for lead in self):
            raise ValidationError(self.env._("Won and lost follow from what is done: use the buttons."))
        self.filtered(lambda lead: not lead.active and lead.won_status != "won")._check_may_be_given_up()

    def _expected_won_status(self):
        """Return what Odoo computes, as ``_compute_won_status`` does."""
        if self.probability == 100 and self.stage_id.is_won:
            return "won"
        return "lost" if not self.active and self.probability == 0 else "pending"

    # === ACTION METHODS === #

    def action_set_lost(self, **additional_values):
        """Override: what is missing is said before anything changes; the reason comes first."""
        self.check_access("write")
        if additional_values:
            self.write(additional_values)
        self.sudo()._check_may_be_given_up()
        return super().action_set_lost()

    # === BUSINESS METHODS === #

    def _check_may_be_given_up(self):
        texts = []
        for lead in self:
            missing = lead._open_business() + lead._missing_reason()
            missing += [] if self._is_manager() else lead._missing_steps()
            if missing:
                head = self.env._("%(lead)s can't be given up yet:", lead=lead.display_name)
                texts.append("\n".join([head, *(f"• {text}" for text in missing)]))
        if texts:
            raise ValidationError("\n\n".join(texts))

    @api.model
    def _is_manager(self):
        """Return whether the user, with whatever rights the server acts at the moment, is a manager."""
        return self.env.user.has_group("crm_base.group_manager")

    def _missing_reason(self):
        return [] if self.lost_reason_id else [self.env._("Choose the lost reason.")]

    def _missing_steps(self):
        """Return what the officer has still to do before the customer goes (SOP-3b1, SOP-3b2), in words."""
        if self.type != "opportunity":
            return []
        missing = self._missing_offer()
        if not (self.anything_else_asked and (self.anything_else_answer or "").strip()):
            missing.append(self.env._("Ask whether you can help with anything else: tick it and note the answer."))
        return missing

    def _missing_offer(self):
        """Return in a list what to say where nothing else was offered, though there is something to offer."""
        offered = self.product_line_ids.filtered(lambda line: line.kind == "offered")
        if offered.filtered("answer"):
            return []
        promoted, sellers = self._find_offers()
        if names := ", ".join((offered.product_id | promoted | sellers)[:3].mapped("display_name")):
            return [
                self.env._(
                    "Offer something else and note the answer, on the page “Inquiry”, e.g. %(names)s.", names=names
                )
            ]
        return []

    def _log_left_out(self):
        """Say in the chatter what a manager left out."""
        for lead in self.filtered(lambda lead: lead.won_status != "won"):
            if missing := lead._missing_steps():
                items = Markup("").join(Markup("<li>%s</li>") % text for text in missing)
                head = self.env._("Given up by a manager without:")
                lead._message_log(body=Markup("<p>%s</p><ul>%s</ul>") % (head, items))
