import hmac
import json

from werkzeug.exceptions import RequestEntityTooLarge

from odoo.http import Controller, request, route

from ..const import MOST_BYTES
from ..utils import is_signed

PATH = "/crm_whatsapp/webhook/<string:key>"


class WhatsappWebhook(Controller):
    """What WhatsApp tells us: believed only with the account's signature, kept, and applied later."""

    @route(PATH, type="http", auth="public", methods=["GET"], csrf=False, save_session=False, sitemap=False)
    def verify(self, key, **params):
        """Answer Meta's question whether this address is ours."""
        token = self._account(key).verify_token or ""
        given = params.get("hub.verify_token") or ""
        if params.get("hub.mode") != "subscribe" or not token or not self._same(token, given):
            return self._answer(403)
        return self._answer(200, (params.get("hub.challenge") or "")[:200])

    @route(
        PATH,
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        sitemap=False,
        max_content_length=MOST_BYTES,
    )
    def receive(self, key, **__):
        """Keep a signed event. 403: not signed; 413: too large; 400: no JSON."""
        try:
            body = request.httprequest.get_data()
        except RequestEntityTooLarge:
            return self._answer(413)
        account = self._account(key)
        if not is_signed(account.app_secret, body, request.httprequest.headers.get("X-Hub-Signature-256")):
            return self._answer(403)
        if len(body) > MOST_BYTES:
            return self._answer(413)
        if b"\0" in body or not self._is_json(body):
            return self._answer(400)
        account.env["crm.whatsapp.event"]._keep(account, body)
        return self._answer(200)

    @staticmethod
    def _account(key):
        # with all rights: WhatsApp has no user here. Its signature is what lets it in.
        return request.env["crm.whatsapp.account"].sudo().search([("webhook_key", "=", key)], limit=1)

    @staticmethod
    def _same(token, given):
        return hmac.compare_digest(token.encode(), given.encode("utf-8", "replace"))

    @staticmethod
    def _is_json(body):
        try:
            json.loads(body.decode())
        except (ValueError, RecursionError):
            return False
        return True

    @staticmethod
    def _answer(status, text=""):
        return request.make_response(text, headers=[("Content-Type", "text/plain; charset=utf-8")], status=status)
