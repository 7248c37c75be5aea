"""Contracts of branch A and B, in every state, as the people of the branches make them."""

import base64

from odoo import fields
from odoo.fields import Command

from .common import BranchCase

#: One pixel.
PNG = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
)
CURRENCY = "PLN"


class ContractCase(BranchCase):
    """A company in złoty, two points of sale by Warsaw's clock, a tariff of 50 zł a month for 24 months."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_books()
        (cls.branch_a | cls.branch_b).tz = "Europe/Warsaw"
        cls.tariff = cls.env["product.product"].create(
            {"name": "Abonament M", "type": "service", "list_price": 50.0, "taxes_id": [Command.clear()]}
        )
        cls.template = cls.env["contract.template"].create(
            {
                "name": "Abonament 24",
                "contract_type": "sale",
                "recurring_rule_type": "monthly",
                "contract_line_ids": [
                    Command.create({"product_id": cls.tariff.id, "name": "Abonament M", "specific_price": 50.0})
                ],
            }
        )
        cls.form = cls.env["crm.contract.form"].create(
            {
                "template_id": cls.template.id,
                "clauses": "<p>Okres wypowiedzenia: jeden miesiąc.</p>",
                "partner_field_ids": [Command.link(cls._field("res.partner", "email").id)],
                "requirement_ids": [Command.create({"name": "Dowód osobisty okazany"})],
            }
        )
        cls.customer.write({"name": "Jan Nowak", "email": "jan.nowak@example.com", "street": "Długa 5"})
        cls._consent(cls.customer)
        cls.material = cls.env["crm.material"].create(
            {
                "name": "Umowa abonencka",
                "kind": "contract_template",
                "branch_ids": [Command.set((cls.branch_a | cls.branch_b).ids)],
            }
        )
        cls.version = cls._publish(cls.template)

    @classmethod
    def _prepare_books(cls):
        """Give the company złoty and a sales journal, where no chart of accounts has."""
        currency = cls.env.ref(f"base.{CURRENCY}")
        currency.active = True
        if not cls.env["account.move.line"].search_count([("company_id", "=", cls.company.id)], limit=1):
            cls.company.currency_id = currency
        accounts = cls.env["account.account"]
        income = accounts.create({"code": "700100", "name": "Sprzedaż usług", "account_type": "income"})
        receivable = accounts.create(
            {
                "code": "201100",
                "name": "Rozrachunki z odbiorcami",
                "account_type": "asset_receivable",
                "reconcile": True,
            }
        )
        cls.journal = cls.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", cls.company.id)], limit=1
        ) or cls.env["account.journal"].create({"name": "Sprzedaż", "code": "SPR", "type": "sale"})
        cls.journal.default_account_id = income
        cls.env["ir.default"].set("res.partner", "property_account_receivable_id", receivable.id)
        cls.customer.property_account_receivable_id = receivable

    @classmethod
    def _publish(cls, template):
        """Have headquarters publish the template as the next version of the material."""
        versions = cls.env["crm.material.version"].with_user(cls.clerk)
        version = versions.create({"material_id": cls.material.id, "contract_template_id": template.id})
        version.action_publish()
        return version

    @classmethod
    def _field(cls, model, name):
        return cls.env["ir.model.fields"]._get(model, name)

    @classmethod
    def _prepare_contract(cls, user=None, **values):
        """Have a service officer (of branch A by default) prepare a contract."""
        contracts = cls.env["contract.contract"].with_user(user or cls.service_officer_a)
        values = {"partner_id": cls.customer.id, "contract_template_id": cls.template.id, **values}
        return contracts.create(values)

    @classmethod
    def _sign(cls, contract):
        contract.check_ids.is_present = True
        contract.signature = PNG
        contract.action_sign()
        return contract

    @classmethod
    def _signed(cls, user=None, **values):
        return cls._sign(cls._prepare_contract(user, **values))

    @classmethod
    def _submitted(cls, user=None, **values):
        contract = cls._signed(user, **values)
        contract.bundle_id.action_submit()
        return contract

    @classmethod
    def _approve(cls, contract, user=None):
        theirs = contract.with_user(user or cls.branch_manager_a)
        theirs.check_ids.is_checked = True
        theirs.action_approve()
        return contract

    @classmethod
    def _approved(cls, user=None, **values):
        return cls._approve(cls._submitted(user, **values))

    @classmethod
    def _sent(cls, user=None, **values):
        return cls._send(cls._approved(user, **values))

    @classmethod
    def _send(cls, contract):
        contract.action_pack()
        contract.package_id.action_send()
        return contract

    @classmethod
    def _active(cls, user=None, **values):
        contract = cls._sent(user, **values)
        contract.with_user(cls.clerk).action_accept()
        return contract

    @classmethod
    def _today(cls):
        return cls.branch_a._today()

    @classmethod
    def _day(cls, **delta):
        return fields.Date.add(cls._today(), **delta)
