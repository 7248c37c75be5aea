from odoo import api, fields, models


class CrmCourierTerminal(models.Model):
    """A card terminal (EDC) that couriers take along, on one run at a time (SOP-12c)."""

    _name = "crm.courier.terminal"
    _description = "Card Terminal"
    _inherit = ["mail.thread"]
    _order = "name"
    _rec_names_search = ["name", "serial"]
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    serial = fields.Char("Terminal ID", required=True, tracking=True, help="As it is on the terminal and on its slips.")
    bank = fields.Char(tracking=True, help="Whose terminal it is.")
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    branch_id = fields.Many2one("crm.branch", check_company=True, index=True, tracking=True)
    run_ids = fields.One2many("stock.picking.batch", "terminal_id", "Runs", readonly=True)
    run_id = fields.Many2one("stock.picking.batch", "Is On", compute="_compute_run_id")

    _serial_uniq = models.UniqueIndex("(company_id, lower(serial))", "There is a terminal with this ID already.")

    # === COMPUTE METHODS === #

    @api.depends("run_ids.run_state")
    def _compute_run_id(self):
        for terminal in self:
            terminal.run_id = terminal.run_ids.filtered(lambda run: run.run_state in run._OUTSIDE)[:1]

    @api.depends("name", "serial")
    def _compute_display_name(self):
        for terminal in self:
            terminal.display_name = f"{terminal.name} ({terminal.serial})" if terminal.serial else terminal.name
