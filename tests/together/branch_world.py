"""The demo company's points of sale, for those who attack them: who works there, and every kind of record of a branch.

The models are found in the registry: what crm_branch adds later is included by itself.
"""

from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user

from odoo.addons.crm_base.tests.common import CANARY
from odoo.addons.crm_branch.tests.contract_common import PNG
from odoo.addons.crm_branch.tests.test_complaint_report import PDF, picture

#: What belongs to a point of sale too, and is of another addon.
OTHERS = ("contract.contract", "contract.line", "crm.interaction", "helpdesk.ticket", "sale.order", "sale.order.line")
GROUPS = ("service_officer", "retention_officer", "cashier", "branch_manager")


def stored_models(env):
    """Return the names of the documents: models with a table of their own that crm_branch defines, and the others."""
    return [name for name in branch_models(env) if env[name]._auto]


def branch_models(env):
    """Return the names of the models that crm_branch defines, views of the database too, and of the others."""
    ours = [
        name
        for name, model in env.registry.items()
        if model._original_module == "crm_branch" and not (model._abstract or model._transient)
    ]
    return [*sorted(ours), *OTHERS]


def wizards(env):
    """Return the names of the dialogs that crm_branch defines."""
    return sorted(
        name for name, model in env.registry.items() if model._original_module == "crm_branch" and model._transient
    )


def route(env, model):
    """Return the field names that lead from a record to its branch, () where it belongs to none."""
    fields = env[model]._fields
    if "branch_id" in fields and fields["branch_id"].store:
        return ("branch_id",)
    known = set(branch_models(env))
    for name, field in fields.items():
        leads = field.type == "many2one" and field.store and field.required and field.comodel_name in known - {model}
        if leads and (further := route(env, field.comodel_name)):
            return (name, *further)
    return ("order_id", "branch_id") if model == "sale.order.line" else ()


class BranchWorld(HttpCase):
    """Kraków (A) and Poznań (B) of Kaktus Telekom: one person for each task, and one in Kraków who has all of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls._ref("company_kaktus")
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids, "tracking_disable": True})
        cls.branch_a, cls.branch_b = cls._ref("branch_krakow"), cls._ref("branch_poznan")
        cls._make_people()
        cls._make_documents()
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _ref(cls, name):
        return cls.env.ref(f"crm_branch.{name}")

    # === PEOPLE === #

    @classmethod
    def _make_people(cls):
        nowhere = cls.env["crm.branch"]
        cls.a = {
            role: cls._ref(f"user_{name}")
            for role, name in zip(GROUPS, ("ania", "piotrek", "zofia", "marek"), strict=True)
        }
        cls.b = {"cashier": cls._ref("user_basia"), "branch_manager": cls._ref("user_tomek")}
        for role in ("service_officer", "retention_officer"):
            cls.b[role] = cls._create_user(f"test_{role}_b", f"crm_branch.group_{role}", cls.branch_b)
        every = ",".join(f"crm_branch.group_{role}" for role in GROUPS)
        cls.boss = cls._create_user("test_boss_a", every, cls.branch_a)  # whose own work must wait for another one
        cls.clerk = cls._ref("user_halina")
        cls.finance = cls._create_user("test_finance", "account.group_account_invoice", nowhere)
        cls.internal = cls._create_user("test_internal", "base.group_user", nowhere)
        customer = cls.env["contract.contract"].search(
            [("branch_id", "=", cls.branch_a.id), ("approval_state", "=", "active")], limit=1
        )
        cls.portal = cls.env["res.users"].create(
            {
                "login": "test_portal",
                "password": "test_portal",
                "partner_id": customer.partner_id.id,
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
                "company_id": cls.company.id,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )

    @classmethod
    def _create_user(cls, login, groups, branches):
        return new_test_user(
            cls.env,
            login,
            groups,
            context={"no_reset_password": True},
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            branch_ids=[Command.set(branches.ids)],
            tz="Europe/Warsaw",
            email=f"{login}@example.com",
        )

    @classmethod
    def _as(cls, model, user):
        return cls.env[model].with_user(user)

    # === DOCUMENTS === #

    @classmethod
    def _make_documents(cls):
        """Add to the demo data what one of both branches lacks, and what the boss does, by the steps of the addon."""
        officers = cls.a["service_officer"], cls.boss, cls.b["service_officer"]
        cls._make_contracts(*officers)
        cls._make_cash(cls.boss, "KRK9")
        cls._make_cash(cls.b["cashier"], "POZ9")
        for user in officers:
            cls._make_shop_window(user)
            cls._make_orders(user)
        for user in (cls.a["retention_officer"], cls.b["retention_officer"], cls.boss):
            cls._make_complaints(user)
        cls._make_offer(cls.b["service_officer"])
        for user in (cls.a["retention_officer"], cls.b["retention_officer"]):
            contract = cls.env["contract.contract"].search(
                [("branch_id", "=", user.branch_id.id), ("approval_state", "=", "active")], limit=1
            )
            cls._as("crm.interaction", user).create(
                {"partner_id": contract.partner_id.id, "res_model": "contract.contract", "res_id": contract.id}
            )
        cls.env["crm.privacy.log"]._record("export", cls.company.partner_id, {"contracts": 1}, "Asked by letter")

    @classmethod
    def _customer(cls, branch):
        address = {"street": "Długa 1", "zip": "31-001", "city": "Kraków", "phone": "+48 601 200 300"}
        partner = cls.env["res.partner"].create({"name": "Test Customer", "email": "c@example.com", **address})
        purpose = cls._ref("consent_purpose_contract")
        consent = {"partner_id": partner.id, "branch_id": branch.id, "channel": "paper"}
        cls.env["crm.consent"]._give([{**consent, **purpose._prepare_snapshot("pl_PL")}])
        return partner

    @classmethod
    def _make_contracts(cls, *officers):
        """Of each officer a draft, and one handed in."""
        for user in officers:
            branch = user.branch_id
            values = {"contract_template_id": cls._ref("template_mobile").id, "branch_id": branch.id}
            contracts = cls._as("contract.contract", user).create(
                [{**values, "partner_id": cls._customer(branch).id} for __ in range(2)]
            )
            contracts.check_ids.is_present = True
            contracts[1].signature = PNG
            contracts[1].action_sign()
            contracts[1].bundle_id.action_submit()

    @classmethod
    def _make_cash(cls, cashier, code):
        """A desk of the cashier's own, where an invoice was paid, one printed again, and cash taken out."""
        branch = cashier.branch_id
        journal = cls._ref("cash_desk_krakow").journal_id.copy({"code": code, "name": code})
        desk = cls.env["crm.cash.desk"].create(
            {"name": code, "code": code, "branch_id": branch.id, "journal_id": journal.id}
        )
        note = cls.env["crm.cash.denomination"].search(
            [("value", "=", 100), ("currency_id", "=", cls.company.currency_id.id)], limit=1
        )
        count = {"lines": {str(note.id): 5}}
        session = cls._as("crm.cash.session", cashier).browse(desk.with_user(cashier).action_open(count, "Float"))
        invoices = cls.env["account.move"].search(
            [
                ("invoice_line_ids.contract_line_id", "!=", False),
                *(("payment_state", "=", "not_paid"), ("state", "=", "posted"), ("company_id", "=", cls.company.id)),
            ],
            limit=2,
        )
        search = session.action_find_number(invoices[0].name)["search"]
        session.action_duplicate(search, invoices[0].id)
        session.action_pay(search, invoices[0].id, 10.0, 20.0, f"together-{code}")
        session.action_move_cash("out", "bank", 100.0, "Bag 17")
        return session

    @classmethod
    def _make_shop_window(cls, user):
        """A draft of a campaign, one that waits for the manager, and a display that is made."""
        vals = {
            "vendor_id": cls._ref("partner_printer").id,
            "artwork": PDF,
            "artwork_name": "x.pdf",
            "quantity": 10,
            "price": 0.5,
        }
        campaigns = cls._as("crm.campaign", user).create([{**vals, "name": name} for name in ("Draft", "Requested")])
        campaigns[1].action_request()
        display = {"name": "Window", "date_due": "2031-01-01", "user_id": user.id, "branch_id": user.branch_id.id}
        tasks = cls.env["crm.display.task"].create([display, display])
        tasks = tasks.with_user(user)
        tasks[1].write({"photo_before": picture(), "photo_after": picture()})
        tasks[1].action_finish()

    @classmethod
    def _make_orders(cls, user):
        line = {"product_id": cls._ref("product_cable").id, "product_uom_qty": 1}
        vals = {"partner_id": cls._ref("partner_nowicka").id, "order_line": [Command.create(line)]}
        vals |= {"user_id": user.id, "company_id": cls.company.id, "warehouse_id": user.branch_id.warehouse_id.id}
        cls.env["sale.order"].create(vals)

    @classmethod
    def _make_complaints(cls, user):
        """A draft, and one that headquarters has."""
        vals = {
            "partner_id": cls._ref("partner_grzegorz_sikora").id,
            "product_id": cls._ref("product_router").id,
            "description": "<p>Broken</p>",
            "opinion": "<p>It is</p>",
            "warranty_card": PDF,
            "warranty_card_name": "card.pdf",
            "proof_of_purchase_missing": "Lost",
        }
        reports = cls._as("crm.complaint.report", user).create([vals, vals])
        reports.action_acknowledge_terms()
        reports[1].action_send()

    @classmethod
    def _make_offer(cls, user):
        lead = cls._as("crm.lead", user).create({"name": "Tariff", "type": "opportunity", "user_id": user.id})
        version = cls._ref("material_tariffs").current_version_id
        cls._as("crm.offer.presented", user).create({"lead_id": lead.id, "version_id": version.id})

    # === RECORDS === #

    @classmethod
    def _of(cls, branch, model):
        """Return the branch's records of a model, archived ones too; none of a model that belongs to no branch."""
        path = route(cls.env, model)
        records = cls.env[model].with_context(active_test=False)
        if not path:
            return records.browse()
        return records.search([(".".join(path), "=", branch.id)]).with_context(active_test=True)

    @classmethod
    def _json(cls, record, name):
        """Return a field's value as a client would write it."""
        value = record._fields[name].convert_to_write(record[name], record)
        if isinstance(value, datetime):
            return value.isoformat(" ", "seconds")
        if isinstance(value, date):
            return value.isoformat()
        return value.decode() if isinstance(value, bytes) else value

    # === THE WORD === #

    @classmethod
    def _plant_canary(cls):
        """Write a word into all that branch A's documents say, their files and what hangs on them.

        Return the documents. In the database, so that no text that a step makes of others is forgotten.
        """
        cls.env.flush_all()
        secret = {}
        for model in stored_models(cls.env):
            if records := cls._of(cls.branch_a, model):
                secret[model] = records
                cls._write_texts(model, records.ids)
                cls._hang_on(records)
        cls.env.invalidate_all()
        return secret

    @classmethod
    def _texts(cls, model):
        """Return the fields of a model that may hold the word."""
        fields = cls.env[model]._fields.items()
        stored = [(name, field) for name, field in fields if field.store and field.column_type and not field.translate]
        technical = ("res_model", "access_token", "lang", "key")
        return [
            (name, field.type)
            for name, field in stored
            if field.type in ("char", "text", "html") and name not in technical
        ]

    @classmethod
    def _write_texts(cls, model, ids):
        for name, kind in cls._texts(model):
            word = f"'{CANARY}' || id" if kind == "char" else f"'{CANARY}'"
            cls.cr.execute(f'UPDATE {cls.env[model]._table} SET "{name}" = {word} WHERE id = ANY(%s)', [ids])  # noqa: S608

    @classmethod
    def _hang_on(cls, records):
        """Write the word into chatter, files, activities and history of the records."""
        model, ids = records._name, records.ids
        files = cls.env["ir.attachment"]
        if "message_ids" in records:
            for record in records[:2]:
                record.message_post(body=CANARY, attachments=[(f"{CANARY}.txt", CANARY.encode())])
                if "activity_ids" in record:
                    record.activity_schedule("mail.mail_activity_data_todo", user_id=cls.a["branch_manager"].id)
        cls.env.flush_all()
        about = {"word": CANARY, "model": model, "ids": ids}
        of_message = "model = %(model)s AND res_id = ANY(%(ids)s)"
        of_model = f"res_{of_message}"
        for statement in (
            f"UPDATE mail_activity SET summary = %(word)s, note = %(word)s WHERE {of_model}",  # noqa: S608
            f"UPDATE crm_workflow_log SET reason = %(word)s WHERE {of_model}",  # noqa: S608
            f"UPDATE mail_message SET body = %(word)s, subject = %(word)s WHERE {of_message}",  # noqa: S608
            "UPDATE mail_tracking_value SET old_value_char = %(word)s, new_value_char = %(word)s"  # noqa: S608
            f" WHERE mail_message_id IN (SELECT id FROM mail_message WHERE {of_message})",
        ):
            cls.cr.execute(statement, about)
        domain = [("res_model", "=", model), ("res_id", "in", ids), ("res_field", "in", [False, *records._fields])]
        for file in files.search(domain):
            # so placed that the word is seen in base64, too; pictures stay pictures
            content = (file.raw or b"") if (file.mimetype or "").startswith("image") else b""
            content += b" " * (-len(content) % 3) + CANARY.encode()
            cls.cr.execute(
                "UPDATE ir_attachment SET store_fname = NULL, db_datas = %s, index_content = %s WHERE id = %s",
                [content, CANARY, file.id],
            )
            if not file.res_field:
                cls.cr.execute("UPDATE ir_attachment SET name = %s WHERE id = %s", [CANARY, file.id])
