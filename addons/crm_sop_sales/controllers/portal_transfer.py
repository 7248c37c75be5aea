import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal

from ..models.sale_order_payment_choice import TRANSFER

#: So many proofs an hour, and in all, a customer uploads for one order.
UPLOADS_PER_HOUR, UPLOADS = 5, 20
MEGABYTE = 2**20
#: What a form has besides its file.
OVERHEAD = MEGABYTE // 2
SHOWN = "crm_sop_sales_transfer"


def _largest_upload(_controller):
    """Return how many bytes a request may have: nothing larger is read."""
    limits = request.env["res.company"].sudo().search([]).mapped("transfer_proof_megabytes")
    return max(limits, default=10) * MEGABYTE + OVERHEAD


class TransferPortal(CustomerPortal):
    """The customer chooses how to pay, sees where to transfer to, and uploads the proof (SOP-11a, SOP-11b)."""

    @route("/my/orders/<int:order_id>/payment-choice", type="http", auth="public", methods=["POST"], website=True)
    def portal_payment_choice(self, order_id, access_token=None, payment_choice=None, account=None, **__):
        """Note the customer's choice: of what is offered, while it is open."""
        return self._do(order_id, access_token, lambda order: self._choose(order, payment_choice, account))

    @route(
        "/my/orders/<int:order_id>/transfer-proof",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        max_content_length=_largest_upload,
    )
    def portal_transfer_proof(self, order_id, access_token=None, **values):
        """Take a proof of transfer."""
        return self._do(order_id, access_token, lambda order: self._upload(order, values))

    def _do(self, order_id, access_token, step):
        try:
            order = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        try:
            with request.env.cr.savepoint():
                self._check_customer()
                request.session[SHOWN] = {"order": order.id, "done": step(order)}
        except (UserError, ValidationError) as problem:
            request.session[SHOWN] = {"order": order.id, "problem": str(problem)}
        return request.redirect(order.get_portal_url(anchor="transfer"))

    def _check_customer(self):
        """Check that no colleague acts as the customer: four eyes look at a transfer, the customer's and finance's."""
        if request.env.user._is_internal():
            raise UserError(
                request.env._(
                    "You are logged in as a colleague, and this page is the customer's: enter it in the order instead."
                )
            )

    def _choose(self, order, choice, account):
        if not order._is_choice_open_to_customer() or choice not in ("transfer", "handover"):
            raise UserError(request.env._("How this order is paid is settled. Please call us to change it."))
        accounts = order.company_id._transfer_accounts()
        chosen = accounts.filtered(lambda bank: str(bank.id) == account) if choice == "transfer" else accounts.browse()
        order._change_payment(choice, chosen, request.env._("Chosen by the customer on the portal."))
        return request.env._("Thank you, your choice is noted.")

    def _upload(self, order, values):
        self._check_rate(order)
        upload = values.get("file")
        if not hasattr(upload, "read"):
            raise UserError(request.env._("Choose the file with your proof of transfer."))
        limit = order.company_id.transfer_proof_megabytes
        content = upload.read(limit * MEGABYTE + 1)
        account = order.company_id._transfer_accounts().filtered(lambda bank: str(bank.id) == values.get("account"))
        if not account:
            raise UserError(request.env._("Choose the account that you transferred to."))
        proofs = request.env["crm.transfer.proof"].sudo().with_company(order.company_id)
        proofs.with_context(crm_sop_sales_transfer=TRANSFER).create(
            {
                "order_id": order.id,
                "bank_account_id": account.id,
                "transfer_date": self._date(values.get("transfer_date")),
                "amount": self._amount(values.get("amount")),
                "reference": (values.get("reference") or "").replace("\0", "")[:64],
                "file": base64.b64encode(content),
                "file_name": upload.filename,
                "by_customer": True,
            }
        )
        return request.env._("Thank you. We tell you as soon as the money has arrived.")

    def _check_rate(self, order):
        if order.payment_choice != "transfer" or order.state == "cancel" or order.transfer_state == "received":
            raise UserError(request.env._("This order needs no proof of transfer."))
        since = fields.Datetime.now() - timedelta(hours=1)
        own = order.proof_ids.filtered("by_customer")
        if len(own.filtered(lambda proof: proof.create_date > since)) >= UPLOADS_PER_HOUR or len(own) >= UPLOADS:
            raise UserError(request.env._("You have sent several files already. Call us, or try again in an hour."))

    def _date(self, text):
        try:
            day = fields.Date.to_date(text)
        except ValueError:
            day = None
        if not day:
            raise UserError(request.env._("Enter the day of the transfer."))
        return day

    def _amount(self, text):
        """Return the amount of digits as people write them: 3.150.000, 3,150,000, 3150000 or 3 150,50."""
        whole = "".join((text or "").split())
        digits = whole.replace(".", "").replace(",", "")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 15 or not int(digits):
            raise UserError(request.env._("Enter the amount of the transfer in digits."))
        tail = whole.replace(",", ".").rpartition(".")[2] if "." in whole or "," in whole else ""
        return int(digits) / 10 ** len(tail) if len(tail) in (1, 2) else float(int(digits))

    def _get_page_view_values(self, document, access_token, values, *args, **kwargs):
        """Override: with what came of the form that was sent last."""
        values = super()._get_page_view_values(document, access_token, values, *args, **kwargs)
        shown = request.session.get(SHOWN)
        if document._name == "sale.order" and shown and shown["order"] == document.id:
            request.session.pop(SHOWN)
            values["transfer_message"] = shown
        return values
