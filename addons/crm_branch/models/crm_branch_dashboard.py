from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

READERS = ("crm_branch.group_branch_manager", "crm_branch.group_headquarters")
#: How many months are shown beside each other.
MONTHS = 6
#: Where a contract waits on its way to headquarters.
WAITING = ("signed", "submitted", "approved", "sent")
#: At most so many people, products and reasons.
LINES = 10


class CrmBranchDashboard(models.AbstractModel):
    """The targets of points of sale beside what was reached: what a manager and the headquarters open first.

    Everything is read with the rights of the user: a manager sees their branches, the headquarters all of the company.
    Amounts are untaxed, in the currency of the user's present company; days are those of each branch.
    """

    _name = "crm.branch.dashboard"
    _description = "Dashboard of Points of Sale"

    # === ACTION METHODS === #

    @api.readonly
    @api.model
    def action_figures(self, month=False, branch_id=False):
        """Return the figures of a month: of one branch, or of all that the user sees (BR-G1, BR-G2, BR-G3, BR-16).

        :param month: any day of it as text; the present one by default
        :param int branch_id: of a branch that the user sees
        :return: dict for the client: ``rows`` by branch, ``total``, ``months``, ``people``, ``products``, ``reasons``
        :raise AccessError: the user is neither a branch's manager nor at the headquarters
        :raise UserError: there is no such month or branch
        """
        branches = self._branches()
        chosen, first = self._chosen(branches, branch_id), self._first_day(branches, month)
        company = self.env.company.sudo()
        rows = self._rows(chosen, first)
        return {
            "month": fields.Date.to_string(first),
            "month_name": format_date(self.env, first, date_format="LLLL yyyy"),
            "previous": fields.Date.to_string(fields.Date.add(first, months=-1)),
            "next": first < self._present(branches) and fields.Date.to_string(fields.Date.add(first, months=1)),
            "branches": [{"id": branch.id, "name": branch.name} for branch in branches],
            "branch_id": bool(branch_id) and chosen.id,
            "currency_id": company.currency_id.id,
            "won_percent": company.won_target_percent,
            "lost_percent": company.lost_target_percent,
            "minutes": company.material_receipt_minutes,
            "rows": rows,
            "total": self._total(rows),
            "months": self._months(chosen, first),
            "people": self._sales_by("user_id", chosen, first),
            "products": self._sales_by("product_id", chosen, first),
            "reasons": self._reasons(chosen, first),
        }

    @api.readonly
    @api.model
    def action_open(self, what, month=False, branch_id=False):
        """Return the action that shows what a figure of :meth:`action_figures` counts.

        :param str what: ``won``, ``lost``, ``materials``, ``sales``, ``cash``, ``review``, or a state that contracts
            wait in
        :raise AccessError: the user is neither a branch's manager nor at the headquarters
        :raise UserError: there is no such figure, month or branch
        """
        branches = self._branches()
        chosen, first = self._chosen(branches, branch_id), self._first_day(branches, month)
        if what == "lost":
            return self._open_lost(chosen, first)
        counted = self._counted(chosen, first)
        if not isinstance(what, str) or what not in counted:
            raise UserError(self.env._("There is no such figure."))
        return self._open(chosen, *counted[what])

    def _counted(self, branches, first):
        """Return figure → action and domain of what it counts."""
        contracts = {state: ("contract_contract_action", Domain("approval_state", "=", state)) for state in WAITING}
        differing = self._days("day", first) & Domain("has_difference", "=", True)
        return {
            **contracts,
            "won": ("crm_customer_won_action", self._days("won_on", first)),
            "materials": ("crm_material_analysis_action", self._moments("sent_at", branches, first)),
            "sales": ("crm_sales_performance_action", Domain("month", "=", first)),
            "cash": ("crm_cash_session_action", differing),
            "review": ("crm_cash_session_action", Domain("state", "=", "closed")),
        }

    # === WHAT IS CHOSEN === #

    def _branches(self):
        """Return the points of sale of the present company that the user sees."""
        user = self.env.user
        if not any(user.has_group(group) for group in READERS):
            raise AccessError(self.env._("The dashboard is for the branches’ managers and the headquarters."))
        return self.env["crm.branch"].search(
            [
                ("id", "in", user.visible_branch_ids.ids),
                ("kind", "=", "point_of_sale"),
                ("company_id", "=", self.env.company.id),
            ]
        )

    def _chosen(self, branches, branch_id):
        if not branch_id:
            return branches
        chosen = branches.filtered(lambda branch: branch.id == branch_id)
        if not chosen:
            raise UserError(self.env._("There is no such point of sale."))
        return chosen

    def _present(self, branches):
        """Return the first day of the month that has begun at every branch."""
        days = [branch._today() for branch in branches] or [fields.Date.context_today(self)]
        return min(days).replace(day=1)

    def _first_day(self, branches, month):
        present = self._present(branches)
        if not month:
            return present
        try:
            first = fields.Date.to_date(month).replace(day=1)
        except (AttributeError, TypeError, ValueError) as error:
            raise UserError(self.env._("There is no such month.")) from error
        return min(max(first, present.replace(year=2000)), present)

    # === FIGURES === #

    def _rows(self, branches, first):
        """Return a dict of figures for each of the branches."""
        rows = {branch.id: {"id": branch.id, "name": branch.name} for branch in branches}
        for figures in (
            self._against_target(branches, first),
            self._materials(branches, first),
            self._sales(branches, first),
            self._contracts(branches),
            self._cash(branches, first),
        ):
            for branch, values in figures.items():
                rows[branch].update(values)
        return list(rows.values())

    def _total(self, rows):
        """Return the sums of all rows."""
        names = [name for name in rows[0] if name not in ("id", "name")] if rows else []
        return {name: sum(row[name] for row in rows) for name in names}

    def _against_target(self, branches, first):
        figures = {branch.id: {"won": 0, "won_target": 0, "lost": 0, "lost_target": 0} for branch in branches}
        for name in ("won", "lost"):
            for row in self._monthly(name, branches, first, first):
                figures[row.branch_id.id] |= {name: row[name], f"{name}_target": row.target}
        return figures

    def _monthly(self, name, branches, since, until):
        """Return the rows of customers won, or lost, in these months."""
        domain = Domain("branch_id", "in", branches.ids) & Domain("month", ">=", since) & Domain("month", "<=", until)
        return self.env[f"crm.customer.{name}.month"].search_fetch(domain, ["branch_id", "month", name, "target"])

    def _months(self, branches, first):
        """Return the sums of all branches, by month, the latest first."""
        months = [fields.Date.add(first, months=-back) for back in range(MONTHS)]
        figures = {month: {"won": 0, "won_target": 0, "lost": 0, "lost_target": 0} for month in months}
        for name in ("won", "lost"):
            for row in self._monthly(name, branches, months[-1], first):
                figures[row.month][name] += row[name]
                figures[row.month][f"{name}_target"] += row.target
        return [
            {
                "month": fields.Date.to_string(month),
                "name": format_date(self.env, month, date_format="LLL yyyy"),
                **values,
            }
            for month, values in figures.items()
        ]

    def _materials(self, branches, first):
        figures = {branch.id: {"in_time": 0, "late": 0} for branch in branches}
        for branch, in_time, late in self.env["crm.material.analysis"]._read_group(
            self._moments("sent_at", branches, first), ["branch_id"], ["in_time:sum", "late:sum"]
        ):
            figures[branch.id] = {"in_time": in_time or 0, "late": late or 0}
        return figures

    def _sales(self, branches, first):
        """Return sales and plan: amounts, and units of what is planned in units."""
        figures = {branch.id: {"sold": 0.0, "planned": 0.0, "units": 0.0, "planned_units": 0.0} for branch in branches}
        domain = Domain("branch_id", "in", branches.ids) & Domain("month", "=", first)
        plans = self.env["crm.sales.plan"].search(domain)
        planned_units = {}
        for (branch, measure), own in plans.grouped(lambda plan: (plan.branch_id, plan.measure)).items():
            chosen = own._without_parts()
            figures[branch.id]["planned" if measure == "amount" else "planned_units"] = sum(chosen.mapped("target"))
            if measure == "quantity":
                planned_units[branch] = chosen
        for branch, product, sold, units in self.env["crm.sales.performance"]._read_group(
            domain, ["branch_id", "product_id"], ["sold_amount:sum", "sold_quantity:sum"]
        ):
            figures[branch.id]["sold"] += sold or 0.0
            chosen = planned_units.get(branch, plans.browse())
            if product in chosen.product_id or any(not plan.product_id for plan in chosen):
                figures[branch.id]["units"] += units or 0.0
        return figures

    def _sales_by(self, name, branches, first):
        """Return plan and sales by person or product; who sold most first."""
        domain = Domain("branch_id", "in", branches.ids) & Domain("month", "=", first) & Domain(name, "!=", False)
        groups = self.env["crm.sales.performance"]._read_group(
            domain,
            [name],
            ["sold_amount:sum", "planned_amount:sum", "sold_quantity:sum", "planned_quantity:sum"],
            order="sold_amount:sum desc, planned_amount:sum desc, planned_quantity:sum desc",
            limit=LINES,
        )
        return [
            {
                "id": record.id,
                "name": record.sudo().display_name,
                "sold": sold or 0.0,
                "planned": planned or 0.0,
                "units": units or 0.0,
                "planned_units": planned_units or 0.0,
            }
            for record, sold, planned, units, planned_units in groups
        ]

    def _contracts(self, branches):
        figures = {branch.id: dict.fromkeys(WAITING, 0) for branch in branches}
        domain = Domain("branch_id", "in", branches.ids) & Domain("approval_state", "in", WAITING)
        for branch, state, count in self.env["contract.contract"]._read_group(
            domain, ["branch_id", "approval_state"], ["__count"]
        ):
            figures[branch.id][state] = count
        return figures

    def _cash(self, branches, first):
        figures = {branch.id: {"difference": 0.0, "differing": 0, "to_review": 0} for branch in branches}
        sessions = self.env["crm.cash.session"]
        within = Domain("branch_id", "in", branches.ids)
        for branch, amount, count in sessions._read_group(
            within & self._days("day", first) & Domain("has_difference", "=", True),
            ["branch_id"],
            ["all_differences:sum", "__count"],
        ):
            figures[branch.id] |= {"difference": amount or 0.0, "differing": count}
        for branch, count in sessions._read_group(within & Domain("state", "=", "closed"), ["branch_id"], ["__count"]):
            figures[branch.id]["to_review"] = count
        return figures

    def _reasons(self, branches, first):
        """Return why customers left, the commonest reason first."""
        domain = Domain("branch_id", "in", branches.ids) & Domain("lost", "=", 1) & self._days("date", first)
        groups = self.env["crm.contract.analysis"]._read_group(
            domain, ["lost_reason_id"], ["lost:sum"], order="lost:sum desc", limit=LINES
        )
        return [{"id": reason.id, "name": reason.display_name, "count": count} for reason, count in groups]

    # === BUSINESS METHODS === #

    def _days(self, name, first):
        """Return the domain of a date within the month."""
        return Domain(name, ">=", first) & Domain(name, "<", fields.Date.add(first, months=1))

    def _moments(self, name, branches, first):
        """Return the domain of a moment within the month, by each branch's calendar."""

        def moment(day, tz):
            return datetime.combine(day, time.min, ZoneInfo(tz)).astimezone(UTC).replace(tzinfo=None)

        following = fields.Date.add(first, months=1)
        return Domain.OR(
            Domain("branch_id", "in", own.ids)
            & Domain(name, ">=", moment(first, tz))
            & Domain(name, "<", moment(following, tz))
            for tz, own in branches.grouped("tz").items()
        )

    def _open(self, branches, xmlid, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"crm_branch.{xmlid}")
        domain = Domain("branch_id", "in", branches.ids) & domain
        return {**action, "domain": list(domain), "context": {}}

    def _open_lost(self, branches, first):
        domain = self._days("date", first) & Domain("lost", "=", 1)
        action = self._open(branches, "crm_contract_analysis_action_lost", domain)
        return {**action, "context": {"group_by": ["lost_reason_id"]}}
