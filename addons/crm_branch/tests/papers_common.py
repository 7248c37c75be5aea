import base64

from odoo.fields import Command

from .common import BranchCase

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
STAFF = ("service_officer", "retention_officer", "cashier", "branch_manager")


class PapersCase(BranchCase):
    """A price list of headquarters for both branches, a draft with a file; everybody's hands on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.price_list = cls._create_material(name="Tariffs")
        cls.contract = cls.env.ref("crm_branch.consent_purpose_contract")
        cls.marketing = cls.env.ref("crm_branch.consent_purpose_marketing")

    @classmethod
    def _create_material(cls, **values):
        branches = Command.set((cls.branch_a | cls.branch_b).ids)
        values = {"name": "Leaflet", "kind": "price_list", "branch_ids": [branches], **values}
        return cls.env["crm.material"].with_user(cls.clerk).create(values)

    @classmethod
    def _create_file(cls, user=None, name="tariffs.pdf", content=PDF, **values):
        files = cls.env["ir.attachment"].with_user(user or cls.clerk)
        return files.create({"name": name, "raw": content, "res_model": "crm.material.version", **values})

    @classmethod
    def _create_version(cls, material=None, **values):
        file = cls._create_file(content=PDF + str(values).encode())
        values = {"material_id": (material or cls.price_list).id, "attachment_ids": [Command.link(file.id)], **values}
        return cls.env["crm.material.version"].with_user(cls.clerk).create(values)

    @classmethod
    def _publish(cls, material=None, **values):
        version = cls._create_version(material, **values)
        version.action_publish()
        return version

    def _receipt(self, version, branch):
        return version.sudo().receipt_ids.filtered(lambda receipt: receipt.branch_id == branch)

    def _staff(self, letter):
        return [getattr(self, f"{role}_{letter}") for role in STAFF]

    @staticmethod
    def _base64(content=PDF):
        return base64.b64encode(content)
