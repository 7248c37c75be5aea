from odoo import api, fields, models
from odoo.tools import SQL

DELIVERIES = [("picking_type_code", "=", "outgoing"), ("state", "!=", "cancel")]
INVOICES = [("move_type", "in", ("out_invoice", "out_refund")), ("state", "!=", "cancel")]


class ResPartner(models.Model):
    """A customer's page: the profile that a caller reads before calling (FL-1), and all that was ever done (FL-12)."""

    _inherit = "res.partner"

    segment_id = fields.Many2one("crm.customer.segment", index="btree_not_null", ondelete="restrict")
    profile_values = fields.Text("What Matters", help="What this customer values: price, service, speed, a brand …")
    profile_preferences = fields.Text("Preferences", help="Brands, colours, how and when to be called …")
    delivery_count = fields.Integer("Deliveries", compute="_compute_delivery_count")
    unit_count = fields.Integer("Units", compute="_compute_unit_count")
    invoice_count = fields.Integer("Customer Invoices", compute="_compute_invoice_count")

    # === COMPUTE METHODS === #

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_delivery_count(self):
        self._count_with_people("delivery_count", "stock.picking", DELIVERIES)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_invoice_count(self):
        self._count_with_people("invoice_count", "account.move", INVOICES)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_unit_count(self):
        units = [(partner, 1) for partner, _lot in self._people()._find_units()]
        self._add_up("unit_count", units)

    def _count_with_people(self, name, model, domain):
        """Put the number of a customer's documents, and of those of its people, into the field ``name``."""
        domain = [("partner_id", "in", self._people().ids), *domain]
        self._add_up(name, self.env[model]._read_group(domain, ["partner_id"], ["__count"]))

    def _people(self):
        """Return the customers and all contacts below them, archived ones too."""
        return self.with_context(active_test=False).search_fetch([("id", "child_of", self.ids)], ["parent_id"])

    def _add_up(self, name, counts):
        """Add each ``(partner, count)`` to the partner and to those above it."""
        self[name] = 0
        wanted = set(self._ids)
        for partner, count in counts:
            above = partner
            while above:
                if above.id in wanted:
                    above[name] += count
                above = above.parent_id

    # === ACTION METHODS === #

    def action_view_deliveries(self):
        """Open the deliveries to the customer and its people."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("stock.action_picking_tree_outgoing")
        domain = [("partner_id", "child_of", self.id), *DELIVERIES]
        return {**action, "domain": domain, "context": {"create": False}}

    def action_view_units(self):
        """Open the units that the customer and its people have bought and not brought back."""
        self.ensure_one()
        lots = [lot for _partner, lot in self._people()._find_units()]
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.stock_lot_action_bought")
        return {**action, "domain": [("id", "in", lots)]}

    def action_view_invoices(self):
        """Open the invoices and credit notes of the customer and its people."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        domain = [("partner_id", "child_of", self.id), *INVOICES]
        return {**action, "domain": domain, "context": {"create": False}}

    # === BUSINESS METHODS === #

    def _find_units(self):
        """Return ``(partner, lot id)`` of each unit whose latest movement brought it to one of these customers.

        The customer is the order's; without an order, who the delivery went to. A unit that came back isn't listed.
        """
        for model in ("sale.order", "sale.order.line", "stock.picking", "stock.move", "stock.move.line"):
            self.env[model].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH theirs AS (
                    SELECT line.lot_id
                      FROM sale_order orders
                      JOIN sale_order_line sold ON sold.order_id = orders.id
                      JOIN stock_move move ON move.sale_line_id = sold.id
                      JOIN stock_move_line line ON line.move_id = move.id
                     WHERE orders.partner_id = ANY(%(partners)s) AND line.state = 'done'
                     UNION
                    SELECT line.lot_id
                      FROM stock_picking picking
                      JOIN stock_move_line line ON line.picking_id = picking.id
                     WHERE picking.partner_id = ANY(%(partners)s) AND line.state = 'done'
                ), latest AS (
                    SELECT DISTINCT ON (line.lot_id)
                           line.lot_id, place.usage, COALESCE(orders.partner_id, picking.partner_id) AS partner_id
                      FROM stock_move_line line
                      JOIN stock_location place ON place.id = line.location_dest_id
                      JOIN stock_move move ON move.id = line.move_id
                 LEFT JOIN stock_picking picking ON picking.id = line.picking_id
                 LEFT JOIN sale_order_line sold ON sold.id = move.sale_line_id
                 LEFT JOIN sale_order orders ON orders.id = sold.order_id
                     WHERE line.lot_id IN (SELECT lot_id FROM theirs)
                       AND line.state = 'done' AND line.company_id = ANY(%(companies)s)
                  ORDER BY line.lot_id, line.date DESC, line.id DESC
                )
                SELECT partner_id, lot_id FROM latest WHERE usage = 'customer' AND partner_id = ANY(%(partners)s)
                """,
                companies=self.env.companies.ids,
                partners=self.ids,
            )
        )
        return [(self.browse(partner), lot) for partner, lot in rows]

    def _get_profile(self):
        """Return the partner whose profile counts: the contact's own, or its company's where it has none."""
        for partner in (self, self.commercial_partner_id):
            if partner.segment_id or partner.profile_values or partner.profile_preferences:
                return partner
        return self

    # === CALLS === #

    def _interaction_defaults(self):
        """Return values of a new interaction with the customer, as documents do."""
        self.ensure_one()
        return {"partner_id": self.id, "phone": self.phone_sanitized or False}

    def _get_call_memo(self):
        return self.comment
