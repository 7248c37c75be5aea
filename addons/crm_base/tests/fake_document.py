"""A document as the addons above this one will have them: a model with overrides and tracking of its own, that the
workflow mixin extends. It lives for one test class and leaves nothing behind.
"""

from unittest.mock import patch

from odoo import api, fields, models
from odoo.orm.model_classes import add_to_registry

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from .common import CrmBaseCase

MODEL = "crm.base.fake.document"
WORKFLOW = Workflow(
    states={"draft": "Draft", "submitted": "Submitted", "approved": "Approved", "rejected": "Rejected"},
    transitions=(
        Transition("submit", ("draft",), "submitted", requires=("amount",)),
        Transition("approve", ("submitted",), "approved", groups=("crm_base.group_manager",), other_than="submit"),
        Transition("return", ("submitted", "approved"), "draft", reason=True),
        Transition("reject", ("submitted",), "rejected", groups=("crm_base.group_manager",), reason=True),
    ),
    locked={"submitted": ("amount", "tag_ids"), "approved": (ALL_BUT, "remark"), "rejected": (ALL_BUT,)},
    deletable=("draft",),
)


def _definitions():
    """Return the model as a core addon defines it, and its extensions by an addon of ours and by yet another one."""

    class Document(models.Model):
        _module = None
        _name = MODEL
        _description = "Fake Document"
        _inherit = ["mail.thread"]

        name = fields.Char()
        stage = fields.Selection(WORKFLOW.selection, default="draft", tracking=True, copy=False, readonly=True)
        approved_on = fields.Datetime()
        remark = fields.Char()
        text = fields.Text()
        html = fields.Html()
        integer = fields.Integer()
        ratio = fields.Float(digits=(16, 2))
        currency_id = fields.Many2one("res.currency", default=lambda self: self.env.company.currency_id)
        amount = fields.Monetary()
        flag = fields.Boolean()
        day = fields.Date()
        moment = fields.Datetime()
        partner_id = fields.Many2one("res.partner")
        tag_ids = fields.Many2many("res.partner.category", "crm_base_fake_document_tag_rel")
        reference = fields.Reference([("res.partner", "Contact")])
        parent_id = fields.Many2one(MODEL)
        child_ids = fields.One2many(MODEL, "parent_id")
        json = fields.Json()
        file = fields.Binary(attachment=False)
        translated = fields.Char(translate=True)
        double = fields.Integer(compute="_compute_double", store=True)

        @api.depends("integer")
        def _compute_double(self):
            for document in self:
                document.double = 2 * document.integer

        def write(self, vals):
            """As ``sale.order`` does it: note a fact where the state changes."""
            if vals.get("stage") == "approved" and any(document.stage != "approved" for document in self):
                vals = {**vals, "approved_on": fields.Datetime.now()}
            return super().write(vals)

    class DocumentWithWorkflow(models.Model):
        _module = None
        _name = MODEL
        _inherit = [MODEL, "crm.workflow.mixin"]

        _workflow = WORKFLOW
        _workflow_field = "stage"

    class DocumentOfAnother(models.Model):
        """An addon that knows nothing of workflows and writes the state itself."""

        _module = None
        _name = MODEL
        _inherit = [MODEL]

        def write(self, vals):
            if vals.get("remark") == "approve it behind the guard":
                vals = {**vals, "stage": "approved"}
            return super().write(vals)

    return Document, DocumentWithWorkflow, DocumentOfAnother


class FakeDocumentCase(CrmBaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for definition in _definitions():
            add_to_registry(cls.registry, definition)
        cls.addClassCleanup(cls.registry.__delitem__, MODEL)  # the case itself then sets the registry up anew
        cls.registry._setup_models__(cls.env.cr, [MODEL])
        with patch.object(cls.registry["ir.model.relation"], "_reflect_relation"):  # wants the name of an addon
            cls.registry.init_models(cls.env.cr, [MODEL], {})
        cls.env["ir.model.access"].create(
            {
                "name": "fake document",
                "model_id": cls.env["ir.model"]._get(MODEL).id,
                "group_id": cls.env.ref("base.group_user").id,
                **dict.fromkeys(("perm_read", "perm_write", "perm_create", "perm_unlink"), True),
            }
        )
        cls.env[MODEL]._register_hook()

    @classmethod
    def _create_document(cls, user=None, **values):
        return cls.env[MODEL].with_user(user or cls.officer_a).create({"name": "Fake", "amount": 100, **values})

    @classmethod
    def _create_approved(cls, **values):
        document = cls._create_document(**values)
        document._workflow_do("submit")
        document.with_user(cls.manager_a)._workflow_do("approve")
        return document
