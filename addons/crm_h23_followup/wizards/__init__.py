# schedule, follow-ups and the call screen
from . import crm_followup_call
from . import crm_followup_hand_out

# bookings
from . import crm_service_choice_mixin
from . import crm_service_book
from . import crm_service_done
from . import crm_service_slot_copy
from . import crm_followup_call_booking
from . import crm_followup_call_phone
