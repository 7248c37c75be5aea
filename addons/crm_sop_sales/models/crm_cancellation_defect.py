from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

CHECKERS = ("stock.group_stock_user", "crm_base.group_manager", "sales_team.group_sale_manager")
EVIDENCE = frozenset({"defective_lot_ids", "defect_note", "photo"})


class CrmCancellation(models.Model):
    """What SOP-10 waives the fee for: defective units which nothing replaces. Neither is believed, both are checked.

    The officer claims the defect, with photo and note; logistics or a manager, another person, looks at the unit and
    confirms it. Whether there is a replacement, and when, is looked up in the stock at the moment of the cancellation.
    """

    _inherit = "crm.cancellation"

    defective_lot_ids = fields.Many2many(
        "stock.lot",
        "crm_cancellation_defective_lot_rel",
        string="Defective Units",
        copy=False,
        domain="[('id', 'in', order_lot_ids)]",
        help="Those of the order's units that are defective; none where the product isn't the reason.",
    )
    defect_note = fields.Text("The Defect", copy=False)
    photo = fields.Image("Photo of the Defect", max_width=1920, max_height=1920, copy=False)
    is_defective = fields.Boolean("Defective", compute="_compute_is_defective", store=True)
    defect_checked_by_id = fields.Many2one(
        "res.users", "Defect Confirmed By", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    defect_checked_at = fields.Datetime("Defect Confirmed On", readonly=True, copy=False)
    can_check_defect = fields.Boolean(compute="_compute_can_check_defect")
    replacement = fields.Selection(
        [("stock", "In stock"), ("incoming", "Expected"), ("none", "None, or no clear time")],
        readonly=True,
        copy=False,
        help="What the system found when the order was cancelled: free units of the same product in any warehouse of "
        "the company, or a receipt that is planned for a date to come.",
    )
    replacement_date = fields.Date("Replacement Expected On", readonly=True, copy=False)

    # === COMPUTE METHODS === #

    @api.depends("defective_lot_ids")
    def _compute_is_defective(self):
        for form in self:
            form.is_defective = bool(form.defective_lot_ids)

    @api.depends("state", "create_uid", "is_defective", "defect_checked_by_id")
    @api.depends_context("uid")
    def _compute_can_check_defect(self):
        checker = any(self.env.user.has_group(group) for group in CHECKERS)
        for form in self:
            waits = form.is_defective and not form.defect_checked_by_id and form.state in ("draft", "waiting")
            form.can_check_defect = bool(checker and waits and form.create_uid != self.env.user and form._origin)

    # === CONSTRAINS METHODS === #

    @api.constrains("defective_lot_ids", "order_id")
    def _check_defective_units(self):
        for form in self:
            if strange := form.defective_lot_ids - form.sudo().order_lot_ids:
                raise ValidationError(
                    self.env._(
                        "%(order)s doesn't hold these units: %(imeis)s. Take them out of the form.",
                        order=form.order_id.name,
                        imeis=", ".join(strange.mapped("name")),
                    )
                )

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: who confirmed a defect confirmed that one, and no other."""
        changed = self.filtered(
            lambda form: any(form._would_change(name, vals[name]) for name in EVIDENCE & vals.keys())
        )
        result = super().write(vals)
        changed._write_facts({"defect_checked_by_id": False, "defect_checked_at": False})
        return result

    # === ACTION METHODS === #

    def action_confirm_defect(self):
        """Confirm, as logistics or a manager, that the units are defective: not as who wrote the form (SOP-10)."""
        self.check_access("read")
        if not any(self.env.user.has_group(group) for group in CHECKERS):
            raise AccessError(self.env._("Logistics or a manager looks at the unit and confirms its defect."))
        for form in self:
            form._check_defect_shown()
        self._write_facts({"defect_checked_by_id": self.env.uid, "defect_checked_at": fields.Datetime.now()})

    def _check_defect_shown(self):
        if self.create_uid == self.env.user:
            raise AccessError(self.env._("Somebody else than who wrote the form confirms the defect."))
        if self.state not in ("draft", "waiting"):
            raise UserError(self.env._("%s is decided already.", self.display_name))
        if not (self.defective_lot_ids and self.photo and (self.defect_note or "").strip()):
            raise UserError(
                self.env._(
                    "The form needs the defective units, a photo and a note of the defect before it is confirmed."
                )
            )

    # === BUSINESS METHODS === #

    def _proven_defects(self):
        """Hook: return those of the claimed defective units whose defect is a fact.

        Here: all, once logistics or a manager has confirmed it. Who checks units in front of the customer adds its own.
        """
        self.ensure_one()
        return self.defective_lot_ids if self.defect_checked_by_id else self.env["stock.lot"]

    def _find_replacement(self):
        """Hook: return what there is instead of the defective units: ``stock``, ``incoming`` or ``none``, and the date
        on which it comes, or False.

        Free units in all warehouses of the company count; what orders hold doesn't. A receipt whose date has passed is
        no clear time.
        """
        self.ensure_one()
        wanted = {product: len(lots) for product, lots in self.sudo().defective_lot_ids.grouped("product_id").items()}
        free = self._count_free(wanted)
        short = {product: count - free[product] for product, count in wanted.items() if free[product] < count}
        if not short:
            return "stock", False
        dates = [self._date_of_receipt(product, count) for product, count in short.items()]
        return ("incoming", max(dates)) if all(dates) else ("none", False)

    def _count_free(self, wanted):
        """Return product → free units that nobody holds, up to somewhat more than are wanted."""
        holds = self.env["crm.imei.hold"].sudo()
        warehouses = self.env["stock.warehouse"].sudo().search([("company_id", "=", self.company_id.id)])
        places = [place for warehouse in warehouses for place in holds._locations(warehouse)]
        holds._flush_facts()
        tried = set(self.sudo().order_lot_ids.ids)
        found = holds._candidates({product.id: count for product, count in wanted.items()}, places, tried)
        return {product: len(found[product.id]) for product in wanted}

    def _date_of_receipt(self, product, count):
        """Return the date on which so many units will have come in, or False."""
        moves = (
            self.env["stock.move"]
            .sudo()
            .search(
                [
                    ("product_id", "=", product.id),
                    ("company_id", "=", self.company_id.id),
                    ("picking_type_id.code", "=", "incoming"),
                    ("state", "in", ("waiting", "confirmed", "partially_available", "assigned")),
                    ("date", ">=", fields.Datetime.now()),
                ],
                order="date",
            )
        )
        for move in moves:
            count -= move.product_qty
            if count <= 0:
                return fields.Datetime.context_timestamp(self, move.date).date()
        return False

    def _prepare_replacement(self):
        if not self.is_defective:
            return {"replacement": False, "replacement_date": False}
        kind, date = self._find_replacement()
        return {"replacement": kind, "replacement_date": date}
