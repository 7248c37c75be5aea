import base64
import io

from PIL import Image

from odoo import fields
from odoo.tests import tagged

from .common import CourierCase


def picture(kind="JPEG", size=(8, 8)):
    """Return base64 text of a small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


PHOTO = picture()


@tagged("post_install", "-at_install")
class DamageCase(CourierCase):
    """Something is damaged at a customer's door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.branch_ids = cls.branch
        cls.partner.email = "rina@example.com"
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Every day",
                "tz": "Asia/Jakarta",
                "attendance_ids": [
                    fields.Command.create({"dayofweek": str(day), "hour_from": 8, "hour_to": 17, "name": str(day)})
                    for day in range(7)
                ],
            }
        )
        cls.env.company.resource_calendar_id = cls.calendar

    @classmethod
    def _check(cls, unit, condition="ok", note=None, photo=None, user=None):
        """Check a unit as the courier's phone does."""
        stop = unit.stop_id.with_user(user or unit.run_id.user_id)
        values = {"unit_id": unit.id, "condition": condition, "note": note or "", "photo": photo or ""}
        stop._door_check(values)

    @classmethod
    def _damage(cls, unit, **values):
        cls._check(unit, "damaged", "A line across the screen", values.pop("photo", PHOTO), **values)

    @classmethod
    def _ask(cls, stop, note="She wants the same colour", user=None):
        stop.with_user(user or stop.run_id.user_id)._door_ask_replacement({"note": note})
        return stop.replacement_id

    @classmethod
    def _create_asked(cls, quantity=1, spare=1, damaged=1, **values):
        """Let the courier stand at a door with damaged units, and ask; so many other units are in stock."""
        picking = cls._create_delivery(quantity, **values)
        stop = cls._create_on_road(picking).stop_ids
        for unit in stop.unit_ids[:damaged]:
            cls._damage(unit)
        for unit in stop.unit_ids[damaged:]:
            cls._check(unit)
        cls._create_units(values.get("product") or cls.phone, spare)
        return cls._ask(stop)

    @classmethod
    def _answer_dialog(cls, question, user=None):
        question = question.with_user(user or cls.officer)
        question.action_answer()
        return question.env["crm.courier.answer"].create({"replacement_id": question.id})

    @classmethod
    def _create_answered(cls, quantity=1, **values):
        question = cls._create_asked(quantity, **values)
        cls._answer_dialog(question).action_answer()
        return question

    @classmethod
    def _create_none(cls, quantity=1, user=None, note=None, **values):
        question = cls._create_asked(quantity, spare=0, **values)
        dialog = cls._answer_dialog(question, user)
        dialog.note = note
        dialog.action_none()
        return question

    @classmethod
    def _bring_back(cls, question, outcome="brought_back"):
        """Say what came of the stop, damaged units coming back, and return to the office."""
        stop = question.stop_id
        cls._say(stop, outcome, "Damaged", back=question.line_ids.unit_id if outcome == "partly" else None)
        stop.run_id.with_user(stop.courier_id).action_come_back()
        return stop

    @classmethod
    def _quantity_at(cls, lot, place):
        quants = cls.env["stock.quant"].search([("lot_id", "=", lot.id), ("location_id", "=", place.id)])
        return sum(quants.mapped("quantity"))
