from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = [
    ("price_list", "Price List"),
    ("contract_template", "Contract Template"),
    ("leaflet", "Leaflet"),
    ("instruction", "Instruction"),
    ("other", "Other"),
]


class CrmMaterial(models.Model):
    """What headquarters gives to its points of sale: a price list, a form, a leaflet (BR-2, BR-4, BR-G2).

    What it says is in its versions, of which one at most is in force.
    """

    _name = "crm.material"
    _description = "Material"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "kind, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    kind = fields.Selection(KINDS, required=True, default="price_list", tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    branch_ids = fields.Many2many(
        "crm.branch",
        "crm_material_branch_rel",
        "material_id",
        "branch_id",
        "Branches",
        check_company=True,
        tracking=True,
        help="Who gets it. Empty: every point of sale.",
    )
    user_id = fields.Many2one(
        "res.users", "Responsible", default=lambda self: self.env.user, index=True, tracking=True, copy=False
    )
    note = fields.Html("Description")
    version_ids = fields.One2many("crm.material.version", "material_id", "Versions")
    version_count = fields.Integer(compute="_compute_version_count")
    current_version_id = fields.Many2one(
        "crm.material.version",
        compute="_compute_current_version_id",
        store=True,
        index="btree_not_null",
        help="The one in force: branches see and use no other.",
    )
    current_file_ids = fields.Many2many(related="current_version_id.attachment_ids", string="Files")
    published_at = fields.Datetime(related="current_version_id.published_at")
    valid_from = fields.Date(related="current_version_id.valid_from")
    waiting_count = fields.Integer(
        related="current_version_id.waiting_count",
        related_sudo=False,
        groups="crm_branch.group_headquarters",
        help="Branches that haven't confirmed the current version yet.",
    )

    # === COMPUTE METHODS === #

    @api.depends("version_ids.state")
    def _compute_current_version_id(self):
        for material in self:
            material.current_version_id = material.version_ids.filtered(lambda version: version.state == "published")[
                :1
            ]

    @api.depends("version_ids")
    @api.depends_context("uid")
    def _compute_version_count(self):
        counts = dict(
            self.env["crm.material.version"]._read_group(
                [("material_id", "in", self.ids)], ["material_id"], ["__count"]
            )
        )
        for material in self:
            material.version_count = counts.get(material, 0)

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: a published material stays of its kind and company; branches added to it get what is in force."""
        if "current_version_id" in vals:  # a stored column takes what a client writes
            raise UserError(self.env._("The version in force is the one that was published: publish another one."))
        if vals.keys() & {"kind", "company_id"}:
            self._check_unpublished(vals)
        result = super().write(vals)
        if vals.keys() & {"branch_ids", "active"}:
            self.current_version_id._deliver()
        return result

    def unlink(self):
        """Override: its versions decide whether they can go."""
        self.with_context(active_test=False).version_ids.unlink()
        return super().unlink()

    def copy_data(self, default=None):
        """Override: name the copy one."""
        vals_list = super().copy_data(default)
        for material, vals in zip(self, vals_list, strict=True):
            if vals.get("name") == material.name:
                vals["name"] = self.env._("%s (copy)", material.name)
        return vals_list

    def _check_unpublished(self, vals):
        published = self.filtered(lambda material: set(material.version_ids.mapped("state")) - {"draft"})
        for material in published:
            if vals.get("kind", material.kind) != material.kind:
                raise UserError(
                    self.env._("%s was published as it is: make a new material of the other kind.", material.name)
                )
            if vals.get("company_id", material.company_id.id) != material.company_id.id:
                raise UserError(self.env._("%s was published in its company and stays there.", material.name))

    # === ACTION METHODS === #

    def action_view_versions(self):
        """Open the versions; for headquarters a new one is of this material."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_material_version_action")
        return {
            **action,
            "domain": [("material_id", "=", self.id)],
            "context": {"default_material_id": self.id},
            "display_name": self.name,
        }

    def action_new_version(self):
        """Open an empty version of this material, to be filled and published."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.material.version",
            "views": [[False, "form"]],
            "context": {"default_material_id": self.id},
            "target": "current",
        }

    def action_open_files(self):
        """Open the current version's file; where there are several, the version."""
        self.ensure_one()
        return self.current_version_id.action_open_files()

    # === BUSINESS METHODS === #

    def _addressees(self):
        """Return the branches that the material is for: those named, or every point of sale of the company."""
        self.ensure_one()
        if not self.active:
            return self.branch_ids.browse()
        if self.branch_ids:
            return self.branch_ids.filtered("active")
        return self.env["crm.branch"].search([("company_id", "=", self.company_id.id), ("kind", "=", "point_of_sale")])

    def _audience(self):
        """Return the branches whose people may show it to customers: the addressees, and headquarters."""
        headquarters = self.env["crm.branch"].search(
            [("company_id", "=", self.company_id.id), ("kind", "=", "headquarters")]
        )
        return self._addressees() | headquarters
