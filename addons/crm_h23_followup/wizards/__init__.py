# schedule, follow-ups and the call screen
from . import crm_followup_call
from . import crm_followup_hand_out
