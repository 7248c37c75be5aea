# materials, consents, export and erasure
from . import test_consent
from . import test_consent_take
from . import test_material
from . import test_material_analysis
from . import test_material_receipt
from . import test_offer_presented
from . import test_person_erase
from . import test_person_words

from . import test_roles
from . import test_contract_workflow
from . import test_contract_ending
from . import test_contract_form
from . import test_contract_handing
from . import test_contract_periods
from . import test_contract_print
from . import test_contract_attacks
from . import test_contract_race
from . import test_campaign
from . import test_complaint_report
from . import test_counter_sale
from . import test_customer_won
from . import test_display_task
from . import test_sales_meeting
from . import test_stock_norm

# cash desk
from . import test_bad_input
from . import test_file_guard
from . import test_cash_find
from . import test_cash_payment
from . import test_cash_session
from . import test_contract_lead
from . import test_contract_notice

# everybody's tasks
from . import test_duties

# targets
from . import test_branch_dashboard
