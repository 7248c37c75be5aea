from odoo import api, fields, models

from odoo.addons.crm_sop_sales import imei


class StockPickingBatch(models.Model):
    """The courier takes the units that were ordered, by type and IMEI, and what the visit needs (SOP-7, SOP-12c)."""

    _inherit = "stock.picking.batch"

    equipment_ids = fields.One2many("crm.courier.equipment.check", "run_id", readonly=True)
    needs_terminal = fields.Boolean(
        compute="_compute_needs_terminal", help="An order of this run is to be paid by card at the door."
    )
    loaded_count = fields.Integer("Loaded", compute="_compute_loading")
    list_count = fields.Integer("On the List", compute="_compute_loading")
    loading_progress = fields.Char(compute="_compute_loading")

    # === COMPUTE METHODS === #

    @api.depends("stop_ids.order_id")
    def _compute_needs_terminal(self):
        for run in self:
            run.needs_terminal = any(order._courier_needs_terminal() for order in run.sudo().stop_ids.order_id)

    @api.depends("unit_ids.loaded_quantity", "unit_ids.quantity")
    def _compute_loading(self):
        for run in self:
            run.loaded_count = sum(run.unit_ids.mapped("loaded_quantity"))
            run.list_count = sum(run.unit_ids.mapped("quantity"))
            run.loading_progress = self.env._("%(loaded)s of %(all)s", loaded=run.loaded_count, all=run.list_count)

    # === ACTION METHODS === #

    def action_scan(self, code):
        """Load the unit whose number was scanned or typed, or take the card terminal along.

        :param str code: an IMEI (first or second), a serial number, a product's barcode or a terminal's ID
        :return: ``{"ok": bool, "message": str}``; what isn't on the list is refused with words that say what it is
        """
        self.ensure_one()
        self.check_access("read")
        self._check_runs()
        self._check_loader()
        code = str(code or "").strip()[:64]
        if self.run_state != "reviewed":
            problem = self.env._("%s isn't being loaded now.", self.name)
            return {"ok": False, "message": problem}
        run = self.sudo()
        run._lock_for_step()
        if code and (terminal := run._find_terminal(code)):
            return run._take_terminal(terminal)
        return run._scan_unit(code)

    # === SCANNING === #

    def _scan_unit(self, code):
        numbers = [number for unit in imei.parse(code) for number in unit.numbers]
        number = numbers[0] if numbers else code
        if units := self._units_by_number(number):
            return self._load_scanned(units, number)
        return {"ok": False, "message": self._refusal(number)}

    def _units_by_number(self, number):
        """Return the run's units with this IMEI, serial number or barcode."""
        row = self.env["crm.imei"]._find([number])
        units = self.unit_ids
        return units.filtered(lambda unit: unit.lot_id == row.lot_id if row else unit.lot_id.name == number) or (
            units.filtered(lambda unit: not unit.lot_id and number and unit.product_id.barcode == number)
        )

    def _load_scanned(self, units, number):
        waiting = units.filtered(lambda unit: unit.loaded_quantity < unit.quantity)
        if not waiting:
            message = self.env._(
                "%(number)s (%(product)s) is loaded already, for %(customer)s.",
                number=number,
                product=units[0].product_id.display_name,
                customer=units[-1].stop_id.partner_id.name,
            )
            return {"ok": False, "message": message}
        waiting[0]._load(1)
        message = self.env._(
            "%(product)s for %(customer)s: loaded. %(progress)s",
            product=waiting[0].product_id.display_name,
            customer=waiting[0].stop_id.partner_id.name,
            progress=self.loading_progress,
        )
        return {"ok": True, "message": message}

    def _refusal(self, number):
        """Return why a number isn't loaded, saying what it is."""
        lot = self._find_lot(number)
        if not lot:
            what = imei.problem(number)
            if number.isdigit() and what in (imei.CHECK_DIGIT, imei.NO_CHECK_DIGIT, imei.IMEISV, imei.ZEROS):
                reason = self.env["crm.imei"]._problem_text(what)
                return self.env._("%(number)s is no IMEI: %(reason)s.", number=number, reason=reason)
            return self.env._("Nothing here has the number %s. Scan it again.", number or "–")
        hold = lot.hold_ids.filtered(lambda hold: hold.state == "held")[:1]
        if hold:
            return self.env._(
                "%(number)s (%(product)s) is for order %(order)s, which isn't on this run. Put it back.",
                number=number,
                product=lot.product_id.display_name,
                order=hold.order_id.name,
            )
        same = self.unit_ids.filtered(lambda unit: unit.product_id == lot.product_id and not unit.loaded_quantity)
        if same:
            return self.env._(
                "%(number)s is another %(product)s than the one on the list. Put it back and take %(expected)s.",
                number=number,
                product=lot.product_id.display_name,
                expected=", ".join(same.lot_id.mapped("name")),
            )
        return self.env._(
            "%(number)s is a %(product)s, which isn't on this run's list. Put it back.",
            number=number,
            product=lot.product_id.display_name,
        )

    def _find_lot(self, number):
        """Return the unit of that number, unless it is another company's."""
        lots = self.env["crm.imei"]._find([number]).lot_id
        lots = lots or self.env["stock.lot"].search([("name", "=", number)], limit=5)
        return lots.filtered(lambda lot: lot.company_id in (self.company_id, self.env["res.company"]))[:1]

    # === EQUIPMENT === #

    def _find_terminal(self, code):
        domain = [("serial", "=ilike", code.replace("%", r"\%").replace("_", r"\_"))]
        return self.env["crm.courier.terminal"].search([*domain, ("company_id", "=", self.company_id.id)], limit=1)

    def _take_terminal(self, terminal):
        """Take a free card terminal along."""
        if terminal.run_id and terminal.run_id != self:
            message = self.env._(
                "%(terminal)s is with %(courier)s on %(run)s.",
                terminal=terminal.display_name,
                courier=terminal.run_id.user_id.name,
                run=terminal.run_id.name,
            )
            return {"ok": False, "message": message}
        self.terminal_id = terminal
        return {"ok": True, "message": self.env._("%s goes along.", terminal.display_name)}

    def _prepare_loading(self):
        """Begin loading anew: nothing is loaded, and the equipment list is as it is kept now."""
        self.unit_ids._as_step().write({"loaded_quantity": 0, "loaded_by_id": False, "loaded_at": False})
        self.equipment_ids.sudo().unlink()
        equipment = self.env["crm.courier.equipment"].sudo().search([])
        self.env["crm.courier.equipment.check"].sudo().create(
            [
                {"run_id": run.id, "equipment_id": thing.id, "is_needed": run._needs(thing)}
                for run in self
                for thing in equipment
            ]
        )

    def _needs(self, equipment):
        return equipment.needed == "always" or (equipment.needed == "card" and self.needs_terminal)

    # === CHECKS === #

    def _loading_problems(self):
        """Hook: return what is still to be loaded or taken along (SOP-7, SOP-12c)."""
        self.stop_ids._check_units_current()
        missing = self.unit_ids.filtered(lambda unit: unit.loaded_quantity < unit.quantity)
        problems = [self.env._("Not loaded: %s", unit.display_name) for unit in missing]
        if not self.unit_ids:
            problems.append(self.env._("There is nothing to load."))
        unready = self.stop_ids.picking_id.filtered(lambda picking: picking.state != "assigned")
        problems += [self.env._("%s isn't ready: its goods aren't all reserved.", picking.name) for picking in unready]
        wanted = self.equipment_ids.filtered(lambda check: check.is_needed and not check.taken_at)
        problems += [self.env._("Not taken along: %s", check.equipment_id.name) for check in wanted]
        if self.needs_terminal and not self.terminal_id:
            problems.append(self.env._("An order is to be paid by card: choose the card terminal that goes along."))
        return problems
