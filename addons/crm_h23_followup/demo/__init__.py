# vehicles and their import
from . import vehicle_story

# schedule, follow-ups and the call screen
from . import followup_story

# bookings
from . import booking_story

# daily reports, summary and evaluation
from . import report_story

# what a customer sees on the portal
from . import portal_story
