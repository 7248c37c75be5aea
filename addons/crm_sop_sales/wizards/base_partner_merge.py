from odoo import models
from odoo.exceptions import AccessError


class BasePartnerMerge(models.TransientModel):
    """To merge customers rewrites documents that nobody may change: a manager does it (SOP-G1)."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Override, through which every way of merging comes."""
        partners = self.env["res.partner"].browse(partner_ids).exists()
        if not self.env.su and not self.env.user.has_group("crm_base.group_manager"):
            self._check_no_history(partners)
        return super()._merge(partner_ids, dst_partner, extra_checks=extra_checks)

    def _check_no_history(self, partners):
        of_them = [("partner_id", "in", partners.ids)]
        kinds = (
            ("sale.order", [("approval_state", "!=", "draft")]),
            ("crm.interaction", [("state", "!=", "open")]),
            ("helpdesk.ticket", [("is_complaint", "=", True)]),
        )
        if any(self.env[model].sudo().search_count([*of_them, *domain], limit=1) for model, domain in kinds):
            raise AccessError(
                self.env._(
                    "These customers have submitted orders, closed contacts or complaints: a manager merges them."
                )
            )

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Override: what both were told of, the merged customer was told of once: at the first time (SOP-T6)."""
        told = self.env["crm.promotion.told"].sudo()
        both = told.search([("partner_id", "in", (src_partners | dst_partner).ids)], order="told_at, id")
        for records in both.grouped("program_id").values():
            records[1:].unlink()
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _log_merge_operation(self, src_partners, dst_partner):
        """Override: whoever reads the customer's documents can see whose they were."""
        names = ", ".join(f"{partner.display_name} ({partner.id})" for partner in src_partners)
        dst_partner._message_log(body=self.env._("Merged with %s.", names))
        return super()._log_merge_operation(src_partners, dst_partner)
