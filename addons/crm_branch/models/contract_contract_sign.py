from odoo import api, fields, models
from odoo.exceptions import UserError

from ..scan_file import recognise

#: A signature drawn on the screen, and a scan of the signed paper.
FILES = {"signature": "signature_sha256", "signed_scan": "scan_sha256"}


class ContractContract(models.Model):
    """What the customer signs, and the proof of it: drawn on the screen or scanned, with its fingerprint (BR-4)."""

    _inherit = "contract.contract"

    form_id = fields.Many2one("crm.contract.form", compute="_compute_form_id", compute_sudo=True)
    form_version_id = fields.Many2one(
        "crm.material.version",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Of the headquarters' form that the customer has signed.",
    )
    clauses = fields.Html(readonly=True, copy=False, help="Of the form, as they were when the customer signed.")
    check_ids = fields.One2many(
        "crm.contract.check",
        "contract_id",
        "Check List",
        copy=False,
        groups="account.group_account_invoice,crm_branch.group_service_officer,crm_branch.group_retention_officer,crm_branch.group_branch_manager,crm_branch.group_headquarters",
    )
    signature = fields.Binary(copy=False, attachment=True)
    signed_scan = fields.Binary("Scan of the Signed Contract", copy=False, attachment=True)
    signed_scan_name = fields.Char(copy=False)
    signed_by = fields.Char(copy=False, help="Name of who signs, where it isn't the customer.")
    signed_at = fields.Datetime(readonly=True, copy=False)
    signed_on = fields.Date(readonly=True, copy=False, index="btree_not_null", help="Day at the branch.")
    signature_sha256 = fields.Char("Signature’s SHA-256", readonly=True, copy=False)
    scan_sha256 = fields.Char("Scan’s SHA-256", readonly=True, copy=False)
    checks_done = fields.Char("Checked", compute="_compute_checks_done", help="Lines of the check list ticked off.")
    missing = fields.Text(
        "Still Missing", compute="_compute_missing", help="What keeps the contract from being signed."
    )

    _signed_when = models.Constraint(
        "CHECK(branch_id IS NULL OR approval_state IN ('draft', 'returned', 'cancelled') OR signed_at IS NOT NULL"
        " OR officer_id IS NULL)",
        "A signed contract was signed at a moment.",
    )
    _number_of_signed = models.UniqueIndex(
        "(company_id, code) WHERE signed_at IS NOT NULL", "A signed contract has this number already."
    )

    # === COMPUTE METHODS === #

    @api.depends("contract_template_id")
    def _compute_form_id(self):
        forms = self.env["crm.contract.form"].search([("template_id", "in", self.contract_template_id.ids)])
        of_template = {form.template_id: form for form in forms}
        for contract in self:
            contract.form_id = of_template.get(contract.contract_template_id, False)

    @api.depends("check_ids.is_checked")
    def _compute_checks_done(self):
        for contract in self:
            checks = contract.check_ids
            contract.checks_done = f"{len(checks.filtered('is_checked'))}/{len(checks)}"

    @api.depends(
        "approval_state",
        "check_ids.is_present",
        "contract_line_ids",
        "contract_template_id",
        "date_end",
        "partner_id",
        "signature",
        "signed_scan",
    )
    @api.depends_context("lang")
    def _compute_missing(self):
        for contract in self:
            drafted = contract.approval_state == "draft" and contract.contract_type != "purchase"
            contract.missing = "\n".join(contract._problems()) if drafted else False

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: the check list is that of the form."""
        contracts = super().create(vals_list)
        contracts._customers()._list_checks()
        return contracts

    def write(self, vals):
        """Override: likewise."""
        result = super().write(vals)
        if "contract_template_id" in vals:
            self._customers()._list_checks()
        return result

    def _list_checks(self):
        """Give each contract the check list of its form, and keep what is ticked."""
        checks = self.env["crm.contract.check"].sudo()
        for contract in self:
            wanted = contract.form_id.sudo().requirement_ids
            listed = contract.sudo().check_ids
            gone = listed.filtered(lambda check, wanted=wanted: check.requirement_id not in wanted)
            missing = wanted - listed.requirement_id
            gone.unlink()
            checks.create([{"contract_id": contract.id, "requirement_id": requirement.id} for requirement in missing])

    # === BUSINESS METHODS === #

    def _problems(self):
        """Return what keeps the contract from being signed, each in words."""
        self.ensure_one()
        return [
            *self._missing_terms(),
            *self._missing_fields(),
            *self._missing_checks(),
            *self._missing_signature(),
        ]

    def _missing_terms(self):
        """Return what lacks in lines and dates."""
        lines = self.contract_line_ids.filtered(lambda line: not line.display_type and not line.is_canceled)
        if not lines:
            yield self.env._("Lines: what the customer subscribes to")
        for line in lines:
            if line.quantity <= 0 or line.price_unit < 0 or not 0 <= line.discount <= 100:
                yield self.env._("A quantity, a price and a discount that make sense: %s", line.name)
        if self.recurring_interval < 1:
            yield self.env._("How often it is invoiced")
        if not self.contract_template_id:
            yield self.env._("The form")
        elif not self._form_version():
            yield self.env._("A form that is in force: headquarters has published another one, or none")

    def _missing_fields(self):
        """Return the labels of what the form requires and isn't filled in."""
        form = self.form_id.sudo()
        for record, names in (
            (self.partner_id, form.partner_field_ids.mapped("name")),
            (self, form.contract_field_ids.mapped("name")),
        ):
            record_sudo = record.sudo()
            empty = [name for name in names if name in record._fields and not record_sudo[name]]
            labels = record_sudo.fields_get(empty, ["string"]) if empty else {}
            yield from (labels[name]["string"] for name in empty)

    def _missing_checks(self):
        """Return what of the check list isn't there yet."""
        missing = self.check_ids.filtered(lambda check: not check.is_present and check.requirement_id.is_required)
        return missing.mapped("requirement_id.name")

    def _missing_signature(self):
        if not (self.signature or self.signed_scan):
            yield self.env._("The customer’s signature, on the screen or as a scan")

    def _fingerprints(self):
        """Return the SHA-256 of signature and scan, for the fields that keep them."""
        contract = self.sudo().with_context(bin_size=False)
        files = {kept: recognise(contract[name]) for name, kept in FILES.items() if contract[name]}
        return {kept: files[kept].sha256 if files.get(kept) else False for kept in FILES.values()}

    def _check_files(self):
        """Check that signature and scan are pictures or a PDF, of a size that can be kept."""
        for contract in self.sudo().with_context(bin_size=False):
            for name in FILES:
                if contract[name] and not recognise(contract[name]):
                    raise UserError(
                        self.env._(
                            "%s: only a PDF, PNG or JPEG file of at most 10 MB can be kept.",
                            contract._fields[name]._description_string(self.env),
                        )
                    )

    def _check_fingerprints(self):
        """Check that signature and scan are those that were taken."""
        for contract in self:
            taken = {kept: contract[kept] for kept in FILES.values()}
            if contract._fingerprints() != taken or not any(taken.values()):
                raise UserError(
                    self.env._(
                        "%s: the signature isn’t the one that was taken. Return the contract: it needs a new one.",
                        contract.display_name,
                    )
                )

    def _consent(self):
        """Return the customer's consent to prepare a contract, as the print shows it."""
        purpose = self.env.ref("crm_branch.consent_purpose_contract")
        consents = self.sudo().partner_id.with_company(self.company_id)._valid_consents()
        return consents.filtered(lambda consent: consent.purpose_id == purpose)[:1]

    def _approver(self):
        """Return who has approved the contract, if somebody has, with all rights: for their name."""
        users = [user for user, contracts in self._actors("approve").items() if self in contracts]
        return self.env["res.users"].sudo().browse(users)

    # === WORKFLOW === #

    def _check_transition(self, transition):
        """Override: nothing is signed that lacks something, and nothing goes on without the signature as it was."""
        if transition.name == "sign":
            self._check_consent()
            self._check_files()
            for contract in self:
                if problems := contract._problems():
                    raise UserError(
                        self.env._(
                            "%(contract)s can’t be signed yet. Missing:\n%(what)s",
                            contract=contract.display_name,
                            what="\n".join(f"• {problem}" for problem in problems),
                        )
                    )
        elif transition.name in ("submit", "approve", "accept"):
            self._check_fingerprints()
            if transition.name == "approve":
                self._check_checked()
        return super()._check_transition(transition)

    def _check_checked(self):
        """Check that the manager has ticked off the whole list, and that the data is still there (BR-6)."""
        for contract in self:
            open_checks = contract.check_ids.filtered(
                lambda check: check.requirement_id.is_required and not check.is_checked
            )
            missing = [*open_checks.mapped("requirement_id.name"), *contract._missing_fields()]
            if missing:
                raise UserError(
                    self.env._(
                        "%(contract)s can’t be approved: check first\n%(what)s",
                        contract=contract.display_name,
                        what="\n".join(f"• {name}" for name in missing),
                    )
                )

    def _record_transition(self, transition, reason):
        """Override: what was signed is noted at this moment, between the checks and the new state; prices of a price
        list no longer follow it.
        """
        if transition.name == "sign":
            self._by_step()._note_signature()
        return super()._record_transition(transition, reason)

    def _note_signature(self):
        self.contract_line_ids._freeze_prices()
        self._reset_next_dates()
        for contract in self:
            form = contract.form_id.sudo().with_context(lang=contract.partner_id.lang)
            contract.write(
                {
                    "officer_id": self.env.uid,
                    "signed_at": fields.Datetime.now(),
                    "signed_on": contract.branch_id.sudo()._today(),
                    "form_version_id": contract._form_version().id,
                    "clauses": form.clauses,
                    **contract._fingerprints(),
                }
            )

    def _form_version(self):
        """Return the version in force of the headquarters' form, for the branch; none where another one is."""
        self.ensure_one()
        domain = [
            ("contract_template_id", "=", self.contract_template_id.id),
            ("state", "=", "published"),
            ("company_id", "=", self.company_id.id),
        ]
        versions = self.env["crm.material.version"].sudo().search(domain)
        for_branch = versions.filtered(lambda version: self.branch_id in version.material_id._addressees())
        return for_branch[:1].sudo(False)

    def _after_transition(self, transition):
        """Override: a contract that is prepared anew needs a new signature; the old one's fingerprint is remembered."""
        result = super()._after_transition(transition)
        if transition.name in ("void", "rework"):
            for contract in self:
                taken = contract.signature_sha256 or contract.scan_sha256
                contract._message_log(body=self.env._("The signature is void (SHA-256 %s).", taken))
            self._by_step().write(
                {
                    "signature": False,
                    "signed_scan": False,
                    "signed_scan_name": False,
                    "signed_at": False,
                    "signed_on": False,
                    "form_version_id": False,
                    "clauses": False,
                    **dict.fromkeys(FILES.values(), False),
                }
            )
            self.check_ids._untick()
        return result
