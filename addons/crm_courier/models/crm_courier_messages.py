from odoo import fields, models
from odoo.tools import format_date


class CrmCourierStop(models.Model):
    """The customer hears when the courier is planned, and when they are on the road."""

    _inherit = "crm.courier.stop"

    told_start = fields.Datetime(readonly=True, copy=False, help="The departure that the customer was told about.")

    def _tell_customer(self, event):
        """Hook: tell the customers; by e-mail here, those who have an address.

        :param str event: ``planned`` or ``on_road``
        """
        reached = self.sudo().filtered("partner_id.email")
        if reached and (template := self.env.ref(f"crm_courier.mail_template_{event}", raise_if_not_found=False)):
            template.sudo().send_mail_batch(reached.ids, email_layout_xmlid="mail.mail_notification_layout")

    def _tell_planned(self):
        """Tell of the day, once for each departure that was set."""
        news = self.filtered(lambda stop: stop.told_start != stop.run_id.starts_at)
        for run, stops in news.grouped("run_id").items():
            stops._write_facts({"told_start": run.starts_at})
        news._tell_customer("planned")

    def _window_text(self):
        """Return when the courier comes, by the branch's clock, for a message in the customer's language."""
        self.ensure_one()
        branch = self.branch_id
        day = format_date(self.env, self.run_day)
        if self.planned_at:
            return self.env._("%(day)s, about %(hour)s", day=day, hour=f"{branch._local(self.planned_at):%H:%M}")
        begin, end = (f"{branch._local(moment):%H:%M}" for moment in (self.run_id.starts_at, self.run_id.ends_at))
        return self.env._("%(day)s, between %(begin)s and %(end)s", day=day, begin=begin, end=end)

    def _preparation_text(self):
        """Hook: return what the customer is to have ready, "" for nothing."""
        if self.currency_id.is_zero(self.to_collect):
            return ""
        return self.env._("Please have %s ready.", self.currency_id.format(self.to_collect))


class CrmCourierReplacement(models.Model):
    _inherit = "crm.courier.replacement"

    def _tell_customer(self):
        """Hook: tell the customers on which day their replacements come; by e-mail here."""
        reached = self.sudo().filtered("partner_id.email")
        template = self.env.ref("crm_courier.mail_template_replacement", raise_if_not_found=False)
        if reached and template:
            template.sudo().send_mail_batch(reached.ids, email_layout_xmlid="mail.mail_notification_layout")

    def _due_text(self):
        """Return the day of the delivery for a message in the customer's language."""
        return format_date(self.env, self.due_date)


class StockPickingBatch(models.Model):
    _inherit = "stock.picking.batch"

    def _after_transition(self, transition):
        """Override: the review sets the day, and leaving is news too."""
        result = super()._after_transition(transition)
        stops = self.stop_ids.filtered(lambda stop: stop.partner_id)
        if transition.target == "reviewed" and transition.name != "unload":
            stops._tell_planned()
        elif transition.name == "leave":
            stops._tell_customer("on_road")
        return result
