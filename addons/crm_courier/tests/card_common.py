import base64
import io

from PIL import Image

from odoo.fields import Command

from .common import CourierCase


def photo(shade=90, size=(320, 200), **options):
    """Return a JPEG as a phone's camera sends it, in base64."""
    data = io.BytesIO()
    Image.new("RGB", size, (shade, 120, 60)).save(data, "JPEG", **options)
    return base64.b64encode(data.getvalue()).decode()


YES = {"consent": True, "holder_present": True, "signature_matches": True, "id_kind": "ktp"}


class CardCase(CourierCase):
    """The couriers' shop with a terminal, a bank, journals, and an order of 3,000,000 that is paid by card."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.bank = cls.env["res.bank"].create({"name": "Bank Mandiri", "phone": "021-527 70 70"})
        cls.journal = cls.env["account.journal"].create({"name": "EDC", "code": "EDCT", "type": "bank"})
        cls.company.courier_card_journal_id = cls.journal
        cls.terminal = cls.env["crm.courier.terminal"].create({"name": "EDC 1", "serial": "MDR-1"})
        cls.other_terminal = cls.env["crm.courier.terminal"].create({"name": "EDC 2", "serial": "MDR-2"})
        cls.head_of_finance = cls._create_user("head_of_finance", "account.group_account_manager")

    @classmethod
    def _create_card_order(cls, quantity=1, product=None, confirm=True, **values):
        """Sell phones that are paid by card."""
        product = product or cls.phone
        cls._create_units(product, quantity)
        order = cls._create_order(
            quantity,
            product=product,
            payment_choice="card",
            card_bank_id=cls.bank.id,
            card_kind="credit",
            card_network="visa",
            **values,
        )
        order.action_submit()
        order.with_user(cls.manager).action_approve()
        if confirm:
            order.action_confirm()
            order.sudo().picking_ids.action_assign()
        return order

    @classmethod
    def _create_card_stop(cls, order=None, **values):
        """Return a stop on the road, to be paid by card."""
        order = order or cls._create_card_order()
        pickings = order.sudo().picking_ids.with_env(cls.env)
        values.setdefault("terminal_id", cls.terminal.id)
        return cls._create_on_road(pickings, **values).stop_ids

    @classmethod
    def _verify(cls, stop, user=None, **values):
        """Answer the questions about card and ID, as the courier."""
        stop.with_user(user or stop.run_id.user_id)._door_card_check({**YES, "id_photo": photo(), **values})
        return stop.card_ids

    @classmethod
    def _swipe(cls, stop, user=None, result="approved", **values):
        """Enter what the slip says, as the courier."""
        slip = {
            "amount": stop.to_collect,
            "result": result,
            "terminal_id": stop.run_id.terminal_id.id,
            "last_four": "1111",
            "approval_code": "A1B2C3" if result == "approved" else None,
            "authorisation_code": "778899" if result == "approved" else None,
        }
        stop.with_user(user or stop.run_id.user_id)._door_card_swipe({**slip, **values})
        return stop.card_ids

    @classmethod
    def _pay(cls, stop, **values):
        cls._verify(stop)
        return cls._swipe(stop, **values)

    @classmethod
    def _invoice(cls, order):
        invoice = order.sudo()._create_invoices()
        invoice.action_post()
        return invoice

    @classmethod
    def _give_group(cls, user, xml_id):
        user.group_ids = [Command.link(cls.env.ref(xml_id).id)]
