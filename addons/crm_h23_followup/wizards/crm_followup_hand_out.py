from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmFollowupHandOut(models.TransientModel):
    """Give follow-ups to one admin, or evenly to those who are there (H23-4.1.2)."""

    _name = "crm.followup.hand.out"
    _description = "Hand Out Follow-ups"
    _rec_name = "mode"

    followup_ids = fields.Many2many("crm.followup", string="Follow-ups", required=True)
    count = fields.Integer("Follow-ups to Hand Out", compute="_compute_count")
    mode = fields.Selection(
        [("even", "Evenly to all who are there"), ("user", "To one admin")], required=True, default="even"
    )
    user_id = fields.Many2one("res.users", "Admin", domain="[('id', 'in', allowed_user_ids)]")
    allowed_user_ids = fields.Many2many("res.users", compute="_compute_count")

    @api.depends("followup_ids")
    def _compute_count(self):
        for wizard in self:
            followups = wizard._open_ones()
            branches = followups.branch_id.sudo()
            admins = [set(branch._followup_admins().ids) for branch in branches]
            wizard.count = len(followups)
            wizard.allowed_user_ids = list(set.intersection(*admins)) if admins else []

    def action_hand_out(self):
        """Hand them out. The follow-ups check who may, and keep who had them."""
        self.ensure_one()
        followups = self._open_ones()
        if not followups:
            raise UserError(self.env._("Only follow-ups that are to be done are handed out."))
        if self.mode == "user":
            if not self.user_id:
                raise UserError(self.env._("Choose the admin."))
            followups.user_id = self.user_id
        else:
            self._spread(followups)
        return {"type": "ir.actions.act_window_close"}

    def _open_ones(self):
        return self.followup_ids._filtered_access("write").filtered(lambda f: f.state in ("todo", "waiting"))

    def _spread(self, followups):
        """Give each to whoever has least to do; one write for each admin."""
        followups.branch_id._check_led()
        for branch, theirs in followups.grouped("branch_id").items():
            pool = branch.sudo()._followup_pools(branch._today())[branch]
            if not pool:
                raise UserError(self.env._("Nobody is there at %s: add users to the branch.", branch.name))
            load = self._load_without(pool, theirs)
            shares = {}
            for followup in theirs.sorted(lambda f: (f.due_date, f.id)):
                user = min(pool, key=lambda admin: (load[admin], admin.id))
                load[user] += 1
                shares[user] = shares.get(user, followup.browse()) | followup
            for user, share in shares.items():
                share.user_id = user

    def _load_without(self, pool, followups):
        """Return admin → how many others they have to do."""
        domain = [("state", "=", "todo"), ("user_id", "in", pool.ids), ("id", "not in", followups.ids)]
        groups = self.env["crm.followup"].sudo()._read_group(domain, ["user_id"], ["__count"])
        return Counter(dict(groups))
