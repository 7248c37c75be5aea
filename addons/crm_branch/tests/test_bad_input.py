"""What people type wrongly at a branch gets a clear refusal, and loses nothing (the list “branch” of the notes)."""

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .contract_common import ContractCase

#: Documents that a person makes at a branch: model → values without it.
DOCUMENTS = {
    "crm.campaign": {"name": "Fibre"},
    "crm.complaint.report": {"kind": "grievance"},
    "crm.display.task": {"name": "Window", "date_due": "2031-01-01"},
    "crm.sales.plan": {"month": "2031-01-01", "target": 5},
}


@tagged("post_install", "-at_install")
class TestBadInput(ContractCase):
    def test_record_without_branch(self):
        """BR-16: no document without a branch: whoever belongs to none is told to choose one."""
        groups = "service_officer,crm_branch.group_retention_officer,crm_branch.group_branch_manager"
        nobody = self._create_user("test_nowhere", f"crm_branch.group_{groups}", self.env["crm.branch"])
        for model, values in DOCUMENTS.items():
            for branch in ({}, {"branch_id": False}, {"branch_id": 0}):
                documents = self.env[model].with_user(nobody)
                with self.subTest(model, **branch), self.assertRaisesRegex(UserError, "belongs to a branch"):
                    documents.create({**values, **branch})

    def test_contract_without_branch(self):
        """BR-4: a customer's contract is of a point of sale, and stays so."""
        with self.assertRaisesRegex(UserError, "belongs to a point of sale"):
            self._prepare_contract(branch_id=False)
        contract = self._prepare_contract()
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            contract.branch_id = False
            self.env.flush_all()

    def test_sibling_s_contract(self):
        """BR-17: no step on a contract of another branch, by whoever has the same task there."""
        contract = self._submitted()
        theirs = contract.with_user(self.branch_manager_b)
        for step in (theirs.action_approve, theirs.check_ids.read, lambda: theirs._workflow_do("return", "x")):
            with self.assertRaises(AccessError):
                step()
        with self.assertRaises(AccessError):
            self.env["crm.contract.contact"].with_user(self.retention_officer_b).create(
                {"contract_id": contract.id, "outcome": "extend"}
            ).action_confirm()
        self.assertEqual(contract.approval_state, "submitted")

    def test_unsigned(self):
        """BR-5: an unsigned contract is neither handed in nor approved."""
        contract = self._prepare_contract()
        for user, step in (
            (self.service_officer_a, "submit"),
            (self.branch_manager_a, "approve"),
            (self.service_officer_a, "send"),
            (self.clerk, "accept"),
        ):
            with self.subTest(step), self.assertRaisesRegex(UserError, "Draft"):
                contract.with_user(user)._workflow_do(step)

    def test_approved_twice(self):
        """BR-6: the second click says in which state it is, and changes nothing."""
        contract = self._approved()
        history = self._history(contract)
        with self.assertRaisesRegex(UserError, "Approved"):
            contract.with_user(self.branch_manager_a).action_approve()
        self.assertEqual(self._history(contract), history)

    def test_end_before_start(self):
        """BR-4: neither a contract nor a campaign ends before it begins; a contract isn't ended before today."""
        contract = self._prepare_contract()
        days = {"date_start": self._day(), "date_end": self._day(days=-1)}
        for do in (lambda: contract.write(days), lambda: self._prepare_contract(**days)):
            with self.assertRaisesRegex(UserError, "can't end before it starts"):
                do()
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["crm.campaign"].with_user(self.service_officer_a).create(
                {"name": "Fibre", "date_start": days["date_start"], "date_end": days["date_end"]}
            )
            self.env.flush_all()
        active = self._active()
        reason = self.env.ref("crm_branch.crm_contract_lost_reason_price")
        vals = {"contract_id": active.id, "reason_id": reason.id, "date": self._day(days=-3)}
        with self.assertRaises(UserError):
            self.env["crm.contract.terminate"].with_user(self.branch_manager_a).create(vals).action_confirm()
        self.assertEqual(active.approval_state, "active")
