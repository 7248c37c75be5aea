from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

OFFICERS = ("crm_branch.group_service_officer",)
LEADERS = ("crm_branch.group_branch_manager", "crm_branch.group_headquarters")
TODO = "mail.mail_activity_data_todo"
#: What stays open whatever the state: conversation, hand-outs.
LOOSE = ("message_ids", "message_follower_ids", "activity_ids", "handout_ids", "handed_out", "color")
#: What follows from the steps.
FACTS = ("utm_campaign_id", "company_id", "purchase_id", "handed_out", "received_at")


class CrmCampaign(models.Model):
    """A branch's leaflets: own design or the headquarters', printed by an outside printer, handed out by staff or hired
    people; leads and contracts that come of it are traced by the campaign of Odoo's marketing (BR-14).

    The officer prepares the printing order; the branch's manager or the headquarters confirms it.
    """

    _name = "crm.campaign"
    _description = "Leaflet Campaign"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.branch.mixin", "crm.kept.mixin", "crm.file.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    _workflow = Workflow(
        states={
            "draft": "Draft",
            "requested": "Print Requested",
            "ordered": "Being Printed",
            "received": "Handing Out",
            "closed": "Closed",
        },
        transitions=(
            Transition(
                "request", ("draft",), "requested", OFFICERS, requires=("vendor_id", "artwork", "quantity", "price")
            ),
            Transition("return", ("requested",), "draft", LEADERS, reason=True),
            Transition("order", ("requested",), "ordered", LEADERS, other_than="request"),
            Transition("receive", ("ordered",), "received", OFFICERS, requires=("received_quantity",)),
            Transition("close", ("received",), "closed", (*OFFICERS, *LEADERS)),
            Transition("reopen", ("closed",), "received", LEADERS, reason=True),
        ),
        locked={
            "requested": (ALL_BUT, *FACTS, *LOOSE),
            "ordered": (ALL_BUT, "received_quantity", *FACTS, *LOOSE),
            "received": (ALL_BUT, *FACTS, *LOOSE),
            "closed": (ALL_BUT, *FACTS, *LOOSE),
        },
        deletable=("draft",),
    )
    _kept = frozenset(FACTS)
    _papers = ("artwork",)

    state = _workflow.state_field(index=True, tracking=True, group_expand=True)
    name = fields.Char(required=True)
    user_id = fields.Many2one(
        "res.users", "Responsible", required=True, default=lambda self: self.env.user, index=True, copy=False
    )
    utm_campaign_id = fields.Many2one(
        "utm.campaign",
        "Marketing Campaign",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Choose it on a lead, and the lead, its orders and contracts are traced to these leaflets.",
    )
    date_start = fields.Date("From", required=True, default=fields.Date.context_today)
    date_end = fields.Date("Until")
    design = fields.Selection(
        [("own", "Own Design"), ("headquarters", "Headquarters' Design")], required=True, default="own"
    )
    material_version_id = fields.Many2one(
        "crm.material.version",
        "Leaflet",
        domain="[('kind', '=', 'leaflet'), ('state', '=', 'published')]",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
    )
    artwork = fields.Binary(attachment=True, copy=False, help="What the printer gets: PDF, JPEG or PNG.")
    artwork_name = fields.Char(copy=False)
    vendor_id = fields.Many2one(
        "res.partner", "Printer", index="btree_not_null", ondelete="restrict", check_company=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    price = fields.Float("Price per Leaflet", digits="Product Price", copy=False)
    quantity = fields.Integer("Print Run")
    amount = fields.Monetary("Cost", compute="_compute_amount")
    purchase_id = fields.Many2one(
        "purchase.order", "Printing Order", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    purchase_name = fields.Char("Printing Order No.", related="purchase_id.name", compute_sudo=True)
    received_quantity = fields.Integer("Received", copy=False, help="How many leaflets have arrived.")
    received_at = fields.Datetime("Received On", readonly=True, copy=False)
    handout_ids = fields.One2many("crm.campaign.handout", "campaign_id", "Hand-outs")
    handed_out = fields.Integer(compute="_compute_handed_out", store=True, copy=False)
    remaining = fields.Integer("Left", compute="_compute_remaining")
    lead_count = fields.Integer("Leads", compute="_compute_traced")
    contract_count = fields.Integer("Contracts", compute="_compute_traced")
    color = fields.Integer()

    _never_more = models.Constraint(
        "CHECK(handed_out <= received_quantity OR handed_out = 0)",
        "More leaflets can't be handed out than have arrived.",
    )
    _not_negative = models.Constraint(
        "CHECK(quantity >= 0 AND received_quantity >= 0 AND price >= 0)", "Quantities and prices aren't negative."
    )
    _days = models.Constraint("CHECK(date_end >= date_start)", "A campaign ends after it begins.")
    _own_utm = models.UniqueIndex("(utm_campaign_id) WHERE utm_campaign_id IS NOT NULL", "This is traced already.")

    # === COMPUTE METHODS === #

    @api.depends("price", "quantity")
    def _compute_amount(self):
        for campaign in self:
            campaign.amount = campaign.currency_id.round(campaign.price * campaign.quantity)

    @api.depends("handout_ids.quantity")
    def _compute_handed_out(self):
        groups = (
            self.env["crm.campaign.handout"]
            .sudo()
            ._read_group([("campaign_id", "in", self.ids)], ["campaign_id"], ["quantity:sum"])
        )
        sums = {campaign.id: quantity for campaign, quantity in groups}
        for campaign in self:
            campaign.handed_out = sums.get(campaign.id, 0)

    @api.depends("received_quantity", "handed_out")
    def _compute_remaining(self):
        for campaign in self:
            campaign.remaining = campaign.received_quantity - campaign.handed_out

    @api.depends("utm_campaign_id")
    @api.depends_context("uid")
    def _compute_traced(self):
        """Count what the user may see of what came of the campaigns."""
        ids = self.utm_campaign_id.ids
        leads = self._count_by_campaign("crm.lead", "campaign_id", ids)
        contracts = self._count_by_campaign("contract.contract", "lead_id.campaign_id", ids)
        for campaign in self:
            campaign.lead_count = leads.get(campaign.utm_campaign_id.id, 0)
            campaign.contract_count = contracts.get(campaign.utm_campaign_id.id, 0)

    def _count_by_campaign(self, model, path, ids):
        """Return marketing campaign id → how many of its documents the user may read."""
        documents = self.env[model].with_context(active_test=False)
        if not ids or not documents.has_access("read"):
            return {}
        first, *rest = path.split(".")
        groups = documents._read_group([(path, "in", ids)], [first], ["__count"])
        counts = {}
        for record, count in groups:
            id_ = record.sudo()[rest[0]].id if rest else record.id
            counts[id_] = counts.get(id_, 0) + count
        return counts

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: each has its campaign of Odoo's marketing, by which leads are traced."""
        campaigns = super().create(vals_list)
        for campaign in campaigns.sudo():
            title = f"{campaign.branch_id.code} · {campaign.name}"
            campaign.utm_campaign_id = (
                self.env["utm.campaign"].sudo().create({"title": title, "user_id": campaign.user_id.id})
            )
        return campaigns

    # === ACTION METHODS === #

    def action_request(self):
        """Ask for the printing order to be confirmed."""
        return self._workflow_do("request")

    def action_order(self):
        """Confirm the printing order: the printer gets it with the artwork."""
        return self._workflow_do("order")

    def action_receive(self):
        """Note that the leaflets have arrived."""
        return self._workflow_do("receive")

    def action_close(self):
        """End the campaign."""
        return self._workflow_do("close")

    def action_view_leads(self):
        """Open the leads that came of the campaign; a new one is traced to it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_all_leads")
        context = {"default_campaign_id": self.utm_campaign_id.id, "default_type": "opportunity", "active_test": False}
        return {**action, "domain": [("campaign_id", "=", self.utm_campaign_id.id)], "context": context}

    def action_view_contracts(self):
        """Open the contracts of the leads that came of the campaign."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("contract.action_customer_contract")
        domain = [("lead_id.campaign_id", "=", self.utm_campaign_id.id)]
        return {**action, "domain": domain, "context": {"create": False}}

    # === WORKFLOW === #

    def _check_transition(self, transition):
        """Override: a design of the headquarters is one that is in force; no order without what is to be printed."""
        if transition.name == "request":
            for campaign in self.filtered(lambda campaign: campaign.design == "headquarters"):
                version = campaign.material_version_id.sudo()
                if version.kind != "leaflet" or version.state != "published":
                    raise UserError(
                        self.env._("%s: choose the headquarters' leaflet that is in force now.", campaign.display_name)
                    )
        return super()._check_transition(transition)

    def _before_transition(self, transition):
        """Override: note when the leaflets came."""
        if transition.name == "receive":
            self.sudo().received_at = fields.Datetime.now()
        return super()._before_transition(transition)

    def _after_transition(self, transition):
        """Override: the printing order follows."""
        for campaign in self.sudo():
            campaign.activity_unlink([TODO], only_automated=True)
            campaign._follow_up(transition)
        return super()._after_transition(transition)

    def _follow_up(self, transition):
        """Let the printing order follow, with all rights: who acts was checked."""
        self.ensure_one()
        if transition.name == "request":
            self.purchase_id = self.env["purchase.order"].create(self._prepare_purchase_vals())
            if manager := self.branch_id.head_id:
                self.activity_schedule(TODO, None, self.env._("Confirm the printing order"), user_id=manager.id)
        elif transition.name == "return":
            self.purchase_id.button_cancel()
            self.purchase_id = False
        elif transition.name == "order":
            self.purchase_id.button_confirm()
            self._send_to_printer()
        elif transition.name == "receive":
            self.purchase_id.order_line.qty_received = self.received_quantity

    def _send_to_printer(self):
        """Send the printer the order with the artwork, from the order's chatter."""
        artwork = self.env["ir.attachment"].create(
            {
                "name": self.artwork_name or self.name,
                "datas": self.artwork,
                "res_model": "purchase.order",
                "res_id": self.purchase_id.id,
            }
        )
        self.purchase_id.message_post(
            subject=self.env._(
                "Printing order %(number)s of %(branch)s", number=self.purchase_id.name, branch=self.branch_id.name
            ),
            body=self.env._(
                "Please print %(quantity)s copies of the attached artwork: %(name)s.",
                quantity=self.quantity,
                name=self.name,
            ),
            partner_ids=self.vendor_id.ids,
            attachment_ids=artwork.ids,
            subtype_xmlid="mail.mt_comment",
        )

    # === CHECKS === #

    def _check_handouts(self):
        """Check that leaflets are there and no more were handed out than have arrived."""
        for campaign in self.sudo():
            if campaign.state != "received":
                raise UserError(
                    self.env._("%s: leaflets are handed out after they have arrived.", campaign.display_name)
                )
            if campaign.handed_out > campaign.received_quantity:
                raise UserError(
                    self.env._(
                        "%(campaign)s: %(received)s leaflets have arrived, so %(handed)s can't be handed out.",
                        campaign=campaign.display_name,
                        received=campaign.received_quantity,
                        handed=campaign.handed_out,
                    )
                )

    # === BUSINESS METHODS === #

    def _prepare_purchase_vals(self):
        self.ensure_one()
        product = self.company_id.campaign_product_id
        if not product:
            raise UserError(
                self.env._("Say first as which product leaflets are bought (Settings → Points of Sale → Campaigns).")
            )
        line = {
            "name": f"{product.display_name}: {self.name}",
            "product_id": product.id,
            "product_qty": self.quantity,
            "price_unit": self.price,
        }
        return {
            "partner_id": self.vendor_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "origin": self.name,
            "user_id": self.user_id.id,
            "order_line": [Command.create(line)],
        }
