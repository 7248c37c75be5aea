"""Demo transfers: orders at each step, made by the people who would make them, and a bank's statement."""

import base64
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .phone_shop_cancellations import DemoCancellation
from .phone_shop_orders import AGUS, SARI, DemoOrder

RATNA = "crm_sop_sales.user_ratna"
#: The banks of the shop: name, code, number of the account, how its files are read.
BANKS = (
    ("Mandiri", "MDR", "0060001234567", "mapping_mandiri"),
    ("BCA", "BCA", "5270012345", "mapping_bca_business"),
)
#: A file that says nothing but its order: enough of a PDF to be one.
PDF = "%PDF-1.4\n% Bukti transfer {name}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


@dataclass(frozen=True)
class DemoTransfer:
    """An order that is paid by transfer: which parts of it proofs claim, and how many of these finance confirmed."""

    order: DemoOrder
    number: str | None = None  # that the banks' files speak of
    proven: tuple = ()
    confirmed: int = 0
    surplus: int = 0
    late: bool = False
    cancelled: DemoCancellation | None = None


#: The orders that the banks' own files pay (tests/statements): more than it costs, exactly, and too little.
OF_FILES = (
    DemoTransfer(
        DemoOrder("transfer_siti", AGUS, "crm_sop_sales.partner_siti", (("a36", 1), ("earphones", 1)), "confirmed"),
        "S00041",
    ),
    DemoTransfer(
        DemoOrder(
            "transfer_budi",
            SARI,
            "crm_sop_sales.partner_budi",
            (("a16", 1), ("charger", 1), ("sim_card", 1)),
            "confirmed",
        ),
        "S00042",
    ),
    DemoTransfer(DemoOrder("transfer_andi", SARI, "crm_sop_sales.partner_andi", (("m15", 1),), "confirmed"), "S00043"),
)
TRANSFERS = (
    DemoTransfer(DemoOrder("transfer_waiting", SARI, "crm_sop_sales.partner_bambang", (("a15", 1),), "confirmed")),
    DemoTransfer(DemoOrder("transfer_approved", SARI, "crm_base.partner_maya", (("a36", 1), ("case", 1)), "approved")),
    DemoTransfer(DemoOrder("transfer_proof", AGUS, "crm_base.partner_yusuf", (("a25", 1),), "confirmed"), proven=(1,)),
    DemoTransfer(
        DemoOrder("transfer_short", SARI, "crm_base.partner_rina", (("s24", 1),), "confirmed", days=1),
        proven=(0.5,),
        confirmed=1,
    ),
    DemoTransfer(
        DemoOrder("transfer_promised", AGUS, "crm_base.partner_hendra", (("a35", 1),), "confirmed"),
        proven=(1,),
        confirmed=1,
    ),
    DemoTransfer(
        DemoOrder("transfer_late", SARI, "crm_base.partner_maya", (("a55", 1),), "confirmed", days=3),
        proven=(1,),
        confirmed=1,
        late=True,
    ),
    # in two parts, the second of which is all there
    DemoTransfer(
        DemoOrder("transfer_parts", AGUS, "crm_base.partner_yusuf", (("a14", 1),), "confirmed", days=1),
        proven=(0.4, 0.6),
        confirmed=2,
    ),
    DemoTransfer(
        DemoOrder("transfer_surplus", AGUS, "crm_base.partner_hendra", (("a05s", 1),), "confirmed"),
        proven=(1,),
        confirmed=1,
        surplus=100_000,
    ),
    DemoTransfer(
        DemoOrder("transfer_cancelled", SARI, "crm_base.partner_rina", (("a56", 1),), "confirmed", days=2),
        proven=(1,),
        confirmed=1,
        cancelled=DemoCancellation(
            "transfer_cancelled", "mind", "She got one for her birthday. She knows about the 10 %.", "confirmed"
        ),
    ),
)


class CrmDemoTransfers(models.AbstractModel):
    """Make the demo shop's transfers. Only the demo files call this."""

    _name = "crm.demo.transfers"
    _description = "Demo Data: Transfers of a Phone Shop"

    @api.model
    def _load(self):
        """Mark two accounts, take orders as far as their transfers got, and import a statement.

        The orders that the banks' own files speak of come first; these files are in rupiahs.
        """
        if not self.env.company.chart_template:
            return
        banks = [self._create_bank(*bank) for bank in BANKS]
        self.env.ref("crm_sop_sales.product_sim_card").taxes_id = self.env.ref("crm_sop_sales.product_case").taxes_id
        in_rupiahs = self.env.company.currency_id == self.env.ref("base.IDR")
        transfers = (*OF_FILES, *TRANSFERS) if in_rupiahs else TRANSFERS
        orders = {demo.order.name: self._create(demo, banks[0]) for demo in transfers}
        self._import(banks[1], orders)

    def _create_bank(self, name, code, number, mapping):
        bank = self.env["res.bank"].create({"name": f"Bank {name}"})
        journal = self.env["account.journal"].create(
            {
                "name": name,
                "code": code,
                "type": "bank",
                "bank_acc_number": number,
                "bank_id": bank.id,
                "is_for_transfers": True,
                "default_sheet_mapping_id": self.env.ref(f"crm_sop_sales.{mapping}").id,
            }
        )
        xml_id = f"crm_sop_sales.journal_{code.lower()}"
        self.env["ir.model.data"]._update_xmlids([{"xml_id": xml_id, "record": journal, "noupdate": True}])
        return journal

    def _create(self, demo, journal):
        maker = self.env["crm.demo.orders"]
        order = maker._create(demo.order)
        order.write({"payment_choice": "transfer", "transfer_account_id": journal.bank_account_id.id})
        if demo.number:
            self._number(order.sudo(), demo.number)
        for step in ("submitted", "approved", "confirmed"):
            maker._do(step, order, demo.order)
            if step == demo.order.until:
                break
        for index, part in enumerate(demo.proven):
            self._prove(order, demo, part, confirm=index < demo.confirmed)
        maker._date_back(order.sudo(), demo.order.days)
        if demo.late:
            self._miss_promise(order.sudo())
        if demo.cancelled:
            form = self.env["crm.demo.cancellations"]._create(order, demo.cancelled)
            form.action_confirm()
        return order

    def _number(self, order, number):
        """Give the order the number that a bank's file speaks of; whoever has it already gets this one's."""
        other = order.search([("name", "=", number), ("company_id", "=", order.company_id.id)]) - order
        other.name, order.name = order.name, number
        for sequence in self.env["ir.sequence"].search([("code", "=", "sale.order")]):
            sequence.number_next_actual = max(sequence.number_next_actual, int(number[1:]) + 1)

    def _prove(self, order, demo, part, confirm):
        proof = self.env["crm.transfer.proof"].with_user(order.user_id)
        proof = proof.create(
            {
                "order_id": order.id,
                "bank_account_id": order.transfer_account_id.id,
                "transfer_date": fields.Date.today(),
                "amount": order.currency_id.round(order.amount_total * part) + demo.surplus,
                "file": base64.b64encode(PDF.format(name=f"{order.name} {part}").encode()),
                "file_name": f"bukti-{order.name}.pdf",
            }
        )
        if confirm:
            journal = order.transfer_account_id._transfer_journal(order.company_id)
            choice = "refund" if demo.surplus else None
            ratna = self.env.ref(RATNA)
            proof.with_user(ratna)._confirm(proof.amount, proof.transfer_date, journal, surplus_choice=choice)

    def _miss_promise(self, order):
        """Let the confirmation be two days ago."""
        moment = fields.Datetime.now() - timedelta(days=1)
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE sale_order SET transfer_promised_at = %s, commitment_date = %s WHERE id = %s RETURNING id",
                moment,
                moment,
                order.id,
            )
        )
        self.env.invalidate_all()
        order.picking_ids.move_ids.write({"date_deadline": moment})

    def _import(self, journal, orders):
        """Import the day's file as finance does: exact by number, surplus, the rest of a short one, and strangers."""
        day = fields.Date.today()
        marks = f"{day:%d%m}/FTSCY/WS95051"
        waiting, short = orders["transfer_waiting"], orders["transfer_short"]
        rows = (
            (f"{marks} {waiting.name} BAMBANG SU", waiting.amount_total, "CR"),
            (f"{marks} {short.partner_id.name.upper()[:10]}", short.transfer_missing + 50_000, "CR"),
            (f"{marks} PT KITA", 2_150_000, "CR"),
            (f"{marks} SETORAN TUNAI", 1_999_000, "CR"),
            (f"{marks} SEWA GUDANG", 7_500_000, "DB"),
        )
        lines = ['Tanggal Transaksi,"Keterangan","Cabang","Jumlah"']
        for label, amount, mark in rows:
            lines.append(f'{day:%d/%m/%Y},"TRSF E-BANKING {mark} {label}","0000","{amount:,.2f} {mark}"')
        wizard = self.env["account.statement.import"].with_user(self.env.ref(RATNA))
        wizard.create(
            {
                "journal_id": journal.id,
                "sheet_mapping_id": journal.default_sheet_mapping_id.id,
                "statement_file": base64.b64encode("\n".join(lines).encode()),
                "statement_filename": f"bca-{day:%Y%m%d}.csv",
            }
        )._import_file()
