# vehicles and their import
from . import test_vehicle
from . import test_import
from . import test_import_conflicts
from . import test_import_services
from . import test_import_bad_files
from . import test_import_rights
from . import test_vehicle_partner
from . import test_import_fuzz
