# vehicles and their import
from . import test_vehicle
from . import test_vehicle_service
from . import test_import
from . import test_import_conflicts
from . import test_import_services
from . import test_import_bad_files
from . import test_import_rights
from . import test_vehicle_partner
from . import test_import_fuzz

# schedule, follow-ups and the call screen
from . import test_schedule_version
from . import test_generation
from . import test_handout
from . import test_call_answer
from . import test_call_screen
from . import test_refusal
from . import test_blast

# bookings
from . import test_booking
from . import test_booking_flow
from . import test_booking_screen
from . import test_service_slot
from . import test_booking_race
from . import test_booking_remind
from . import test_booking_report

# daily reports, summary and evaluation
from . import test_daily_report
from . import test_daily_figures
from . import test_report_day
from . import test_summary
from . import test_evaluation
from . import test_success_rate
from . import test_vehicle_owner
