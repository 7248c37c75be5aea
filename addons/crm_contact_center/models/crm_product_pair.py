from odoo import api, fields, models
from odoo.exceptions import UserError

#: What the night counts; nobody writes it.
COUNTED = frozenset(
    (
        "count_together",
        "count_product",
        "count_other",
        "count_all",
        "support",
        "confidence",
        "confidence_low",
        "lift",
    )
)
#: What may be changed of a pair that was counted.
JUDGED = frozenset(("banned", "note"))


class CrmProductPair(models.Model):
    """Who buys this product often buys that one with it: the matching belt (CC-3c).

    Between templates, not variants: the belt goes with the shoes in every size, and counts of each size alone would be
    too few to mean anything. Counted each night (``crm_product_pair_count.py``) or made by hand; a supervisor can ban
    a pair, which lasts.
    """

    _name = "crm.product.pair"
    _description = "Product Pair"
    _order = "strength desc, id"
    _rec_names_search = ["product_id", "other_id"]

    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", default=lambda self: self.env.company
    )
    product_id = fields.Many2one(
        "product.template", "Who Buys", required=True, index=True, ondelete="cascade", check_company=True
    )
    other_id = fields.Many2one(
        "product.template",
        "Is Offered",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('sale_ok', '=', True), ('id', '!=', product_id)]",
    )
    source = fields.Selection(
        [("counted", "Counted"), ("hand", "By Hand")], required=True, readonly=True, default="hand"
    )
    banned = fields.Boolean(index=True, help="Isn't suggested, however often they are bought together.")
    note = fields.Char(help="Why, in a few words; of a pair made by hand it is what agents say.", translate=True)
    count_together = fields.Integer("Customers With Both", readonly=True, help="In one order.")
    count_product = fields.Integer("Customers of the First", readonly=True)
    count_other = fields.Integer("Customers of the Other", readonly=True)
    count_all = fields.Integer("All Customers", readonly=True, aggregator="max")
    support = fields.Float(readonly=True, aggregator=None, help="Share of all customers who bought both in one order.")
    confidence = fields.Float(
        readonly=True, aggregator=None, help="Of the customers who bought the first, the share who bought both."
    )
    confidence_low = fields.Float(
        "Confidence, Cautiously",
        readonly=True,
        aggregator=None,
        help="The lower end of the 95 % interval: small counts promise little.",
    )
    lift = fields.Float(readonly=True, aggregator=None, help="How many times likelier than for any customer.")
    strength = fields.Float(
        required=True,
        default=5.0,
        aggregator=None,
        digits=(9, 2),
        help="Suggestions are ordered by it and by how they are answered: the cautious lift, or your judgement.",
    )
    reason = fields.Char(compute="_compute_reason")

    _once = models.Constraint("UNIQUE(company_id, product_id, other_id)", "This pair is known already.")
    _two = models.Constraint("CHECK(product_id != other_id)", "A pair is of two products.")
    _strength_range = models.Constraint("CHECK(strength > 0)", "The strength is more than 0; ban a pair instead.")

    # === COMPUTE METHODS === #

    @api.depends("product_id", "other_id")
    def _compute_display_name(self):
        for pair in self:
            pair.display_name = f"{pair.product_id.display_name} → {pair.other_id.display_name}"

    @api.depends("source", "note", "count_together", "count_product", "product_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        for pair in self:
            pair.reason = pair._reason()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: what people create is by hand, and has no counts until the night counts it."""
        return super().create(
            [
                {key: value for key, value in vals.items() if key not in COUNTED} | {"source": "hand"}
                for vals in vals_list
            ]
        )

    def write(self, vals):
        """Override: counts are nobody's to write, and of counted pairs only the judgement on them is."""
        if COUNTED & set(vals) or "source" in vals:
            raise UserError(
                self.env._("Counts are made by the night, from orders. Make a pair by hand, or ban this one.")
            )
        if set(vals) - JUDGED and any(pair.source == "counted" for pair in self):
            raise UserError(self.env._("This pair was counted: you can ban it, or write a note."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counted(self):
        if any(pair.source == "counted" for pair in self):
            raise UserError(self.env._("It would come back tomorrow: ban the pair instead."))

    # === BUSINESS METHODS === #

    def _reason(self):
        """Return why it is suggested, in a sentence."""
        self.ensure_one()
        if self.source == "hand" and self.note:
            return self.note
        if self.count_together:
            return self.env._(
                "Bought together with %(product)s by %(both)s of %(all)s customers",
                product=self.product_id.name,
                both=self.count_together,
                all=self.count_product,
            )
        return self.env._("Goes with %s", self.product_id.name)
