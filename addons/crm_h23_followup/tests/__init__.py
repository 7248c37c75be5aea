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
from . import test_vehicle_owner
