import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.crm_sop_sales.transfer_file import recognise

from .. import door
from .stock_picking_batch import LOGISTICS, OFFICER

PROOF_SIZE = 10 * 1024 * 1024


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    gives_proof = fields.Boolean(
        "Proof of Delivery",
        default=True,
        help="A third party's deliveries are complete, and the customer is called, when its proof is there (SOP-5b).",
    )

    def _is_third_party(self):
        """Whether somebody else than our own courier takes the goods to the customer."""
        return bool(self) and not self.is_own_courier and self.choice != "pickup"


class StockPicking(models.Model):
    """A delivery by a third party: its reference, what it has cost us, and the proof that it arrived (SOP-5b)."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "crm.courier.facts"]

    _facts = frozenset({"carrier_proof", "carrier_proof_name", "carrier_proof_state", "arrived_on", "proof_by_id"})

    carrier_proof_state = fields.Selection(
        [("waiting", "With the Carrier"), ("received", "Arrived")],
        "At the Customer",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    carrier_proof = fields.Binary("Carrier's Proof", attachment=True, readonly=True, copy=False)
    carrier_proof_name = fields.Char(readonly=True, copy=False)
    arrived_on = fields.Date(readonly=True, copy=False)
    proof_by_id = fields.Many2one("res.users", "Proof Entered By", readonly=True, copy=False, ondelete="restrict")
    is_third_party = fields.Boolean(compute="_compute_is_third_party")

    # === COMPUTE METHODS === #

    @api.depends("carrier_id", "picking_type_code")
    def _compute_is_third_party(self):
        for picking in self:
            picking.is_third_party = picking.picking_type_code == "outgoing" and picking.carrier_id._is_third_party()

    # === CONSTRAINS METHODS === #

    @api.constrains("carrier_id")
    def _check_carrier_of_run(self):
        self._live_stops()._check_own_courier()

    @api.constrains("carrier_price")
    def _check_carrier_price(self):
        if any(picking.carrier_price < 0 for picking in self):
            raise ValidationError(self.env._("What the carrier costs isn't negative."))

    # === ACTION METHODS === #

    def action_carrier_proof(self):
        """Open what the carrier proves."""
        self.ensure_one()
        self._check_takes_proof()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Proof from the Carrier"),
            "res_model": "crm.courier.carrier.proof",
            "view_mode": "form",
            "target": "new",
            "context": {"default_picking_id": self.id},
        }

    # === BUSINESS METHODS === #

    def _action_done(self):
        """Override: what a third party takes isn't at the customer's yet."""
        result = super()._action_done()
        sent = self.filtered(lambda picking: picking.state == "done" and picking._waits_for_carrier())
        sent._write_facts({"carrier_proof_state": "waiting"})
        return result

    def _waits_for_carrier(self):
        goes_out = any(move.location_dest_id.usage == "customer" for move in self.move_ids)
        return self.is_third_party and self.carrier_id.gives_proof and goes_out and not self.carrier_proof_state

    def _hands_over_to_customer(self):
        """Override: a third party has handed over when its proof is there; then the customer is called (SOP-14)."""
        with_carrier = self.carrier_proof_state == "waiting" or self._waits_for_carrier()
        return not with_carrier and super()._hands_over_to_customer()

    def _check_takes_proof(self):
        """Check that the user may enter the carrier's proof of this delivery.

        :raise AccessError: neither warehouse nor CRM
        :raise UserError: it isn't with a carrier
        """
        self.check_access("read")
        if not any(self.env.user.has_group(group) for group in (LOGISTICS, OFFICER)):
            raise AccessError(self.env._("The warehouse or CRM enters a carrier's proof."))
        if self.carrier_proof_state == "received":
            raise UserError(self.env._("%s: the carrier's proof is there already.", self.name))
        if self.carrier_proof_state != "waiting":
            raise UserError(self.env._("%s isn't with a carrier: validate it when the carrier takes it.", self.name))

    def _receive_carrier_proof(self, file, name, arrived_on):
        """Take the carrier's proof: with it the delivery is complete, and the customer is called (SOP-5b, SOP-14).

        :param bytes file: base64 of a PDF, JPEG or PNG
        :param date arrived_on: when the customer got it
        :raise AccessError: the user may not
        :raise UserError: it isn't with a carrier, the file is none, or the day can't be
        """
        self.ensure_one()
        self._check_takes_proof()
        today = fields.Date.context_today(self)
        if not arrived_on or arrived_on > today:
            raise UserError(self.env._("Goods don't arrive in the future: say on which day they did."))
        if arrived_on < fields.Datetime.context_timestamp(self, self.date_done).date():
            raise UserError(self.env._("The goods had not left then: they left on %s.", self.date_done.date()))
        self._write_facts(
            {
                "carrier_proof": file,
                "carrier_proof_name": self._proof_name(file, name),
                "carrier_proof_state": "received",
                "arrived_on": arrived_on,
                "proof_by_id": self.env.uid,
            }
        )
        self.sudo().message_post(
            body=self.env._("The carrier proves that the goods have arrived."), message_type="notification"
        )
        self.sale_id.sudo().filtered(lambda order: order._is_price_locked())._plan_delivery_calls()

    def _proof_name(self, file, name):
        """Return a file name, after looking into the file.

        :raise UserError: it is too large, or is no PDF, JPEG or PNG
        """
        try:
            content = base64.b64decode(file or b"", validate=False)
        except (binascii.Error, ValueError, TypeError):
            content = b""
        if len(content) > PROOF_SIZE:
            raise UserError(self.env._("The file is larger than %s MB: send a smaller one.", PROOF_SIZE // 2**20))
        found = recognise(content)
        if not found:
            raise UserError(
                self.env._("A carrier's proof is a PDF, JPG or PNG file. This one isn't, whatever its name.")
            )
        door.text(self.env, {"name": name}, "name", length=200)
        return f"{self.name.replace('/', '-')}.{found.extension}"


class CrmCourierStop(models.Model):
    _inherit = "crm.courier.stop"

    @api.constrains("picking_id", "run_id")
    def _check_own_courier(self):
        """Check that our own courier carries only what goes by our own courier, or what nobody else was chosen for."""
        for stop in self.sudo().filtered(lambda stop: stop.picking_id.carrier_id):
            carrier = stop.picking_id.carrier_id
            if not carrier.is_own_courier:
                raise ValidationError(
                    self.env._(
                        "%(delivery)s goes by %(carrier)s, not by our own courier: it can't be on %(run)s.",
                        delivery=stop.picking_id.name,
                        carrier=carrier.name,
                        run=stop.run_id.name,
                    )
                )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.depends("picking_ids.carrier_proof_state")
    def _compute_procedure_stage(self):
        """Override: it depends on the carriers' proofs as well."""
        return super()._compute_procedure_stage()

    def _stage_after_confirmation(self):
        """Override: what is with a carrier isn't delivered (SOP-5b)."""
        if "waiting" in self.sudo().picking_ids.mapped("carrier_proof_state"):
            return "to_deliver"
        return super()._stage_after_confirmation()
