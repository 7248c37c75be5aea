from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

#: A move that is planned and not done.
PENDING = ("waiting", "confirmed", "partially_available", "assigned")


class CrmStockLevel(models.Model):
    """What a point of sale has of a product beside its norm: one row per norm (BR-13).

    All quantities are in the product's unit. On hand is everything in the branch's warehouse; incoming and outgoing are
    what is planned to come into it and to leave it.
    """

    _name = "crm.stock.level"
    _description = "Stock beside Norm"
    _auto = False
    _order = "missing desc, branch_id, product_id"
    _rec_name = "product_id"
    _depends = {
        "crm.branch": ["kind", "warehouse_id"],
        "stock.location": ["warehouse_id"],
        "stock.move": ["location_dest_id", "location_id", "product_id", "product_qty", "state"],
        "stock.quant": ["location_id", "product_id", "quantity"],
        "stock.warehouse.orderpoint": [
            "active",
            "branch_id",
            "company_id",
            "ordered_at",
            "product_id",
            "product_max_qty",
            "product_min_qty",
            "warehouse_id",
        ],
    }

    orderpoint_id = fields.Many2one("stock.warehouse.orderpoint", "Norm Rule", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    branch_id = fields.Many2one("crm.branch", readonly=True)
    warehouse_id = fields.Many2one("stock.warehouse", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    norm = fields.Float(digits="Product Unit", readonly=True)
    on_hand = fields.Float(digits="Product Unit", readonly=True)
    incoming = fields.Float(digits="Product Unit", readonly=True, help="Planned to come in, from the headquarters say.")
    outgoing = fields.Float(digits="Product Unit", readonly=True, help="Sold and not handed out yet.")
    missing = fields.Float(
        digits="Product Unit", readonly=True, help="What to order so that on hand + incoming − outgoing meets the norm."
    )
    ordered_at = fields.Datetime("Last Ordered", readonly=True)

    # === ACTION METHODS === #

    def action_order(self):
        """Order what is missing from the headquarters: of the chosen rows, or of all that the user sees (BR-13).

        :raise AccessError: the user is no branch manager
        """
        if not self.env.user.has_group("crm_branch.group_branch_manager"):
            raise AccessError(self.env._("A branch's manager orders what is missing there."))
        levels = self or self.search([("missing", ">", 0)])
        levels.check_access("read")
        ordered = levels.orderpoint_id._order_missing()
        if not ordered:
            raise UserError(self.env._("Nothing is missing: what is on hand or on its way meets the norms."))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Ordered from the headquarters: %s products.", len(ordered)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === BUSINESS METHODS === #

    def _missing(self, norms):
        """Return norm id → what is missing, of those of these norms that are short."""
        levels = self.search_fetch([("id", "in", norms.ids), ("missing", ">", 0)], ["missing"])
        return {level.id: level.missing for level in levels}

    # === QUERY === #

    @property
    def _table_query(self):
        return SQL("%s %s %s", self._with(), self._select(), self._from())

    def _with(self):
        """Return what each warehouse has, gets and gives of each product that has a norm."""
        return SQL(
            """
            WITH stock AS (
                SELECT location.warehouse_id, quant.product_id, SUM(quant.quantity) AS quantity
                  FROM stock_quant quant
                  JOIN stock_location location ON location.id = quant.location_id
                 WHERE location.warehouse_id IS NOT NULL
                 GROUP BY 1, 2
            ), coming AS (
                SELECT target.warehouse_id, move.product_id, SUM(move.product_qty) AS quantity
                  FROM stock_move move
                  JOIN stock_location source ON source.id = move.location_id
                  JOIN stock_location target ON target.id = move.location_dest_id
                 WHERE move.state IN %(pending)s AND target.warehouse_id IS DISTINCT FROM source.warehouse_id
                   AND target.warehouse_id IS NOT NULL
                 GROUP BY 1, 2
            ), leaving AS (
                SELECT source.warehouse_id, move.product_id, SUM(move.product_qty) AS quantity
                  FROM stock_move move
                  JOIN stock_location source ON source.id = move.location_id
                  JOIN stock_location target ON target.id = move.location_dest_id
                 WHERE move.state IN %(pending)s AND target.warehouse_id IS DISTINCT FROM source.warehouse_id
                   AND source.warehouse_id IS NOT NULL
                 GROUP BY 1, 2
            )
            """,
            pending=PENDING,
        )

    def _select(self):
        return SQL(
            """
            SELECT norm.id, norm.id AS orderpoint_id, norm.product_id, norm.branch_id, norm.warehouse_id,
                   norm.company_id, norm.product_min_qty AS norm, norm.ordered_at,
                   COALESCE(stock.quantity, 0) AS on_hand,
                   COALESCE(coming.quantity, 0) AS incoming,
                   COALESCE(leaving.quantity, 0) AS outgoing,
                   CASE WHEN COALESCE(stock.quantity, 0) + COALESCE(coming.quantity, 0) - COALESCE(leaving.quantity, 0)
                             < norm.product_min_qty
                        THEN GREATEST(norm.product_min_qty, norm.product_max_qty) - COALESCE(stock.quantity, 0)
                             - COALESCE(coming.quantity, 0) + COALESCE(leaving.quantity, 0)
                        ELSE 0
                   END AS missing
            """
        )

    def _from(self):
        return SQL(
            """
              FROM stock_warehouse_orderpoint norm
              JOIN crm_branch branch ON branch.id = norm.branch_id AND branch.kind = 'point_of_sale'
              LEFT JOIN stock ON stock.warehouse_id = norm.warehouse_id AND stock.product_id = norm.product_id
              LEFT JOIN coming ON coming.warehouse_id = norm.warehouse_id AND coming.product_id = norm.product_id
              LEFT JOIN leaving ON leaving.warehouse_id = norm.warehouse_id AND leaving.product_id = norm.product_id
             WHERE norm.active
            """
        )
