from odoo import fields, models


class CrmSkill(models.Model):
    """Where the customers live that a skill of the kind “Region” is for (CC-2b)."""

    _inherit = "crm.skill"

    state_ids = fields.Many2many(
        "res.country.state", string="States", help="Contacts of customers who live there need the skill."
    )
    cities = fields.Text(help="One city in a line. Contacts of customers who live there need the skill.")

    def _of_region(self, partner):
        """Return the skills, of these, that customers of the partner's state or city need."""
        city = " ".join((partner.city or "").lower().split())
        return self.filtered(
            lambda skill: (
                (partner.state_id and partner.state_id in skill.state_ids)
                or (city and city in [" ".join(line.lower().split()) for line in (skill.cities or "").splitlines()])
            )
        )
