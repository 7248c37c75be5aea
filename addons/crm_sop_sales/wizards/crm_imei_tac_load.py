import base64
import binascii

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, file_open

from .. import tac

_lt = LazyTranslate(__name__)

PACKAGED = "crm_sop_sales/resources/imei_tac.csv"
#: How many bad rows the result lists.
SHOWN = 50

UNREADABLE = {
    tac.TOO_LARGE: _lt("The file is larger than 5 MB: load it in parts."),
    tac.UTF16: _lt("The file is UTF-16: save it as “CSV UTF-8” and load it again."),
    tac.NOT_TEXT: _lt("The file isn't plain text: save the sheet as “CSV UTF-8” and load it again."),
    tac.NOT_UTF8: _lt("The file isn't UTF-8: save it as “CSV UTF-8” and load it again."),
    tac.WRONG_COLUMNS: _lt("The first line must name the two columns: tac,model."),
    tac.NO_ROWS: _lt("The file has no rows below its first line."),
}
BAD_ROWS = {
    tac.CODE: _lt("a TAC has eight digits (a spreadsheet drops leading zeros)"),
    tac.MODEL: _lt("a model is 1 to 40 letters, digits, spaces or ()+./_-"),
    tac.FIELDS: _lt("a row has two values"),
}


class CrmImeiTacLoad(models.TransientModel):
    """Load the table of type allocation codes: the packaged one, or a file of one's own."""

    _name = "crm.imei.tac.load"
    _description = "Load TAC Table"

    file = fields.Binary(
        "Own File", attachment=False, help="CSV with the columns tac and model. Empty: the table that comes with Odoo."
    )
    file_name = fields.Char()
    result = fields.Text(readonly=True)

    # === ACTION METHODS === #

    def action_load(self):
        """Write what the file says into the table, and show what was new, changed and wrong."""
        self.ensure_one()
        table = self._read()
        new, changed = self.env["crm.imei.tac"]._load_models(table.models)
        self.write({"result": self._result(table, new, changed), "file": False})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Load TAC Table"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # === BUSINESS METHODS === #

    def _read(self):
        try:
            return tac.read(self._content())
        except tac.Unreadable as error:
            raise UserError(self.env._(UNREADABLE[error.args[0]])) from error

    def _content(self):
        if not self.file:
            with file_open(PACKAGED, "rb") as packaged:
                return packaged.read()
        try:
            return base64.b64decode(self.file)
        except binascii.Error as error:
            raise tac.Unreadable(tac.NOT_TEXT) from error

    def _result(self, table, new, changed):
        lines = [
            self.env._(
                "%(new)s new, %(changed)s changed, %(unchanged)s unchanged, %(repeated)s repeated, %(bad)s bad rows",
                new=new,
                changed=changed,
                unchanged=len(table.models) - new - changed,
                repeated=table.repeated,
                bad=len(table.bad),
            )
        ]
        for line, what, text in table.bad[:SHOWN]:
            why = self.env._(BAD_ROWS[what])
            lines.append(self.env._("Line %(line)s: “%(text)s”: %(why)s", line=line, text=text[:60], why=why))
        if len(table.bad) > SHOWN:
            lines.append(self.env._("… and %(count)s more", count=len(table.bad) - SHOWN))
        return "\n".join(lines)
