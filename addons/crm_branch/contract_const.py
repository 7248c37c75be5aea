"""Words that the parts of a contract share."""

#: Said in the context by our own code, which has checked who acts, when it writes what is locked; JSON can't make this
#: object.
STEP = object()

SERVICE = "crm_branch.group_service_officer"
RETENTION = "crm_branch.group_retention_officer"
MANAGER = "crm_branch.group_branch_manager"
HEADQUARTERS = "crm_branch.group_headquarters"
ACCOUNTANT = "account.group_account_manager"

#: What all lines of a contract have in common: when it runs, and how often it is invoiced.
RHYTHM = ("date_start", "date_end", "recurring_rule_type", "recurring_interval", "recurring_invoicing_type")

#: What came of telling a customer that the contract ends (BR-9).
OUTCOMES = [
    ("extend", "Extends"),
    ("not_extend", "Does Not Extend"),
    ("undecided", "Undecided"),
    ("not_reached", "Not Reached"),
]
