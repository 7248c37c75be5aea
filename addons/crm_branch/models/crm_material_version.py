from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

HEADQUARTERS = ("crm_branch.group_headquarters",)
#: What the steps note.
NOTED = ("number", "published_at", "published_by_id", "withdrawn_at")


class CrmMaterialVersion(models.Model):
    """One version of a material. Headquarters publishes it; from then on it doesn't change, nor do its files.

    The next version that is published takes the place of this one: there is never a moment with two.
    """

    _name = "crm.material.version"
    _description = "Version of a Material"
    _inherit = ["crm.fact.mixin", "crm.workflow.mixin"]
    _order = "material_id, number desc"
    _rec_names_search = ["material_id.name"]

    _workflow = Workflow(
        states={"draft": "Draft", "published": "Published", "withdrawn": "Withdrawn"},
        transitions=(
            Transition("publish", ("draft",), "published", groups=HEADQUARTERS),
            Transition("supersede", ("published",), "withdrawn", groups=HEADQUARTERS),
            Transition("withdraw", ("published",), "withdrawn", groups=HEADQUARTERS, reason=True),
        ),
        locked={"draft": ("material_id", *NOTED), "published": (ALL_BUT,), "withdrawn": (ALL_BUT,)},
        deletable=("draft",),
    )

    state = _workflow.state_field(index=True)
    material_id = fields.Many2one("crm.material", required=True, index=True, ondelete="restrict")
    kind = fields.Selection(related="material_id.kind", store=True, index=True)
    company_id = fields.Many2one(related="material_id.company_id", store=True, index=True)
    number = fields.Integer("Version", required=True, readonly=True, copy=False, aggregator=None)
    changes = fields.Text("What Is New", help="Branches read this when they are told of the version.")
    valid_from = fields.Date(copy=False, help="The day on which it is published, unless you say another one before.")
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "crm_material_version_attachment_rel",
        "version_id",
        "attachment_id",
        "Files",
        copy=False,
    )
    contract_template_id = fields.Many2one(
        "contract.template",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
        help="The services and prices of the contracts that are made from this template.",
    )
    published_at = fields.Datetime("Published On", readonly=True, copy=False)
    published_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    withdrawn_at = fields.Datetime("Withdrawn On", readonly=True, copy=False)
    receipt_ids = fields.One2many("crm.material.receipt", "version_id", "Receipts")
    receipt_count = fields.Integer(compute="_compute_receipt_counts")
    waiting_count = fields.Integer(
        "Not Confirmed", compute="_compute_receipt_counts", help="Branches that haven't confirmed it yet."
    )

    _number_uniq = models.Constraint(
        "UNIQUE(material_id, number)", "The material has a version of this number already."
    )
    _one_published = models.UniqueIndex(
        "(material_id) WHERE state = 'published'", "One version of a material is in force, not two."
    )
    _published_when = models.Constraint(
        "CHECK(state = 'draft' OR (published_at IS NOT NULL AND valid_from IS NOT NULL))",
        "A version is published at a moment.",
    )

    # === COMPUTE METHODS === #

    @api.depends("material_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            number = f" v{version.number}" if version.number else ""
            version.display_name = f"{version.material_id.name or ''}{number}"

    @api.depends("receipt_ids.state")
    @api.depends_context("uid")
    def _compute_receipt_counts(self):
        groups = self.env["crm.material.receipt"]._read_group(
            [("version_id", "in", self.ids), ("state", "!=", "dropped")], ["version_id", "state"], ["__count"]
        )
        counts = {(version, state): count for version, state, count in groups}
        for version in self:
            version.waiting_count = counts.get((version, "waiting"), 0)
            version.receipt_count = version.waiting_count + counts.get((version, "received"), 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: number it; what the steps note isn't given."""
        default = self.default_get(["material_id"]).get("material_id")
        material_ids = [vals.get("material_id") or default for vals in vals_list]
        vals_list = [
            {**{name: value for name, value in vals.items() if name not in NOTED}, "number": number}
            for vals, number in zip(vals_list, self._next_numbers(material_ids), strict=True)
        ]
        context = {key: value for key, value in self.env.context.items() if key.removeprefix("default_") not in NOTED}
        versions = super(CrmMaterialVersion, self.with_context(context)).create(vals_list).with_env(self.env)  # pylint: disable=context-overridden
        versions._adopt_files()
        return versions

    def write(self, vals):
        """Override: files belong to the version."""
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._adopt_files()
        return result

    @api.model
    def _next_numbers(self, material_ids):
        """Return a number for each of the materials named, which may repeat."""
        materials = self.env["crm.material"].browse([id_ for id_ in material_ids if id_]).union()
        latest = dict(self.sudo()._read_group([("material_id", "in", materials.ids)], ["material_id"], ["number:max"]))
        latest = {material.id: number for material, number in latest.items()}
        numbers = []
        for material_id in material_ids:
            latest[material_id] = latest.get(material_id, 0) + 1
            numbers.append(latest[material_id])
        return numbers

    def _adopt_files(self):
        """Let files that the user has just uploaded belong to the version: who may read it may read them.

        :raise UserError: a file belongs to another document
        """
        for version in self:
            files = version.sudo().attachment_ids
            new = files.filtered(lambda file, id_=version.id: (file.res_model, file.res_id) != (self._name, id_))
            if new.filtered(lambda file: file.res_id or file.res_field or file.create_uid.id != self.env.uid):
                raise UserError(self.env._("One of the files belongs to another document: upload it here."))
            new.write({"res_model": self._name, "res_id": version.id, "public": False, "access_token": False})

    # === ACTION METHODS === #

    def action_publish(self):
        """Put the versions in force, and tell the branches that they are for (BR-G2)."""
        self._workflow_do("publish")

    def action_open_files(self):
        """Open the file; where there are several or none, the version."""
        self.ensure_one()
        self.check_access("read")
        if len(self.attachment_ids) == 1:
            return {
                "type": "ir.actions.act_url",
                "url": f"/web/content/{self.attachment_ids.id}",
                "target": "new",
            }
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [[False, "form"]],
            "target": "new",
        }

    def action_view_receipts(self):
        """Open the receipts of the branches."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_material_receipt_action")
        return {**action, "domain": [("version_id", "=", self.id)], "context": {}, "display_name": self.display_name}

    # === BUSINESS METHODS === #

    def _check_transition(self, transition):
        """Override: whoever publishes works at a headquarters; there is something to publish, and its day has come."""
        if not self.env.user._sees_all_branches():
            raise AccessError(self.env._("Only members of the headquarters publish and withdraw materials."))
        if transition.name == "publish":
            self._check_complete()
        return super()._check_transition(transition)

    def _check_complete(self):
        today = self.env.user.branch_id._today()
        for version in self:
            if not version.material_id.active:
                raise UserError(self.env._("%s is archived: restore it first.", version.material_id.name))
            if not (version.attachment_ids or version.contract_template_id):
                raise UserError(self.env._("%s has no file: add one first.", version.display_name))
            if version.attachment_ids.filtered(lambda file: file.type != "binary" or not file.file_size):
                raise UserError(self.env._("%s: a file is empty or is only a link.", version.display_name))
            if version.contract_template_id and version.kind != "contract_template":
                raise UserError(self.env._("%s is no contract template.", version.display_name))
            if version.valid_from and version.valid_from > today:
                raise UserError(
                    self.env._(
                        "%(version)s is valid from a later day, and what is published is in force at once. Publish it "
                        "on that day, or change the date.",
                        version=version.display_name,
                    )
                )

    def _before_transition(self, transition):
        """Override: note when and by whom; the version so far makes room."""
        if transition.name == "publish":
            self.material_id.lock_for_update()
            self._drop_stray_files()
            current = self.search([("material_id", "in", self.material_id.ids), ("state", "=", "published")])
            if current:
                current._workflow_do("supersede")
            self._note({"published_at": fields.Datetime.now(), "published_by_id": self.env.uid})
            undated = self.filtered(lambda version: not version.valid_from)
            undated.valid_from = self.env.user.branch_id._today()
        return super()._before_transition(transition)

    def _after_transition(self, transition):
        """Override: the branches addressed get it, or needn't confirm it any more."""
        result = super()._after_transition(transition)
        if transition.name == "publish":
            self._deliver()
        else:
            self._note({"withdrawn_at": fields.Datetime.now()})
            self.receipt_ids.sudo()._drop()
        return result

    def _drop_stray_files(self):
        """Delete what was taken off the draft again, and files that somebody put beside it."""
        files = self.env["ir.attachment"].sudo()
        strays = files.search([("res_model", "=", self._name), ("res_id", "in", self.ids)]) - self.attachment_ids
        strays.unlink()

    def _deliver(self):
        """Make a receipt for each branch that a published version is for and that has none, and tell its people.

        Branches that it isn't for any more needn't confirm it.
        """
        receipts = self.env["crm.material.receipt"].sudo()
        vals_list = []
        for version in self.sudo().filtered(lambda version: version.state == "published"):
            addressees = version.material_id._addressees()
            known = version.receipt_ids
            known.filtered(lambda receipt, to=addressees: receipt.branch_id not in to)._drop()
            vals_list += receipts._prepare_vals_list(version, addressees - known.branch_id)
        receipts.create(vals_list)._tell()
