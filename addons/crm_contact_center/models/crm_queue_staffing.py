from odoo import fields, models

from ..erlang import Terms

MINUTES = [("15", "15 Minutes"), ("30", "30 Minutes"), ("60", "1 Hour")]


class CrmQueue(models.Model):
    """What a queue's staff is planned by (CC-8a)."""

    _inherit = "crm.queue"

    staffing_minutes = fields.Selection(
        MINUTES, "Planned By", required=True, default="30", help="Contacts and agents are counted in such intervals."
    )
    staffing_model = fields.Selection(
        [("c", "Everybody waits (Erlang C)"), ("a", "Some give up (Erlang A)")],
        "Customers",
        required=True,
        default="c",
        help="Where some give up, fewer agents are needed for the same service level.",
    )
    patience_seconds = fields.Integer(
        "Patience (s)", required=True, default=180, help="After so long customers give up, on average."
    )
    shrinkage_percent = fields.Integer(
        "Not There (%)",
        required=True,
        default=10,
        help="Of planned agents so many aren't there on average: illness, training, meetings. Breaks are planned.",
    )
    occupancy_percent = fields.Integer(
        "Most in Contact (%)",
        required=True,
        default=85,
        help="Agents spend no more of their time than that on contacts: without a breather nobody lasts.",
    )

    _patience_positive = models.Constraint("CHECK(patience_seconds > 0)", "Customers have some patience.")
    _shrinkage_range = models.Constraint(
        "CHECK(shrinkage_percent BETWEEN 0 AND 80)", "From 0 to 80 % of the agents aren't there."
    )
    _occupancy_range = models.Constraint(
        "CHECK(occupancy_percent BETWEEN 10 AND 100)", "Agents are in contact from 10 to 100 % of their time."
    )

    def _terms(self, channel):
        """Return the :class:`~..erlang.Terms` by which agents are counted for contacts over that channel."""
        self.ensure_one()
        capacity = 100
        return Terms(
            level=min(self.target_percent, 99) / 100,
            target=self.target_seconds,
            patience=self.patience_seconds if self.staffing_model == "a" else None,
            occupancy=self.occupancy_percent / 100,
            at_once=max(1, capacity // self._cost(channel)),
            shrinkage=self.shrinkage_percent / 100,
        )

    def _open_spans(self, begin, end):
        """Return [(begin, end)] of when the queue is open between these moments (naive UTC); None: always."""
        self.ensure_one()
        calendar = self.sudo().calendar_id
        if not calendar:
            return None
        utc = self.with_context(tz="UTC")
        start, stop = (fields.Datetime.context_timestamp(utc, moment) for moment in (begin, end))
        return [
            (one.astimezone(start.tzinfo).replace(tzinfo=None), two.astimezone(start.tzinfo).replace(tzinfo=None))
            for one, two, _days in calendar._work_intervals_batch(start, stop)[False]
        ]
