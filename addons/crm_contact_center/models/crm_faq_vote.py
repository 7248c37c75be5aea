from odoo import fields, models
from odoo.tools import SQL


class CrmFaqVote(models.Model):
    """Whether an answer helped a visitor (CC-4). Each visitor counts once for a question, and may change it."""

    _name = "crm.faq.vote"
    _description = "FAQ Vote"
    _order = "id desc"

    faq_id = fields.Many2one("crm.faq", required=True, readonly=True, index=True, ondelete="cascade")
    visitor = fields.Char(required=True, readonly=True, groups="base.group_system", help="Random; nobody's name.")
    is_helpful = fields.Boolean("Helped", readonly=True)

    _visitor_uniq = models.Constraint("UNIQUE(faq_id, visitor)", "This visitor has said so already.")

    def _vote(self, faq, visitor, helpful):
        """Count the visitor's vote, in place of their former one.

        Two at a time are one: the database keeps them apart by its unique key.
        """
        self.env.cr.execute(
            SQL(
                """INSERT INTO crm_faq_vote
                          (faq_id, visitor, is_helpful, create_uid, write_uid, create_date, write_date)
                   VALUES (%(faq)s, %(visitor)s, %(helpful)s, %(user)s, %(user)s, now() at time zone 'UTC',
                           now() at time zone 'UTC')
                   ON CONFLICT (faq_id, visitor) DO UPDATE
                      SET is_helpful = EXCLUDED.is_helpful, write_date = EXCLUDED.write_date
                    WHERE crm_faq_vote.is_helpful != EXCLUDED.is_helpful
                   RETURNING id""",
                faq=faq.id,
                visitor=visitor,
                helpful=bool(helpful),
                user=self.env.uid,
            )
        )
        if self.env.cr.fetchall():
            self.invalidate_model()
            faq.sudo().invalidate_recordset(["vote_ids"])
            self.env.add_to_compute(faq._fields["helpful_count"], faq.sudo())
            self.env.add_to_compute(faq._fields["unhelpful_count"], faq.sudo())
