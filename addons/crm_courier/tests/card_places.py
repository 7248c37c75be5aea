"""Everything into which people type something about a delivery, as functions: for tests and for the benchmark."""

from dataclasses import dataclass
from typing import Any

from odoo import Command, fields
from odoo.exceptions import UserError

from ..models.base import KEYS, LOOKED_INTO, MODULE
from .card_common import YES, photo

TEXT = ("char", "text", "html")
PICTURE = photo()


@dataclass
class Shop:
    """A card payment that is under way: its stop and run, somebody who plans runs, and what can be written to."""

    stop: Any
    draft: Any  # a quotation
    pic: Any
    message: Any
    activity: Any

    @classmethod
    def of(cls, stop, draft, pic):
        run = stop.run_id
        message = run.sudo().message_post(body="hello", message_type="comment")
        activity = run.activity_schedule("mail.mail_activity_data_todo", user_id=run.env.uid)
        return cls(stop, draft, pic, message, activity)

    def of_env(self, env):
        """Return the same in another transaction."""
        return Shop(*(getattr(self, name).with_env(env) for name in self.__dataclass_fields__))

    @property
    def env(self):
        return self.stop.env

    @property
    def run(self):
        return self.stop.run_id

    @property
    def order(self):
        return self.stop.order_id

    @property
    def courier(self):
        return self.stop.run_id.user_id

    @property
    def own(self):
        return self.stop.with_user(self.courier)

    @property
    def terminal(self):
        return self.run.terminal_id

    def load(self, text):
        """Import a terminal."""
        result = self.env["crm.courier.terminal"].load(["name", "serial"], [[text, "S1"]])
        if not result["ids"]:
            raise UserError(result["messages"][0]["message"])

    def file(self, name="x", content=b"x", model=None, **values):
        model = self.run._name if model is None else model
        vals = {"name": name, "raw": content, "res_model": model, "res_id": self.run.id, **values}
        return self.env["ir.attachment"].create(vals)

    def outcome(self, note=None, **context):
        wizard = self.env["crm.courier.outcome"].with_user(self.courier).with_context(**context)
        wizard.create({"stop_id": self.stop.id, "outcome": "brought_back", **({"note": note} if note else {})})

    def reason(self, text):
        run = self.run
        vals = {"res_model": run._name, "res_ids": run.ids, "transition": "recall", "reason": text}
        return self.env["crm.workflow.reason"].create(vals)

    def later(self, text):
        vals = {"model": self.run._name, "res_id": self.run.id, "body": text}
        vals |= {"author_id": self.env.user.partner_id.id}
        vals |= {"scheduled_date": fields.Datetime.add(fields.Datetime.now(), days=1)}
        return self.env["mail.scheduled.message"].create(vals)

    def compose(self, text):
        vals = {"model": self.run._name, "res_ids": str(self.run.ids), "composition_mode": "comment"}
        return self.env["mail.compose.message"].create({**vals, "body": text})

    def favourite(self, text):
        vals = {"name": "x", "model_id": self.run._name, "domain": f"[('name', 'ilike', '{text}')]"}
        return self.env["ir.filters"].create(vals)

    def import_file(self, text):
        vals = {"res_model": "crm.courier.terminal", "file": text.encode(), "file_name": "x.csv"}
        return self.env["base_import.import"].create({**vals, "file_type": "text/csv"})

    def line(self, text):
        return self.draft.write({"order_line": [Command.update(self.draft.order_line[0].id, {"name": text})]})

    def pay_otherwise(self, text):
        vals = {"order_id": self.order.id, "payment_choice": "handover", "reason": text}
        return self.env["crm.payment.choice"].create(vals)

    def check(self, **values):
        self.own._door_card_check({**YES, "id_photo": PICTURE, **values})

    def swipe(self, **values):
        slip = {"amount": self.stop.to_collect, "result": "approved", "terminal_id": self.terminal.id}
        self.own._door_card_swipe({**slip, **values})


PLACES = {
    "message on a run": lambda shop, text: shop.run.message_post(body=text, message_type="comment"),
    "message on an order": lambda shop, text: shop.order.message_post(body=text, message_type="comment"),
    "message on a card payment": lambda shop, text: shop.stop.card_ids.message_post(body=text),
    "message on a terminal": lambda shop, text: shop.terminal.message_post(body=text),
    "subject": lambda shop, text: shop.run.message_post(body="x", subject=text, message_type="comment"),
    "edited message": lambda shop, text: shop.run._message_update_content(shop.message, body=text),
    "attachments of a message": lambda shop, text: shop.run.message_post(body="x", attachments=[(text, b"x")]),
    "uploaded file": lambda shop, text: shop.file(text),
    "file of a message that is being written": lambda shop, text: shop.file(text, model="mail.compose.message"),
    "text file": lambda shop, text: shop.file("x.txt", text.encode()),
    "description of a file": lambda shop, text: shop.file(description=text),
    "activity": lambda shop, text: shop.run.activity_schedule("mail.mail_activity_data_todo", summary=text),
    "note of an activity": lambda shop, text: shop.activity.write({"note": text}),
    "feedback of an activity": lambda shop, text: shop.activity.action_feedback(text),
    "composer": Shop.compose,
    "message for later": Shop.later,
    "favourite search": Shop.favourite,
    "imported file": Shop.import_file,
    "import": Shop.load,
    "outcome in the dialog": Shop.outcome,
    "default of the context": lambda shop, text: shop.outcome(default_note=text),
    "reason of a step": Shop.reason,
    "reason without the dialog": lambda shop, text: shop.run.with_user(shop.pic)._workflow_do("recall", text),
    "reason of another payment": Shop.pay_otherwise,
    "description of a line": Shop.line,
    "note of a quotation": lambda shop, text: shop.draft.write({"note": text}),
    "translation": lambda shop, text: shop.stop.company_id.update_field_translations(
        "courier_consent_text", {"en_US": text}
    ),
    "phone, cash": lambda shop, text: shop.own._door_cash({"amount": text}),
    "phone, outcome": lambda shop, text: shop.own._door_outcome({"outcome": "brought_back", "note": text}),
    "phone, name of a signature": lambda shop, text: shop.own._door_sign(
        {"document": "draft", "name": text, "image": PICTURE}
    ),
    **{
        f"phone, verifying, {name}": lambda shop, text, name=name: shop.check(**{name: text})
        for name in ("id_kind", "consent", "x")
    },
    **{
        f"phone, swiping, {name}": lambda shop, text, name=name: shop.swipe(**{name: text})
        for name in ("approval_code", "last_four", "authorisation_code", "result", "amount", "terminal_id")
    },
}


def text_fields(env):
    """Return (model, field) of every stored text field of this addon, and of what belongs to its documents."""
    found = []
    for name, model in sorted(env.registry.items()):
        whole = model._original_module == MODULE or name in LOOKED_INTO
        found += [
            (env[name], field)
            for field in model._fields.values()
            if not model._abstract
            and field.type in TEXT
            and field.store
            and field.name not in KEYS
            and (whole or MODULE in field._modules)
        ]
    return found
