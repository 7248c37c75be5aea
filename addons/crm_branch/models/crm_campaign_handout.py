from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmCampaignHandout(models.Model):
    """Leaflets that somebody handed out: at the counter, or in the neighbourhood as a hired person (BR-14).

    What was handed out isn't changed; a manager deletes a wrong line.
    """

    _name = "crm.campaign.handout"
    _description = "Hand-out of Leaflets"
    _order = "handed_at desc, id desc"
    _rec_name = "place"

    campaign_id = fields.Many2one("crm.campaign", required=True, index=True, ondelete="cascade")
    branch_id = fields.Many2one(related="campaign_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    quantity = fields.Integer(required=True)
    user_id = fields.Many2one(
        "res.users", "Handed Out By", index="btree_not_null", ondelete="restrict", default=lambda self: self.env.user
    )
    hired_name = fields.Char("Hired Person", help="Who was hired to hand out, instead of somebody of the staff.")
    place = fields.Char(required=True, help="At the counter, or which streets.")
    handed_at = fields.Datetime("When", required=True, default=fields.Datetime.now, index=True)

    _positive = models.Constraint("CHECK(quantity > 0)", "At least one leaflet is handed out.")
    _someone = models.Constraint(
        "CHECK(user_id IS NOT NULL OR COALESCE(btrim(hired_name), '') <> '')", "Say who handed the leaflets out."
    )

    # === COMPUTE METHODS === #

    @api.depends("quantity", "place")
    def _compute_display_name(self):
        for handout in self:
            handout.display_name = f"{handout.quantity} · {handout.place or ''}"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a hired person's hand-out is nobody's of the staff; no more than have arrived.

        Of two at once the database lets one go first: both write the campaign's count, and the second begins anew.
        """
        vals_list = [{**vals, "user_id": False} if vals.get("hired_name") else vals for vals in vals_list]
        handouts = super().create(vals_list)
        handouts.campaign_id._check_handouts()
        return handouts

    def write(self, vals):
        """Override: nobody changes what was handed out."""
        if not self.env.su:
            raise UserError(self.env._("What was handed out isn't changed: have the manager delete a wrong line."))
        return super().write(vals)

    # === CONSTRAINS METHODS === #

    @api.constrains("handed_at")
    def _check_handed_at(self):
        if any(handout.handed_at > fields.Datetime.now() for handout in self):
            raise UserError(self.env._("Leaflets that aren't handed out yet are noted when they are."))
