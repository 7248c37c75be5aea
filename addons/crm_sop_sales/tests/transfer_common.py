import base64
import io

from PIL import Image

from odoo import Command, fields
from odoo.tools import file_open

from odoo.addons.crm_base.tests.fixtures import have

from .common import PhoneShopCase
from .fixtures import make_firm

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


def png(shade=0):
    """Return a small picture."""
    data = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(data, "PNG")
    return data.getvalue()


def statement(name):
    """Return one of the bank's own files, unchanged."""
    with file_open(f"crm_sop_sales/tests/statements/{name}.csv", "rb") as file:
        return file.read()


class TransferCase(PhoneShopCase):
    """The phone shop with accounts at two banks, rupiahs, and customers who pay by transfer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        have(cls, "firm", make_firm)
        cls.company = cls.firm
        people = cls.officer | cls.other_officer | cls.manager | cls.sales_manager | cls.logistics | cls.accountant
        (people | cls.other_accountant | cls.env.user).write(
            {"company_ids": [Command.link(cls.company.id)], "company_id": cls.company.id}
        )
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.location = cls.warehouse.lot_stock_id
        cls.mandiri = cls._create_bank("Mandiri", "0060001234567", "mapping_mandiri")
        cls.bca = cls._create_bank("BCA", "5270012345", "mapping_bca_personal")
        for record in ("phone", "partner", "company"):
            setattr(cls, record, getattr(cls, record).with_env(cls.env))
        for user in ("officer", "other_officer", "manager", "sales_manager", "logistics", "accountant"):
            setattr(cls, user, getattr(cls, user).with_env(cls.env))
        cls.partner.property_account_receivable_id = cls.env["account.account"].search(
            [("account_type", "=", "asset_receivable"), ("company_ids", "in", cls.company.ids)], limit=1
        )
        cls._create_units(cls.phone, 12)

    @classmethod
    def _create_bank(cls, name, number, mapping):
        return cls.env["account.journal"].create(
            {
                "name": name,
                "code": name[:5].upper(),
                "type": "bank",
                "company_id": cls.company.id,
                "bank_acc_number": number,
                "bank_id": cls.env["res.bank"].create({"name": f"Bank {name}"}).id,
                "is_for_transfers": True,
                "default_sheet_mapping_id": cls.env.ref(f"crm_sop_sales.{mapping}").id,
            }
        )

    @classmethod
    def _create_transfer_order(cls, price=None, confirm=True, **values):
        """Make an order that is paid by transfer, approved and, if so, confirmed."""
        order = cls._create_order(
            payment_choice="transfer", transfer_account_id=cls.mandiri.bank_account_id.id, **values
        )
        if price:
            order.order_line.price_unit = price
        order.action_submit()
        order.with_user(cls.manager).action_approve()
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _create_proof(cls, order, user=None, content=None, **values):
        cls.serial += 1
        return (
            cls.env["crm.transfer.proof"]
            .with_user(user or cls.officer)
            .create(
                {
                    "order_id": order.id,
                    "bank_account_id": cls.mandiri.bank_account_id.id,
                    "transfer_date": fields.Date.today(),
                    "amount": order.amount_total,
                    "file": base64.b64encode(content or PDF + b"%d" % cls.serial),
                    "file_name": "bukti.pdf",
                    **values,
                }
            )
        )

    @classmethod
    def _confirm(cls, proof, user=None, **values):
        """Confirm a proof as finance does, through the dialog."""
        wizard_action = proof.with_user(user or cls.accountant).action_confirm()
        wizard = (
            cls.env["crm.transfer.confirm"]
            .with_user(user or cls.accountant)
            .with_context(**wizard_action["context"])
            .create(values)
        )
        wizard.action_confirm()
        return proof.sudo().payment_id

    @classmethod
    def _import(cls, journal, name, user=None, content=None):
        """Import one of the bank's files as finance; return the new lines."""
        before = cls.env["account.bank.statement.line"].search([("journal_id", "=", journal.id)])
        wizard = (
            cls.env["account.statement.import"]
            .with_user(user or cls.accountant)
            .create(
                {
                    "journal_id": journal.id,
                    "sheet_mapping_id": cls.env.ref(f"crm_sop_sales.mapping_{name}").id,
                    "statement_file": base64.b64encode(content or statement(name)),
                    "statement_filename": f"{name}.csv",
                }
            )
        )
        cls.imported = wizard.import_file_button()
        return cls.env["account.bank.statement.line"].search([("journal_id", "=", journal.id)]) - before

    @classmethod
    def _review(cls, **domain):
        """Return the rows that finance sees."""
        cls.env["crm.transfer.review"].with_user(cls.accountant).action_open()
        cls.env.flush_all()
        rows = cls.env["crm.transfer.review"].with_user(cls.accountant)
        rows.invalidate_model()
        return rows.search([(name, "=", value) for name, value in domain.items()])
