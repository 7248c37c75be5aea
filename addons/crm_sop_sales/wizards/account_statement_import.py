import hashlib
import re
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.base.models.res_bank import sanitize_account_number

from ..card_number import mask_card_numbers
from ..models.sale_order_transfer import FINANCE

#: A column by its place, the first being #1: for columns without a name.
PLACE = re.compile(r"#(\d+)$")
#: What some banks write after an amount: 3,150,000.00 CR.
MARK_BEHIND = re.compile(r"[A-Za-z]+\s*$")
#: What isn't compared of the bank's words.
SIGNS = re.compile(r"[\W_]+")


class AccountStatementImportSheetParser(models.TransientModel):
    _inherit = "account.statement.import.sheet.parser"

    @api.model
    def parse(self, data_file, mapping, filename):
        """Override: give each line an id made of what it says, so that nothing is imported twice."""
        currency, account, statements = super().parse(data_file, mapping, filename)
        if mapping.pending_value or mapping.own_account_column or mapping._is_marked_behind():
            self._identify(statements)
        return currency, account, statements

    def _identify(self, statements):
        """Number lines that say the same: the first, the second … of them is the same line in each file.

        The running balance isn't part of it: it changes when the bank books what was pending. Of the words only letters
        and digits are: a bank's formats differ in blanks, and one line in two of them is one line.
        """
        seen = Counter()
        known = self.env["crm.transfer.proof"]._known_accounts()
        for statement in statements:
            for line in statement["transactions"]:
                amount = f"{float(line['amount']):.2f}"
                words = (line.get(name) or "" for name in ("payment_ref", "ref", "narration", "partner_name"))
                content = "|".join(
                    (line["date"].strftime("%Y-%m-%d"), amount, *(SIGNS.sub("", w).upper() for w in words))
                )
                seen[content] += 1
                line["unique_import_id"] = hashlib.sha256(f"{content}|{seen[content]}".encode()).hexdigest()
                for name in ("payment_ref", "ref", "narration"):
                    if line.get(name):
                        line[name] = mask_card_numbers(line[name], known)

    def _get_column_indexes(self, header, column_name, mapping):
        """Override: a column by its place (#5), and the second of two columns with one name where it is named twice."""
        if mapping.no_header or not mapping[column_name]:
            return super()._get_column_indexes(header, column_name, mapping)
        seen, indexes = Counter(), []
        for name in mapping[column_name].split(","):
            if place := PLACE.match(name):
                indexes.append(int(place[1]) - 1)
                continue
            places = [index for index, title in enumerate(header) if title == name]
            if len(places) <= seen[name]:
                raise UserError(
                    self.env._(
                        "The file has no column “%(column)s”: is “%(mapping)s” its bank?",
                        column=name,
                        mapping=mapping.name,
                    )
                )
            indexes.append(places[seen[name]])
            seen[name] += 1
        return indexes

    def _parse_rows(self, mapping, currency_code, data, columns):
        """Override: refuse a file of another account, before anything of it is read."""
        if mapping.own_account_column:
            rows, *rest = data
            rows = list(rows)
            self._check_own_account(mapping, rows)
            data = (rows, *rest)
        return super()._parse_rows(mapping, currency_code, data, columns)

    def _check_own_account(self, mapping, rows):
        journal = self.env["account.journal"].browse(self.env.context.get("journal_id"))
        own = journal.bank_account_id.sanitized_acc_number
        place = int(PLACE.match(mapping.own_account_column)[1]) - 1
        accounts = {sanitize_account_number(row[place]) for row in rows if len(row) > place and row[place].strip()}
        if other := accounts - {own}:
            raise UserError(
                self.env._(
                    "The file is of account %(file)s, but %(journal)s is account %(own)s.",
                    file=", ".join(sorted(other)),
                    journal=journal.display_name,
                    own=own or "–",
                )
            )

    def _get_values_from_column(self, values, columns, column_name):
        """Override: BCA puts an apostrophe before dates and codes, and what it means behind the amount."""
        value = super()._get_values_from_column(values, columns, column_name)
        if isinstance(value, str):
            value = value.strip().removeprefix("'").strip()
            if column_name == "debit_credit_column" and columns[column_name] == columns["amount_column"]:
                mark = MARK_BEHIND.search(value)
                value = mark[0].strip() if mark else ""
        return value

    def _parse_one_line(self, mapping, currency_code, values, columns):
        """Override: an amount that is neither in nor out is refused, rather than taken for money that came in."""
        if columns["debit_credit_column"]:
            mark = self._get_values_from_column(values, columns, "debit_credit_column")
            if mark not in (mapping.debit_value, mapping.credit_value):
                raise UserError(
                    self.env._(
                        "“%(row)s” is marked “%(mark)s”: neither %(debit)s nor %(credit)s.",
                        row=", ".join(values),
                        mark=mark,
                        debit=mapping.debit_value,
                        credit=mapping.credit_value,
                    )
                )
        return super()._parse_one_line(mapping, currency_code, values, columns)


class AccountStatementImport(models.TransientModel):
    _inherit = "account.statement.import"

    journal_id = fields.Many2one(
        "account.journal",
        "Bank",
        domain="[('type', '=', 'bank')]",
        default=lambda self: self.env.context.get("journal_id"),
    )

    def _import_file(self):
        """Override: finance imports without all rights of accounting; only of banks that they may read."""
        journal = self.journal_id
        if not journal:
            return super()._import_file()
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Only finance imports bank statements."))
        journal.check_access("read")
        if journal.company_id not in self.env.companies:
            raise AccessError(self.env._("The bank belongs to another company: choose that company first."))
        if self._is_strange():
            raise UserError(self._strange_text())
        wizard = self.sudo().with_company(journal.company_id).with_context(journal_id=journal.id)
        wizard.sheet_mapping_id = self._find_format()
        return super(AccountStatementImport, wizard)._import_file()

    def import_file_button(self):
        """Override: after a bank that customers transfer to, show the transfers to confirm."""
        if not self.journal_id.is_for_transfers:
            return super().import_file_button()
        result = self._import_file()
        action = {**self.env["crm.transfer.review"].action_open(), "target": "main"}
        notes = "\n\n".join(result["notifications"])
        if not notes:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "sticky": True, "message": notes, "next": action},
        }

    def import_single_file(self, file_data, result):
        """Override: count to the user what the bank hasn't booked yet."""
        pending = []
        super(AccountStatementImport, self.with_context(crm_sop_sales_pending=pending)).import_single_file(
            file_data, result
        )
        if not pending:
            return
        text = self.env._(
            "Rows that are still pending with the bank were skipped: %s. Import the file again when they are booked.",
            len(pending),
        )
        if not result["statement_ids"]:
            raise UserError(self.env._("Everything else in this file is imported already.") + " " + text)
        result["notifications"].append(text)
