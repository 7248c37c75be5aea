# the books of the demo company
from . import crm_branch_accounts

# materials, offers and consents
from . import papers_story
from . import crm_branch_shop

# contracts
from . import crm_contract_story

# cash desk
from . import crm_cash_story
