import re
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.phone_validation.tools import phone_validation

# Digits and what people put between them. Letters would become digits, and so would the ".0" of a spreadsheet.
PHONE = re.compile(r"\s*[+(\d][\d\s()./\u2010-\u2015-]*(?<!\.\d)")

#: What the headquarters says of a branch, and nobody in it.
SET_UP = {"kind", "company_id", "active", "head_id", "coordinator_id", "team_id", "warehouse_id"}


class CrmBranch(models.Model):
    """An organisational unit: headquarters or a point of sale. Users see the branches that they belong to."""

    _name = "crm.branch"
    _description = "Branch"
    _inherit = ["mail.thread"]
    _order = "sequence, code"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True, tracking=True, help="Short and unique, as on the shop's papers, e.g. JKT1.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    kind = fields.Selection(
        [("headquarters", "Headquarters"), ("point_of_sale", "Point of Sale")],
        required=True,
        default="point_of_sale",
        tracking=True,
        help="Users who belong to a headquarters see all branches of their companies.",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    head_id = fields.Many2one(
        "res.users", "Branch Head", tracking=True, help="Reads and evaluates; approves contracts."
    )
    coordinator_id = fields.Many2one("res.users", "Area Coordinator", tracking=True, help="Gets copies of summaries.")
    pic_id = fields.Many2one("res.users", "Person in Charge", tracking=True, help="Reviews the day's transactions.")
    team_id = fields.Many2one("crm.team", "Sales Team", index="btree_not_null", check_company=True)
    warehouse_id = fields.Many2one("stock.warehouse", check_company=True)
    partner_id = fields.Many2one("res.partner", "Address", check_company=True)
    phone = fields.Char(related="partner_id.phone")
    tz = fields.Selection(
        _tz_get,
        "Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="Days are counted, and greetings chosen, by this clock.",
    )
    user_ids = fields.Many2many("res.users", "crm_branch_users_rel", "branch_id", "user_id", "Users")

    _code_company_uniq = models.Constraint(
        "UNIQUE(company_id, code)", "A branch of this company has this code already."
    )

    # === COMPUTE METHODS === #

    @api.depends("name", "code")
    def _compute_display_name(self):
        for branch in self:
            branch.display_name = f"{branch.code} {branch.name}" if branch.code else branch.name

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: see :meth:`_check_headquarters`."""
        self._check_headquarters()
        branches = super().create(vals_list)
        self._forget_visibility()
        return branches

    def write(self, vals):
        """Override: see :meth:`_check_headquarters`."""
        if vals.keys() & SET_UP:
            self._check_headquarters()
        result = super().write(vals)
        if vals.keys() & {"user_ids", "kind", "company_id", "active"}:
            self._forget_visibility()
        return result

    def unlink(self):
        """Override: see :meth:`_check_headquarters`."""
        self._check_headquarters()
        result = super().unlink()
        self._forget_visibility()
        return result

    def _check_headquarters(self):
        """Check that the headquarters decides: who may make their shop a headquarters may see everything, who may make
        themself its head evaluates their own work, and who may give it another's warehouse sells what is in there.
        """
        if not (self.env.su or self.env.user._sees_all_branches()):
            raise AccessError(
                self.env._(
                    "Only members of the headquarters open, close, move or delete a branch, or change its kind, "
                    "warehouse, sales team, head or coordinator."
                )
            )

    def _forget_visibility(self):
        """Forget who sees which branch: it is kept by users for the transaction, and by record rules until told."""
        self.env["res.users"].invalidate_model(["visible_branch_ids"])
        self.env.registry.clear_cache()

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for branch, vals in zip(self, vals_list, strict=True):
            vals.setdefault("name", branch.name)
            if vals.get("code") == branch.code:
                vals["code"] = self.env._("%s (copy)", branch.code)
        return vals_list

    # === BUSINESS METHODS === #

    def _local(self, moment=None):
        """Return the branch's wall-clock time of ``moment`` (naive UTC, now by default), time zone attached."""
        self.ensure_one()
        return fields.Datetime.context_timestamp(self.with_context(tz=self.tz), moment or fields.Datetime.now())

    def _today(self):
        """Return the calendar date that it is at the branch."""
        return self._local().date()

    def _moment(self, day, hour=0):
        """Return the moment (naive UTC) at which the branch's clock shows that hour of the day.

        :param date day: by the branch's calendar
        :param float hour: 0 to 24; 13.5 is half past one
        """
        wall = datetime.combine(day, time.min) + timedelta(minutes=round(hour * 60))
        return pytz.timezone(self.sudo().tz).localize(wall).astimezone(pytz.utc).replace(tzinfo=None)

    def _country(self):
        """Return the country in which phone numbers without a prefix are understood."""
        return self.partner_id.country_id or self.company_id.country_id or self.env.company.country_id

    def _e164(self, number):
        """Return the number with its country code; without one it is a number of the branch's country.

        :raise UserError: it is no phone number
        """
        number = str(number)
        if not PHONE.fullmatch(number):
            raise UserError(self.env._("“%(number)s” is no phone number: write its digits only.", number=number))
        country = self.sudo()._country()
        return phone_validation.phone_format(number, country.code, country.phone_code, force_format="E164")
