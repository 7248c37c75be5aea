from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..scan_file import recognise

TAKE = ("crm_branch.group_service_officer",)
WITHDRAW = (*TAKE, "crm_branch.group_retention_officer", "crm_branch.group_headquarters")


class ResPartner(models.Model):
    """What a customer lets us do with their data (BR-3)."""

    _inherit = "res.partner"

    consent_ids = fields.One2many("crm.consent", "partner_id", "Consents", groups="crm_base.group_officer")
    consent_count = fields.Integer("Valid Consents", compute="_compute_consent_count", groups="crm_base.group_officer")

    # === COMPUTE METHODS === #

    @api.depends("consent_ids.withdrawn_at")
    @api.depends_context("company")
    def _compute_consent_count(self):
        """Count the valid ones, wherever they were given: which is no secret between branches, the paper is."""
        counts = dict(self.env["crm.consent"].sudo()._read_group(self._consent_domain(), ["partner_id"], ["__count"]))
        for partner in self:
            partner.consent_count = counts.get(partner._consenting(), 0)

    # === ACTION METHODS === #

    def action_view_consents(self):
        """Open the customer's consents, withdrawn ones too."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_consent_action")
        return {**action, "domain": [("partner_id", "=", self._consenting().id)], "context": {}}

    def action_take_consents(self):
        """Open the window in which consents are given and withdrawn at the counter."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_consent_take_action")
        return {**action, "context": {"default_partner_id": self._consenting().id}}

    # === BUSINESS METHODS === #

    def _consenting(self):
        """Return who consents: the customer; for a mere address of theirs, the customer whose address it is."""
        return self.commercial_partner_id if self.parent_id and self.type not in (False, "contact") else self

    def _consent_domain(self):
        people = self.browse().union(*(partner._consenting() for partner in self)).ids
        return [("partner_id", "in", people), ("withdrawn_at", "=", False), ("company_id", "=", self.env.company.id)]

    def _valid_consents(self):
        """Return the customers' valid consents to the current company, whichever branch has taken them; with all
        rights: what they say isn't for every branch.
        """
        return self.env["crm.consent"].sudo().search(self._consent_domain())

    def _with_consent(self, purpose):
        """Return those of the customers who have given consent for the purpose, and not withdrawn it: one query.

        :param purpose: a `crm.consent.purpose`, for instance ``crm_branch.consent_purpose_contract``
        """
        given = self._valid_consents().filtered(lambda consent: consent.purpose_id == purpose).partner_id
        return self.filtered(lambda partner: partner._consenting() in given)

    def _has_consent(self, purpose):
        """Return whether all of these customers, and at least one, have given consent for the purpose (BR-3).

        :param purpose: a `crm.consent.purpose`
        """
        return bool(self) and self._with_consent(purpose) == self

    def _require_consent(self, purpose):
        """Check that the customers have given consent for the purpose (BR-3).

        :param purpose: a `crm.consent.purpose`
        :raise UserError: one hasn't; says what to do
        """
        if missing := self - self._with_consent(purpose):
            raise UserError(
                self.env._(
                    "%(customers)s: there is no consent for “%(purpose)s”. Ask for it first: open the contact, press "
                    "“Consents”, read the wording to the customer and tick it.",
                    customers=", ".join(missing.mapped("display_name")),
                    purpose=purpose.sudo().name,
                )
            )

    def _give_consent(self, purposes, channel, lang=None, scan=None, scan_name=None):
        """Note that the customers consent now, to the user, at the user's branch (BR-3).

        :param purposes: `crm.consent.purpose` records
        :param str channel: paper, screen, phone or email
        :param str lang: language in which the wording was shown; by default the customer's
        :param scan: base64 of the signed paper: PDF, JPEG or PNG of at most 10 MB
        :return: the new consents
        :raise AccessError: the user takes no consents
        :raise UserError: consent was given already; the scan is no such file; the user belongs to no branch
        """
        self._check_consent_actor(TAKE)
        self.check_access("read")
        people = self.browse().union(*(partner._consenting() for partner in self))
        paper = self._prepare_scan(scan, scan_name)
        self._check_not_given(people, purposes)
        branch = self.env.user.branch_id
        return self.env["crm.consent"]._give(
            [
                {
                    "partner_id": person.id,
                    "branch_id": branch.id,
                    "channel": channel,
                    **purpose._prepare_snapshot(lang or person.lang or self.env.lang),
                    **paper,
                }
                for person in people
                for purpose in purposes
            ]
        )

    def _withdraw_consent(self, purposes, channel, reason=False):
        """Note that the customers withdraw their consent now, whichever branch has taken it (BR-3).

        :raise AccessError: the user notes no withdrawals
        """
        self._check_consent_actor(WITHDRAW)
        self.check_access("read")
        valid = self._valid_consents().filtered(lambda consent: consent.purpose_id in purposes)
        valid.with_env(self.env)._withdraw(channel, reason)

    def _check_consent_actor(self, groups):
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(self.env._("Consents are taken by service officers."))

    def _check_not_given(self, people, purposes):
        if given := people._valid_consents().filtered(lambda consent: consent.purpose_id in purposes)[:1]:
            raise UserError(
                self.env._(
                    "%(customer)s has given consent for “%(purpose)s” already.",
                    customer=given.partner_id.display_name,
                    purpose=given.purpose_id.name,
                )
            )

    def _prepare_scan(self, scan, name):
        if not scan:
            return {}
        found = recognise(scan)
        if not found:
            raise UserError(self.env._("The scan is no PDF, JPG or PNG file of at most 10 MB, whatever its name."))
        stem = (name or self.env._("Consent")).rsplit("/")[-1].rsplit("\\")[-1].rsplit(".", 1)[0][:80]
        return {"scan": scan, "scan_name": f"{stem}.{found.extension}", "scan_sha256": found.sha256}
