"""What of a branch's documents may change, by whom, and how: one compact law for each model, and a judge."""

from dataclasses import dataclass, field

from odoo.addons.crm_base.tests.hostile import UNIMPORTANT, Rows, changed_rows

from .branch_world import OTHERS, route, stored_models

SERVICE, RETENTION, CASHIER, MANAGER, HEADQUARTERS = "service", "retention", "cashier", "manager", "headquarters"
FINANCE = "finance"
COUNTER = frozenset((SERVICE, RETENTION, CASHIER, MANAGER, HEADQUARTERS))
KINDS = {
    SERVICE: "crm_branch.group_service_officer",
    RETENTION: "crm_branch.group_retention_officer",
    CASHIER: "crm_branch.group_cashier",
    MANAGER: "crm_branch.group_branch_manager",
    HEADQUARTERS: "crm_branch.group_headquarters",
    FINANCE: "account.group_account_invoice",
}
#: Every column.
ALL = "*"
#: Of any document: the picture that Odoo shows beside its files, and the link that its print has.
ODD = frozenset(("message_main_attachment_id", "access_token", *UNIMPORTANT))


@dataclass(frozen=True)
class Law:
    """What may change of a model.

    :param hand: roles that write columns by hand, as far as they aren't ``steps``
    :param make: roles that create by hand
    :param remove: role → states in which that role deletes, None for any
    :param steps: columns that only a step writes, whatever the state
    :param act: roles whose steps may change it, make and remove it
    :param shut: state → columns that may change by hand in it, all others are shut; a state that isn't named is open
    :param facts: columns that never change once the row is there, by no step either
    :param own: the columns that say whose it is; who isn't there, nor leads, doesn't touch it
    """

    hand: frozenset = frozenset()
    make: frozenset = frozenset()
    remove: dict = field(default_factory=dict)
    steps: frozenset | str = frozenset()
    act: frozenset = frozenset()
    shut: dict = field(default_factory=dict)
    facts: frozenset | str = frozenset()
    own: tuple = ()


def of(*roles):
    return frozenset(roles)


def words(text):
    return frozenset(text.split())


def shut(*states, but=""):
    return {state: words(but) for state in states}


HQ = of(HEADQUARTERS)
LAWS = {
    # === MATERIALS AND CONSENTS === #
    "crm.material": Law(hand=HQ, make=HQ, remove={HEADQUARTERS: None}, steps=words("current_version_id"), act=HQ),
    "crm.material.version": Law(
        hand=HQ,
        make=HQ,
        remove={HEADQUARTERS: ("draft",)},
        steps=words("number published_at published_by_id withdrawn_at state"),
        act=HQ,
        shut=shut("published", "withdrawn"),
        facts=words("number material_id"),
    ),
    "crm.material.receipt": Law(
        steps=ALL, act=COUNTER, facts=words("version_id branch_id material_id sent_at due_at company_id")
    ),
    "crm.consent.purpose": Law(hand=HQ, make=HQ),
    "crm.consent": Law(
        steps=ALL,
        act=of(SERVICE, RETENTION, HEADQUARTERS),
        facts=words("partner_id purpose_id branch_id given_at user_id wording wording_version lang channel company_id"),
    ),
    "crm.offer.presented": Law(make=of(SERVICE), steps=ALL, act=of(SERVICE), facts=ALL),
    "crm.privacy.log": Law(steps=ALL, act=HQ, facts=ALL),
    "crm.legal.identity": Law(steps=ALL, act=HQ, facts=ALL),
    # === CONTRACTS === #
    "contract.contract": Law(
        hand=of(SERVICE, MANAGER, HEADQUARTERS),
        make=of(SERVICE),
        remove={SERVICE: ("draft",)},
        steps=words(
            "approval_state activated_at bundle_id call_on clauses contacted_at form_version_id last_date_invoiced "
            "lost_reason_id officer_id package_id renewal_outcome renewed_from_id scan_sha256 signature_sha256 "
            "signed_at signed_on"
        ),
        act=of(SERVICE, RETENTION, MANAGER, HEADQUARTERS),
        shut=shut(
            *("signed", "submitted", "approved", "sent", "active", "ended", "returned", "cancelled"), but="user_id"
        ),
        facts=words("code company_id contract_type renewed_from_id"),
    ),
    "contract.line": Law(
        hand=of(SERVICE),
        make=of(SERVICE),
        remove={SERVICE: None},
        act=of(SERVICE, RETENTION, MANAGER, HEADQUARTERS),  # who terminates a contract ends its lines
    ),
    "crm.contract.bundle": Law(
        steps=ALL, act=of(SERVICE, MANAGER), facts=words("user_id branch_id day company_id"), own=("user_id",)
    ),
    "crm.contract.package": Law(
        hand=of(SERVICE),
        remove={SERVICE: ("draft",)},
        steps=words("name sent_at user_id state branch_id"),
        act=of(SERVICE),
        shut=shut("sent"),
        facts=words("name branch_id company_id user_id"),
    ),
    "crm.contract.check": Law(
        hand=of(SERVICE, MANAGER),
        steps=words("contract_id requirement_id"),
        act=of(SERVICE, RETENTION, MANAGER, HEADQUARTERS),
        facts=words("contract_id requirement_id"),
    ),
    "crm.contract.form": Law(hand=HQ, make=HQ, remove={HEADQUARTERS: None}, act=HQ),
    "crm.contract.requirement": Law(hand=HQ, make=HQ, remove={HEADQUARTERS: None}, act=HQ),
    "crm.contract.lost.reason": Law(hand=HQ, make=HQ, remove={HEADQUARTERS: None}),
    # === CASH DESK === #
    "crm.cash.denomination": Law(hand=HQ, make=HQ, remove={HEADQUARTERS: None}),
    "crm.cash.desk": Law(
        hand=HQ,
        make=HQ,
        remove={HEADQUARTERS: None},
        steps=words("last_number"),
        act=of(CASHIER, MANAGER, HEADQUARTERS),
    ),
    "crm.cash.session": Law(
        steps=ALL,
        act=of(CASHIER, MANAGER, HEADQUARTERS),
        facts=words("desk_id branch_id currency_id user_id day opened_at opening_expected opening_counted company_id"),
        own=("user_id",),
    ),
    "crm.cash.count": Law(steps=ALL, act=of(CASHIER, MANAGER, HEADQUARTERS), facts=ALL),
    "crm.cash.payment": Law(
        steps=ALL,
        act=of(CASHIER, MANAGER, HEADQUARTERS),
        facts=words(
            "name number session_id desk_id branch_id currency_id user_id day paid_at invoice_id partner_id "
            "invoice_number customer_name amount tendered change residual key payment_id company_id"
        ),
        own=("user_id",),
    ),
    "crm.cash.move": Law(
        steps=ALL,
        act=of(CASHIER, MANAGER, HEADQUARTERS),
        facts=words(
            "session_id desk_id branch_id currency_id user_id day moved_at direction counterpart amount signed_amount "
            "reason entry_id company_id"
        ),
        own=("user_id",),
    ),
    "crm.cash.search": Law(
        steps=ALL,
        act=of(CASHIER),
        facts=words("session_id user_id searched_at kind result invoice_ids invoice_count branch_id company_id"),
        own=("user_id",),
    ),
    "crm.cash.duplicate": Law(steps=ALL, act=of(CASHIER), facts=ALL, own=("user_id",)),
    # === SHOP === #
    "crm.campaign": Law(
        hand=of(SERVICE, MANAGER, HEADQUARTERS),
        make=of(SERVICE),
        remove={SERVICE: ("draft",)},
        steps=words("state utm_campaign_id company_id purchase_id received_at"),
        act=of(SERVICE, MANAGER, HEADQUARTERS),
        shut={
            **shut("requested", "received", "closed", but="color"),
            **shut("ordered", but="color received_quantity"),
        },
        facts=words("utm_campaign_id"),
    ),
    "crm.campaign.handout": Law(make=of(SERVICE), remove={MANAGER: None}, steps=ALL, facts=ALL),
    "crm.complaint.report": Law(
        hand=of(RETENTION, HEADQUARTERS),
        make=of(RETENTION),
        remove={RETENTION: ("draft",)},
        steps=words(
            "state number company_id ticket_id sent_at sent_by_id answered_at answered_by_id terms_id "
            "terms_acknowledged_at terms_told_by_id closed_at"
        ),
        act=of(RETENTION, HEADQUARTERS),
        shut={**shut("sent", but="answer decision"), **shut("answered", "closed")},
        facts=words("number"),
    ),
    "crm.complaint.terms": Law(make=HQ, steps=ALL, facts=ALL),
    "crm.display.task": Law(
        hand=of(SERVICE, MANAGER, HEADQUARTERS),
        make=of(SERVICE, MANAGER, HEADQUARTERS),
        remove={MANAGER: ("todo",)},
        steps=words("state company_id done_at done_by_id checked_at checked_by_id"),
        act=of(SERVICE, MANAGER),
        shut=shut("done", "approved"),
    ),
    "crm.sales.meeting": Law(
        hand=of(MANAGER),
        steps=words("state branch_id company_id month event_id attachment_id reported_at closed_at"),
        act=COUNTER,  # who opens the report of a meeting to come has it made anew
        shut={**shut("held", but="attended_ids decisions"), **shut("closed")},
        facts=words("branch_id company_id month"),
    ),
    "crm.sales.plan": Law(
        hand=of(MANAGER, HEADQUARTERS), make=of(MANAGER, HEADQUARTERS), remove={MANAGER: None, HEADQUARTERS: None}
    ),
    # === BOOKS === #
    "account.move": Law(act=of(CASHIER, MANAGER, HEADQUARTERS), facts=ALL),
    "account.payment": Law(
        act=of(CASHIER, MANAGER, HEADQUARTERS),
        facts=words("amount partner_id journal_id date move_id memo currency_id"),
    ),
    "account.bank.statement.line": Law(act=of(CASHIER, MANAGER, HEADQUARTERS), facts=ALL),
}
#: The desks' part of the books: table → its rows, and of them what a desk's count agrees with.
BOOKS = {
    "account.move": (
        "account_move WHERE cash_session_id IS NOT NULL",
        "id, name, state, date, journal_id, amount_total, currency_id, partner_id, cash_session_id",
    ),
    "account.payment": (
        "account_payment WHERE move_id IN (SELECT id FROM account_move WHERE cash_session_id IS NOT NULL)",
        "id, name, state, amount, partner_id, journal_id, date, move_id, memo, currency_id, payment_type",
    ),
    "account.bank.statement.line": (
        "account_bank_statement_line WHERE move_id IN (SELECT id FROM account_move WHERE cash_session_id IS NOT NULL)",
        "id, amount, partner_id, journal_id, move_id, payment_ref, currency_id",
    ),
}
#: Contracts that nobody approves or finalises who has had a hand in them.
HANDS = {"approve": ("sign", "submit"), "accept": ("sign", "submit", "approve")}


class Role:
    def __init__(self, user):
        self.name, self.uid = user.login, user.id
        self.kinds = {kind for kind, group in KINDS.items() if user._has_group(group)}
        self.groups = set(user.all_group_ids.get_external_id().values())
        self.branches = set(user.visible_branch_ids.ids)
        self.leads = bool(self.kinds & {MANAGER, HEADQUARTERS})


class BranchJudge:
    """The documents of the branches as the database has them, and which changes are lawful."""

    def __init__(self, env):
        self.env, self.rows = env, Rows(env.cr, ODD)
        self.models = [name for name in stored_models(env) if name not in OTHERS[2:]]
        self.routes = {model: route(env, model) for model in self.models}
        self.parents = {
            model: env[model]._fields[path[0]].comodel_name for model, path in self.routes.items() if len(path) > 1
        }
        self.query = self._query()

    def _query(self):
        """Return the statement that reads all rows of all documents, with the other ends of what they link to."""
        parts = [self._select(model) for model in self.models]
        parts += [
            f"SELECT '{name}' AS name, id, to_jsonb(t) FROM (SELECT {columns} FROM {table}) t"  # noqa: S608
            for name, (table, columns) in BOOKS.items()
        ]
        parts.append(
            "SELECT 'log', id, to_jsonb(t) FROM"
            " (SELECT id, user_id, res_model, res_id, transition, source, target, reason FROM crm_workflow_log) t"
        )
        names = ", ".join(f"'{model}'" for model in self.models)
        parts.append(
            "SELECT 'file', id, to_jsonb(t) FROM (SELECT id, res_model, res_id, res_field, checksum, public, name"  # noqa: S608
            f" FROM ir_attachment WHERE res_model IN ({names})) t"
        )
        parts.append(
            "SELECT 'members', branch_id, to_jsonb(array_agg(user_id ORDER BY user_id)) FROM crm_branch_users_rel"
            " GROUP BY branch_id"
        )
        return " UNION ALL ".join(parts)

    def _select(self, model):
        lists = [
            f"(SELECT array_agg(r.{field.column2} ORDER BY r.{field.column2}) FROM {field.relation} r"  # noqa: S608
            f" WHERE r.{field.column1} = t.id) AS {name}"
            for name, field in self.env[model]._fields.items()
            if field.type == "many2many" and field.store and field.relation
        ]
        columns = ", ".join(("t.*", *lists))
        table = self.env[model]._table
        return f"SELECT '{model}' AS name, id, to_jsonb(u) FROM (SELECT {columns} FROM {table} t) u"  # noqa: S608

    def snapshot(self):
        return self.rows.now(self.query)

    # === JUDGEMENT === #

    def violations(self, role, method, before, after):
        """Return what changed between the snapshots and may not be changed by that role with that method."""
        self.before, self.after = before, after
        changed = changed_rows(before, after)
        self.logs = {}
        for key in changed:
            if key[0] == "log" and key not in before:
                log = after[key]
                self.logs.setdefault((log["res_model"], log["res_id"]), []).append((key[1], log))
        found = []
        for model, id_ in changed:
            old, new = before.get((model, id_)), after.get((model, id_))
            names = {name for name in old if old[name] != new.get(name)} if old and new and model != "members" else None
            special = getattr(self, f"_judge_{model}", None)
            verdict = special(role, method, old, new) if special else self._judge(model, role, method, old, new, names)
            if verdict:
                found.append(((model, id_), verdict, names or old or new))
        return found

    def _judge(self, model, role, method, old, new, names):
        """Return what is wrong with the change of a row, or nothing."""
        law = LAWS.get(model, Law())
        if not role.kinds:
            return "has no role"
        if model not in BOOKS and not self._is_own_branch(model, role, old, new):
            return "another branch's"
        acts = self._acts(method) and bool(role.kinds & law.act)
        if old is None:
            return self._judge_made(model, law, role, new, acts)
        if new is None:
            return self._judge_removed(model, law, role, old)
        return self._judge_changed(model, law, role, (old, new, names), method)

    def _judge_changed(self, model, law, role, change, method):
        old, new, names = change
        if law.facts == ALL or names & law.facts:
            return "a fact has changed"
        state = self._state_of(model)
        if state in names:
            dropped = model == "crm.material.receipt" and new[state] == "dropped"  # with the material it is for
            return self._judge_step(model, role, "action_drop" if dropped else method, old, new)
        if law.own and not role.leads and any(old[name] != role.uid for name in law.own):
            return "somebody else's"
        if self._acts(method) and role.kinds & law.act:
            return None
        return self._judge_typed(model, law, role, (old, new, names))

    def _judge_typed(self, model, law, role, change):
        """By hand, a role writes what is its task and what no step writes, while the document is open."""
        old, new, names = change
        closed = law.shut.get(old.get(self._state_of(model)))
        if model == "crm.campaign" and self._is_sum_of_handouts(new):
            names = names - {"handed_out"}
        if not names:
            return None
        more = getattr(self, f"_more_{model.replace('.', '_')}", None)
        if law.steps == ALL or names & law.steps:
            return "only a step writes this"
        if not role.kinds & law.hand:
            return "another one's task"
        if closed is not None and names - closed:
            return "shut in this state"
        return more(role, old, names) if more else None

    def _judge_made(self, model, law, role, new, acts):
        workflow = getattr(self.env[model], "_workflow", None)
        if workflow and model not in BOOKS and not acts and new[self._state_of(model)] != workflow.initial:
            return "begins in another state"
        if acts:
            return None
        if not role.kinds & law.make:
            follows = model in ("contract.line", "crm.contract.check") and role.kinds & LAWS["contract.contract"].make
            return None if follows else "another one's to make"
        typed = {name for name in law.steps if new.get(name)} if law.steps != ALL else set()
        typed -= {"state", "approval_state", "number", "version", "company_id", "utm_campaign_id", "officer_id"}
        typed -= {"renewal_outcome", "name", "branch_id", "user_id"}
        return f"made with {typed}" if typed else None

    def _judge_removed(self, model, law, role, old):
        parent = self.parents.get(model)
        if parent and (parent, old[self.routes[model][0]]) not in self.after and LAWS[parent].remove:
            return None  # goes with the document, which is judged
        if model in ("contract.line",) and self._draft_of(old, "contract_id"):
            return None if role.kinds & law.hand else "another one's task"
        if model == "contract.line":
            return "shut in this state"
        states = [law.remove[kind] for kind in role.kinds if kind in law.remove]
        if any(allowed is None or old.get(self._state_of(model)) in allowed for allowed in states):
            return None
        return "stays"

    def _judge_step(self, model, role, method, old, new):
        """A state changes by the table, with a line of the history, by who may, and by nobody who had a hand in it."""
        state, id_ = self._state_of(model), new["id"]
        logs = [log for __, log in sorted(self.logs.get((model, id_), ()), key=lambda item: item[0])]
        if not self._acts(method) or not logs:
            return "a step without history" if self._acts(method) else "a state by hand"
        if (logs[0]["source"], logs[-1]["target"]) != (old[state], new[state]):
            return "a step that isn't in the history"
        return next((wrong for log in logs for wrong in self._wrongs_of_step(model, id_, role, log)), None)

    def _wrongs_of_step(self, model, id_, role, log):
        step = self.env[model]._workflow.find(log["transition"])
        if log["source"] not in step.source or log["target"] != step.target:
            yield "a step that isn't in the table"
        if step.groups and not set(step.groups) & role.groups:
            yield "a step of another role"
        if step.reason and not log["reason"]:
            yield "a step without reason"
        banned = HANDS.get(step.name, ()) if model == "contract.contract" else (step.other_than,)
        if role.uid in {self._last_actor(model, id_, name) for name in banned if name}:
            yield "approved their own"

    def _last_actor(self, model, id_, transition):
        """Return who did the transition last, before the call."""
        logs = [
            (key[1], log["user_id"])
            for key, log in self.before.items()
            if key[0] == "log" and (log["res_model"], log["res_id"], log["transition"]) == (model, id_, transition)
        ]
        return max(logs)[1] if logs else None

    def _judge_log(self, role, method, old, new):
        if old is not None:
            return "history has changed"
        dropped = new["transition"] == "drop" and HEADQUARTERS in role.kinds
        if new["user_id"] != role.uid or not (self._acts(method) or dropped):
            return "history was typed"
        return None

    def _judge_file(self, role, method, old, new):
        """Files hang on the documents of the user's branches, and those that a document shuts stay."""
        for row in (old, new):
            if row is None:
                continue
            model, document = row["res_model"], (row["res_model"], row["res_id"])
            there = self.before.get(document) or self.after.get(document)
            if there and not self._is_own_branch(model, role, there):
                return "another branch's file"
            if old is None or not there or self._acts(method) or document not in self.after:
                continue
            state = self._state_of(model)
            kept = words("") if LAWS[model].steps == ALL else LAWS[model].shut.get(there.get(state))
            signed = row["res_field"] or model == "crm.material.version"
            if kept is not None and signed and row["res_field"] not in kept:
                return "a file of what is shut"
        return None

    def _judge_members(self, role, method, old, new):
        return None if role.leads else "gave themselves a branch"

    # === PARTICULARS === #

    def _more_contract_contract(self, role, old, names):
        return None if SERVICE in role.kinds or names <= {"user_id"} else "another one's task"

    def _more_crm_consent_purpose(self, role, old, names):
        return "a version without another wording" if "version" in names and "wording" not in names else None

    def _is_sum_of_handouts(self, campaign):
        handouts = (row for (model, __), row in self.after.items() if model == "crm.campaign.handout")
        total = sum(row["quantity"] for row in handouts if row["campaign_id"] == campaign["id"])
        return total == (campaign["handed_out"] or 0)

    def _more_contract_line(self, role, old, names):
        return None if self._draft_of(old, "contract_id") else "shut in this state"

    def _more_crm_contract_check(self, role, old, names):
        state = self.before["contract.contract", old["contract_id"]]["approval_state"]
        mine = {"draft": (SERVICE, {"is_present"}), "submitted": (MANAGER, {"is_checked", "checked_by_id"})}
        kind, ticks = mine.get(state, (None, set()))
        return None if kind in role.kinds and names <= ticks else "another one's tick"

    def _more_crm_contract_form(self, role, old, names):
        return self._of_published(old["template_id"])

    def _more_crm_contract_requirement(self, role, old, names):
        return self._of_published(self.before["crm.contract.form", old["form_id"]]["template_id"])

    def _more_crm_complaint_report(self, role, old, names):
        if names & {"answer", "decision"} and HEADQUARTERS not in role.kinds:
            return "answered by the branch"
        return None

    def _more_crm_campaign(self, role, old, names):
        if "handed_out" in names:
            return "not the sum of what was handed out"
        return None if SERVICE in role.kinds or names <= {"color"} else "another one's task"

    def _of_published(self, template):
        versions = (row for (model, __), row in self.before.items() if model == "crm.material.version")
        used = any(row["contract_template_id"] == template and row["state"] != "draft" for row in versions)
        return "of a published version" if used else None

    # === LOOKING UP === #

    def _acts(self, method):
        return method.startswith(("action_", "wizard:")) or method in ("button_draft", "recurring_create_invoice")

    def _state_of(self, model):
        return getattr(self.env[model], "_workflow_field", None) if model not in BOOKS else "state"

    def _draft_of(self, row, name):
        contract = self.before.get(("contract.contract", row[name])) or self.after.get(("contract.contract", row[name]))
        return not contract or contract["approval_state"] == "draft"

    def _is_own_branch(self, model, role, *rows):
        """Return whether the rows are of branches of the user; what belongs to no branch is everybody's."""
        return all(self._branch_of(model, row) in (*role.branches, None) for row in rows if row)

    def _branch_of(self, model, row):
        path = self.routes.get(model, ())
        if not path:
            return None
        if len(path) == 1:
            return row["branch_id"] or None
        parent = self.parents[model]
        above = self.before.get((parent, row[path[0]])) or self.after.get((parent, row[path[0]]))
        return self._branch_of(parent, above) if above else None
