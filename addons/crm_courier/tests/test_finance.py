from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .card_common import CardCase


class TestFinance(CardCase):
    """SOP-13b: finance sees where the money of a delivery comes from."""

    def test_stop_and_run_of_a_payment(self):
        """SOP-13b: from a card payment finance opens stop and run, with all that is on them, and changes nothing."""
        stop = self._create_card_stop()
        card = self._pay(stop).with_user(self.accountant)
        self._say(stop, "delivered", has_proof=True, has_payment_proof=True)
        stop.run_id.with_user(self.courier).action_come_back()
        self._count(stop.run_id)
        self.env.invalidate_all()
        for record in (card.stop_id, card.run_id):
            action = record.get_formview_action()
            form = Form(record, view=action["views"][0][0] or None)
            self.assertTrue(form.display_name if "display_name" in form._view["fields"] else form.name)
            with self.assertRaises(UserError):
                record.write({"description": "x"} if "description" in record else {"sequence": 1})

    def test_runs_only(self):
        """SOP-13b: of the warehouse's own batches finance sees none."""
        batch = self.env["stock.picking.batch"].create({"picking_type_id": self.kind.id})
        with self.assertRaises(AccessError):
            batch.with_user(self.accountant).read(["name"])

    def test_form_of_a_run(self):
        """SOP-13c: a run opens as a run, a batch as Odoo's; for its courier as theirs."""
        run = self._create_run(self._create_delivery())
        batch = self.env["stock.picking.batch"].create({"picking_type_id": self.kind.id})
        names = {user: run.with_user(user).get_formview_id() for user in (self.pic, self.courier)}
        forms = {
            name: self.env.ref(f"crm_courier.stock_picking_batch_view_form_{name}").id for name in ("run", "courier")
        }
        self.assertEqual([*names.values()], [forms["run"], forms["courier"]])
        self.assertNotIn(batch.get_formview_id(), forms.values())
