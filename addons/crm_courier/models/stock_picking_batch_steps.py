from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .stock_picking_batch import COURIER, LOGISTICS, PIC

REVIEWS = ("review", "review_over_limits")


class StockPickingBatch(models.Model):
    """A run's steps: what has to be true before each, and what follows from it (SOP-7, SOP-13)."""

    _inherit = "stock.picking.batch"

    limits_problem = fields.Char("Over the Limits", compute="_compute_limits_problem")
    is_own_run = fields.Boolean(compute="_compute_is_own_run")

    # === COMPUTE METHODS === #

    @api.depends("stop_count", "stop_value", "company_id.courier_max_deliveries", "company_id.courier_max_value")
    def _compute_limits_problem(self):
        for run in self:
            run.limits_problem = " ".join(run._limit_problems()) or False

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_own_run(self):
        for run in self:
            run.is_own_run = run.user_id == self.env.user

    # === ACTION METHODS === #

    def action_review(self):
        """Set the schedule, as the committee (SOP-13c); above the limits it asks for the reason."""
        self.check_access("read")
        self.sudo()._note_stops()
        over = self.filtered(lambda run: run._limit_problems())
        if within := self - over:
            within._workflow_do("review")
        return over._ask_why("review_over_limits") if over else True

    def action_load(self):
        """Say that everything on the list is loaded, and nothing else (SOP-7)."""
        return self._workflow_do("load")

    def action_leave(self):
        """Leave for the customers."""
        return self._workflow_do("leave")

    def action_come_back(self):
        """Be back at the office."""
        return self._workflow_do("come_back")

    def action_close(self):
        """Close the run, as CRM: no proof is missing (SOP-13a, SOP-13b)."""
        return self._workflow_do("close")

    # === WORKFLOW === #

    def _workflow_do(self, name, reason=None):
        """Override: who takes a step needs a role, not the right to write runs; the table names roles for each."""
        self._check_runs()
        self.check_access("read")
        return super(StockPickingBatch, self.sudo())._workflow_do(name, reason)

    def _check_runs(self):
        if others := self.filtered(lambda batch: not batch.is_courier_run):
            raise UserError(self.env._("%s is a warehouse batch, not a courier's run.", others[0].name))

    def _before_transition(self, transition):
        if transition.name in REVIEWS:
            self._note_stops()
        elif transition.name in ("load", "leave"):
            self.stop_ids._note_amounts()
        now = fields.Datetime.now()
        facts = {
            "review": {"reviewed_by_id": self.env.uid, "reviewed_at": now},
            "review_over_limits": {"reviewed_by_id": self.env.uid, "reviewed_at": now},
            "replan": {"reviewed_by_id": False, "reviewed_at": False},
            "leave": {"left_at": now},
            "recall": {"left_at": False},
            "come_back": {"returned_at": now},
        }
        if transition.name in facts:
            self._write_facts(facts[transition.name])
        return super()._before_transition(transition)

    def _check_transition(self, transition):
        self._check_role(transition)
        for run in self:
            if problems := run._step_problems(transition.name):
                lines = [run.name, *(f"- {problem}" for problem in problems)]
                raise UserError("\n".join(lines))
        return super()._check_transition(transition)

    def _check_role(self, transition):
        """Check what the roles in the table can't say: whose run it is."""
        courier_only = not any(self.env.user.has_group(group) for group in (LOGISTICS, PIC))
        for run in self:
            own = run.user_id == self.env.user
            if transition.name in (*REVIEWS, "hand_over", "close") and own:
                raise AccessError(
                    self.env._("%s is your own run: this step is for somebody else than its courier.", run.name)
                )
            if transition.name in ("load", "leave") and courier_only and not own:
                raise AccessError(self.env._("%s is another courier's run.", run.name))

    def _step_problems(self, step):
        """Hook: return why a step can't be taken yet, in words that say what to do.

        :param str step: a transition of the table
        """
        self.ensure_one()
        checks = {
            "review": (self._review_problems, self._transfer_problems, self._limit_problems),
            "review_over_limits": (self._review_problems, self._transfer_problems),
            "load": (self._loading_problems, self._unpaid_problems),
            "leave": (self._leaving_problems, self._unpaid_problems),
            "recall": (self._recall_problems,),
            "come_back": (self._open_stop_problems,),
            "close": (self._missing_proofs, self._open_discrepancies),
        }
        return [problem for check in checks.get(step, ()) for problem in check()]

    def _limit_problems(self):
        """Return in what the run is above the company's limits (SOP-13c)."""
        company, problems = self.company_id, []
        if self.stop_count > company.courier_max_deliveries:
            problems.append(
                self.env._(
                    "%(count)s deliveries, more than %(limit)s.",
                    count=self.stop_count,
                    limit=company.courier_max_deliveries,
                )
            )
        if (
            company.courier_max_value
            and self.currency_id.compare_amounts(self.stop_value, company.courier_max_value) > 0
        ):
            problems.append(
                self.env._(
                    "%(value)s carried, more than %(limit)s.",
                    value=self.currency_id.format(self.stop_value),
                    limit=self.currency_id.format(company.courier_max_value),
                )
            )
        return problems

    def _review_problems(self):
        """Hook: return why the committee can't release the run."""
        if not self.stop_ids:
            return [self.env._("No deliveries: add what the courier is to take.")]
        unready = self.stop_ids.filtered(lambda stop: stop.picking_id.state != "assigned")
        return [
            self.env._(
                "%(delivery)s of %(customer)s isn't ready: its goods aren't all reserved.",
                delivery=stop.picking_id.name,
                customer=stop.partner_id.name,
            )
            for stop in unready
        ]

    def _transfer_problems(self, leaving=False):
        """Return which orders wait for their bank transfer (SOP-11b), or whose money isn't there (SOP-11c)."""
        orders = self.stop_ids.order_id
        return [problem for order in orders if (problem := order._transfer_problem(leaving))]

    def _unpaid_problems(self):
        return self._transfer_problems(leaving=True)

    def _leaving_problems(self):
        """Hook: return why the courier can't leave."""
        problems = []
        if not self._actors("review") and not self._actors("review_over_limits"):
            problems.append(self.env._("The delivery committee hasn't reviewed it."))
        if self.reviewed_by_id == self.user_id:
            problems.append(self.env._("Its courier reviewed it: somebody else has to."))
        return problems + self._loading_problems()

    def _recall_problems(self):
        if self.stop_ids.filtered("outcome"):
            return [self.env._("Something was delivered or tried already: have the courier come back instead.")]
        return []

    def _open_stop_problems(self):
        """Hook: return why the courier isn't done."""
        return [
            self.env._("%s: say what came of this delivery.", stop.display_name)
            for stop in self.stop_ids.filtered(lambda stop: not stop.outcome)
        ]

    def _after_transition(self, transition):
        if transition.name in (*REVIEWS, "unload"):
            self._prepare_loading()
        if transition.name in REVIEWS:
            self._tell_schedule()
        if transition.name == "come_back":
            self._let_go(self.stop_ids.filtered(lambda stop: not stop.is_live))
        if transition.name == "cancel":
            self._let_go(self.stop_ids)
        if transition.name == "recount":
            self._forget_count()
        return super()._after_transition(transition)

    def _note_stops(self):
        """Bring what the stops say of goods and money up to date."""
        self.stop_ids._sync_units()
        self.stop_ids._note_amounts()

    def _tell_schedule(self):
        """Have the warehouse see when the deliveries leave."""
        for run in self:
            run.picking_ids.move_ids.filtered(lambda move: move.state not in ("done", "cancel")).date = run.starts_at

    def _let_go(self, stops):
        """Let deliveries that this run doesn't carry any more be planned on another."""
        stops.picking_id.filtered(lambda picking: picking.state != "done" and picking.batch_id in self).batch_id = False

    # === WHO === #

    def _check_loader(self):
        """Check that the user may load this run: its courier, or the warehouse.

        :raise AccessError: neither
        """
        if self.user_id != self.env.user and not self.env.user.has_group(LOGISTICS):
            raise AccessError(self.env._("%s is loaded by its courier or by the warehouse.", self.name))

    def _check_at_door(self):
        """Check that the user may say what happens at the customer's door: the courier, or the office for them.

        :raise AccessError: neither
        :raise UserError: the run isn't on the road
        """
        if not self._may_be_at_door():
            raise AccessError(self.env._("%s is another courier's run.", self.name))
        if self.run_state != "on_road":
            raise UserError(
                self.env._(
                    "%(run)s is “%(state)s”: deliveries are done while it is on the road.",
                    run=self.name,
                    state=self._workflow_label(self.run_state),
                )
            )

    def _may_be_at_door(self):
        """Return whether the user is this run's courier, or the office for them."""
        user = self.env.user
        own = self.user_id == user and user.has_group(COURIER)
        return own or any(user.has_group(group) for group in (LOGISTICS, PIC))
