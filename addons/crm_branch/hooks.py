from odoo.tools import SQL


def post_init_hook(env):
    """Let the customers' contracts that were there before go on: they are active at their company's main branch."""
    domain = [("contract_type", "!=", "purchase"), ("branch_id", "=", False)]
    contracts = env["contract.contract"].with_context(active_test=False).search(domain)
    for company, theirs in contracts.grouped("company_id").items():
        env.cr.execute(
            SQL(
                "UPDATE contract_contract SET branch_id = %s, approval_state = 'active' WHERE id = ANY(%s)",
                company._main_branch().id,
                list(theirs.ids),
            )
        )
    contracts.invalidate_recordset()
