from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.crm_whatsapp.utils import number_of

from ..identity import plate_of, serial_of

STOPS = [("opt_out", "Wants no follow-up"), ("sold", "Sold to somebody unknown"), ("scrapped", "Scrapped or lost")]


class CrmVehicle(models.Model):
    """A motorcycle that a branch sold, and its owner as the main dealer's report names them (H23-4.1.1).

    Owner and phone are columns of the vehicle: a contact is made when a follow-up first needs one, see
    :meth:`_ensure_partners`.
    """

    _name = "crm.vehicle"
    _description = "Vehicle"
    _inherit = ["mail.thread", "crm.branch.mixin"]
    _order = "purchase_date desc, id desc"
    _rec_name = "frame_number"
    _rec_names_search = ["frame_number", "engine_number", "plate", "owner_name"]
    _check_company_auto = True

    active = fields.Boolean(default=True)
    branch_id = fields.Many2one(tracking=True)
    engine_number = fields.Char(required=True, tracking=True, help="Capital letters and digits only.")
    frame_number = fields.Char(required=True, tracking=True, help="Capital letters and digits only.")
    model_name = fields.Char("Model")
    plate = fields.Char("License Plate", index="btree_not_null")
    purchase_date = fields.Date(required=True, index=True, tracking=True, help="H+n counts from this day.")
    owner_name = fields.Char("Owner", index="trigram", tracking=True)
    owner_phone = fields.Char(
        "Phone", index="btree_not_null", tracking=True, help="With country code, e.g. +6281234567890."
    )
    phone_problem = fields.Selection(
        [("landline", "Landline")],
        "Not for WhatsApp",
        compute="_compute_phone_problem",
        store=True,
        readonly=True,
    )
    owner_street = fields.Char("Street")
    owner_city = fields.Char("City")
    partner_id = fields.Many2one(
        "res.partner",
        "Contact",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Made when a follow-up first needs it.",
    )
    service_ids = fields.One2many("crm.vehicle.service", "vehicle_id", "Services Done")
    follow_up_stopped = fields.Boolean(
        "Follow-up Stopped", tracking=True, help="No follow-up is planned for the vehicle any more."
    )
    follow_up_stop_reason = fields.Selection(STOPS, "Stopped Because", tracking=True)

    _engine_uniq = models.Constraint(
        "UNIQUE(company_id, engine_number)", "A vehicle with this engine number is there already."
    )
    _frame_uniq = models.Constraint(
        "UNIQUE(company_id, frame_number)", "A vehicle with this frame number is there already."
    )
    _numbers_normal = models.Constraint(
        "CHECK(engine_number ~ '^(?=.*[1-9])[A-Z0-9]{5,25}$' AND frame_number ~ '^(?=.*[1-9])[A-Z0-9]{5,25}$')",
        "Engine and frame number have 5 to 25 letters and digits, not all of them zero.",
    )
    _phone_e164 = models.Constraint(
        r"CHECK(owner_phone ~ '^\+[1-9][0-9]{6,14}$')", "Write the phone number with its country code: +62…"
    )
    _stop_has_reason = models.Constraint(
        "CHECK((follow_up_stopped IS TRUE) = (follow_up_stop_reason IS NOT NULL))",
        "Say why the follow-up of the vehicle stops.",
    )

    # === COMPUTE METHODS === #

    @api.depends("frame_number", "plate", "model_name")
    def _compute_display_name(self):
        for vehicle in self:
            words = [vehicle.plate or vehicle.frame_number, vehicle.model_name]
            vehicle.display_name = " · ".join(word for word in words if word)

    @api.depends("owner_phone", "branch_id.partner_id.country_id", "company_id.country_id")
    def _compute_phone_problem(self):
        for vehicle in self:
            __, problem = number_of(vehicle.owner_phone, vehicle.branch_id.sudo()._country())
            vehicle.phone_problem = "landline" if problem == "landline" else False

    @api.constrains("purchase_date", "branch_id")
    def _check_purchase_date(self):
        for vehicle in self:
            if vehicle.purchase_date > vehicle.branch_id.sudo()._today():
                raise ValidationError(
                    self.env._("%s: the day of purchase is in the future.", vehicle.frame_number),
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: numbers are kept in one form, so that two spellings aren't two vehicles."""
        default = self.default_get(["branch_id"]).get("branch_id")
        branches = self.env["crm.branch"]
        return super().create(
            [self._normal_vals(vals, branches.browse(vals.get("branch_id", default))) for vals in vals_list]
        )

    def write(self, vals):
        """Override: see :meth:`create`."""
        goal = self.env["crm.branch"].browse(vals.get("branch_id"))
        day = fields.Date.to_date(vals.get("purchase_date"))
        moved = self.filtered(lambda vehicle: vehicle.purchase_date != day) if day else self.browse()
        for branch, vehicles in self.grouped("branch_id").items():
            super(CrmVehicle, vehicles).write(self._normal_vals(vals, goal or branch))
        moved._purchase_date_changed()
        return True

    @api.model
    def _normal_vals(self, vals, branch):
        """Return the values with numbers, plate and phone as they are kept."""
        normal = {"engine_number": serial_of, "frame_number": serial_of, "plate": plate_of}
        vals = {name: normal[name](value) if value and name in normal else value for name, value in vals.items()}
        if vals.get("owner_phone"):
            vals["owner_phone"] = branch._e164(vals["owner_phone"])
        return vals

    # === HOOKS === #

    def _purchase_date_changed(self):
        """Hook: the day from which H+n counts was corrected; by an import, many at once."""

    # === BUSINESS METHODS === #

    def _stop_follow_up(self, reason):
        """Plan no follow-up for these vehicles any more.

        :param str reason: one of :data:`STOPS`
        """
        self.write({"follow_up_stopped": True, "follow_up_stop_reason": reason})
