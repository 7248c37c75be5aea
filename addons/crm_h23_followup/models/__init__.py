# vehicles and their import
from . import crm_vehicle

# schedule, follow-ups and the call screen
from . import crm_followup_mixin
from . import crm_followup_led_mixin
from . import crm_followup_schedule
from . import crm_followup_schedule_line
from . import crm_followup_schedule_step
from . import crm_followup_reason
from . import crm_followup_case
from . import crm_followup_case_schedule
from . import crm_followup_case_service
from . import crm_followup
from . import crm_followup_answer
from . import crm_followup_blast
from . import crm_followup_hand_out
from . import crm_followup_offer
from . import crm_followup_rule
from . import crm_followup_absence
from . import crm_followup_run
from . import crm_followup_run_blast
from . import crm_followup_analysis
from . import crm_branch_followup
from . import crm_vehicle_followup
from . import crm_whatsapp_blast_followup
from . import res_company_followup
from . import res_config_settings_followup
