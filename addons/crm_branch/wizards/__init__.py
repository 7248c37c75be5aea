# contracts
from . import crm_contract_contact
from . import crm_contract_terminate

# materials, consents, export and erasure
from . import crm_consent_take
from . import crm_offer_present
from . import crm_person_erase

# contracts
