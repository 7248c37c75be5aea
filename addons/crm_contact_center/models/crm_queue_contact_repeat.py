from odoo import fields, models
from odoo.tools import SQL


class CrmQueueContact(models.Model):
    """Who had to come again for the same reason: the measure of being helped at the first contact (CC-10)."""

    _inherit = "crm.queue.contact"

    came_again = fields.Boolean(
        readonly=True, copy=False, help="The customer came again for the same reason within the company's days."
    )

    def _after_transition(self, transition):
        """Override: the reason is known at the wrap-up, and with it whether the contact before had helped."""
        result = super()._after_transition(transition)
        if transition.name == "wrap_up":
            self._note_repeats()
        return result

    def _note_repeats(self):
        """Mark the contacts after which these customers came again for the same reason, in one statement.

        The later one may have been wrapped up first. Done contacts are locked: this column follows from later ones,
        so it is written below the ORM.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE crm_queue_contact earlier SET came_again = TRUE
                     FROM crm_queue_contact later JOIN res_company company ON company.id = later.company_id
                    WHERE (later.id = ANY(%s) OR earlier.id = ANY(%s) AND later.state = 'done')
                      AND earlier.id != later.id
                      AND earlier.partner_id = later.partner_id AND earlier.purpose_id = later.purpose_id
                      AND earlier.company_id = later.company_id AND earlier.state = 'done'
                      AND earlier.direction = 'incoming' AND later.direction = 'incoming'
                      AND (earlier.entered_at, earlier.id) < (later.entered_at, later.id)
                      AND earlier.entered_at > later.entered_at - make_interval(days => company.repeat_days)
                      AND earlier.came_again IS NOT TRUE
                   RETURNING earlier.id""",
                self.ids,
                self.ids,
            )
        )
        self.browse(id_ for (id_,) in self.env.cr.fetchall()).invalidate_recordset(["came_again"])
