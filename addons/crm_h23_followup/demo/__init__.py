# vehicles and their import
from . import vehicle_story

# schedule, follow-ups and the call screen
from . import followup_story

# bookings
from . import booking_story
