import base64

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .. import door
from .crm_courier_signature import DOCUMENTS
from .crm_courier_stop import HANDED_OVER, OUTCOMES
from .stock_picking_batch import LOGISTICS, PIC

SIGNATURE_SIZE = 256 * 1024
SIGNATURE_SIDE = 2048
NAME_LENGTH = 100
UNITS_BACK = 500


class CrmCourierStop(models.Model):
    """Signatures for each paper before anything is handed over (SOP-12i), and what the phone says came of it."""

    _inherit = "crm.courier.stop"

    signature_ids = fields.One2many("crm.courier.signature", "stop_id", "Signatures", readonly=True)

    # === HOOKS === #

    def _door_documents(self):
        """Hook: return the papers that the customer signs before the hand-over: all of them (SOP-12i)."""
        return [document for document, __ in DOCUMENTS]

    def _door_papers(self):
        """Hook: return what the courier says of papers and money with the outcome, as ``_record_outcome`` takes it."""
        return {"has_proof": not self._unsigned_documents()}

    def _door_kinds(self):
        return super()._door_kinds() | {"sign": "_door_sign", "outcome": "_door_outcome"}

    def _door_data(self):
        signed = {signature.document: signature for signature in self.signature_ids}
        return super()._door_data() | {
            "signatures": [
                {
                    "document": document,
                    "label": label,
                    "signed": document in signed,
                    "name": (document in signed and signed[document].name) or "",
                    "on_paper": document in signed and signed[document].on_paper,
                }
                for document, label in self._document_labels().items()
                if document in signed or document in self._door_documents()
            ]
        }

    def _door_problems(self, outcome, note, units):
        """Override: every paper is signed before something is handed over (SOP-12i)."""
        problems = super()._door_problems(outcome, note, units)
        if outcome in HANDED_OVER and (unsigned := self._unsigned_documents()):
            labels = self._document_labels()
            names = ", ".join(labels[document] for document in unsigned)
            problems.append(self.env._("The customer hasn't signed: %s.", names))
        return problems

    # === FROM THE PHONE === #

    def _door_sign(self, values):
        """Take a signature drawn on the phone.

        :param dict values: ``document``, ``name`` of who signs, ``image``: base64 of a PNG
        :raise UserError: one of them is missing or wrong, or the paper is signed already
        """
        document = door.choice(self.env, values, "document", dict(DOCUMENTS))
        name = door.text(
            self.env, values, "name", required=self.env._("Write the name of who signs."), length=NAME_LENGTH
        )
        image = door.picture(self.env, values, "image", "PNG", size=SIGNATURE_SIZE, side=SIGNATURE_SIDE)
        if not image or not door.has_ink(image):
            raise UserError(self.env._("There is no signature: the customer signs with a finger."))
        self._check_still_open()
        if document in self.sudo().signature_ids.mapped("document"):
            raise UserError(self.env._("%s is signed already.", self._document_labels()[document]))
        self._create_signatures([{"document": document, "name": name, "image": base64.b64encode(image)}])

    def _door_outcome(self, values):
        """Say what came of the delivery.

        :param dict values: ``outcome``, ``note``, ``back_unit_ids``: ids of what comes back, if something does
        :raise UserError: one of them is wrong, or something is missing before the hand-over
        """
        outcome = door.choice(self.env, values, "outcome", dict(OUTCOMES))
        note = door.text(self.env, values, "note")
        ids = values.get("back_unit_ids") or []
        known = set(self.sudo().unit_ids.ids)
        if not isinstance(ids, list) or len(ids) > UNITS_BACK or not all(type(id_) is int for id_ in ids):
            raise UserError(self.env._("“%s” isn't one of the answers.", "back_unit_ids"))
        if not known.issuperset(ids):
            raise UserError(self.env._("Something comes back that wasn't on this delivery."))
        back = self.env["crm.courier.unit"].browse(ids)
        self._record_outcome(outcome, note, back, self._door_papers())

    # === FROM THE OFFICE === #

    def _sign_on_paper(self, documents):
        """Note, as the office, that the customer signed on paper: the courier's phone wasn't to be used.

        :param documents: names of ``DOCUMENTS``; those that are signed already stay as they are
        :raise AccessError: the user isn't of the office, or it is their own run
        """
        self.ensure_one()
        self.check_access("read")
        missing = [document for document in self._document_labels() if document in documents]
        if not missing:
            return
        self.run_id._check_at_door()
        if not self._may_sign_on_paper():
            raise AccessError(self.env._("What was signed on paper is noted by the office, not by the courier."))
        self._check_still_open()
        signed = self.sudo().signature_ids.mapped("document")
        self._create_signatures([{"document": name, "on_paper": True} for name in missing if name not in signed])

    def _may_sign_on_paper(self):
        user = self.env.user
        return self.run_id.user_id != user and any(user.has_group(group) for group in (LOGISTICS, PIC))

    # === HELPERS === #

    def _document_labels(self):
        """Return name → label of the papers, in the user's language."""
        return dict(self.env["crm.courier.signature"]._fields["document"]._description_selection(self.env))

    def _unsigned_documents(self):
        signed = set(self.sudo().signature_ids.mapped("document"))
        return [document for document in self._door_documents() if document not in signed]

    def _signature_for(self, document):
        """Return the signature for a paper, for documents."""
        return self.signature_ids.filtered(lambda signature: signature.document == document)

    def _check_still_open(self):
        if self.outcome and self.outcome != "not_home":
            raise UserError(self.env._("%s: what came of it was said already.", self.display_name))

    def _create_signatures(self, vals_list):
        common = {"stop_id": self.id, "signed_at": self._door_moment(), "user_id": self.env.uid}
        self.env["crm.courier.signature"]._as_step().create([common | vals for vals in vals_list])
