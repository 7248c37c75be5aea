from datetime import timedelta

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import SQL

MOST = 5
WINDOW = timedelta(hours=1)


class CrmBotTry(models.Model):
    """How often a visitor, and their address, asked for an order that isn't theirs by login (CC-7).

    One row for each: two tries at once meet there, the database makes one of them wait and count too. Nobody reads it.
    """

    _name = "crm.bot.try"
    _description = "Try to Identify an Order"
    _log_access = False

    who = fields.Char(required=True)
    began_at = fields.Datetime(required=True)
    tries = fields.Integer(required=True)

    _who_uniq = models.Constraint("UNIQUE(who)", "Each visitor is counted once.")

    @api.model
    def _take(self, guest):
        """Count a try of the visitor and of the address that asks.

        :return: whether it is one of the first five within an hour
        """
        address = request.httprequest.remote_addr if request else None
        keys = sorted(filter(None, (guest and f"guest:{guest.id}", address and f"address:{address}")))
        allowed = True
        for who in keys:
            self.env.cr.execute(
                SQL(
                    """INSERT INTO crm_bot_try (who, began_at, tries) VALUES (%(who)s, %(now)s, 1)
                       ON CONFLICT (who) DO UPDATE SET
                          tries = CASE WHEN crm_bot_try.began_at < %(since)s THEN 1 ELSE crm_bot_try.tries + 1 END,
                          began_at = CASE WHEN crm_bot_try.began_at < %(since)s THEN %(now)s
                                     ELSE crm_bot_try.began_at END
                       RETURNING tries""",
                    who=who,
                    now=fields.Datetime.now(),
                    since=fields.Datetime.now() - WINDOW,
                )
            )
            allowed = self.env.cr.fetchone()[0] <= MOST and allowed
        self.invalidate_model()
        return allowed

    @api.autovacuum
    def _gc_old(self):
        self.search([("began_at", "<", fields.Datetime.now() - 2 * WINDOW)]).unlink()
