# vehicles and their import
from . import test_vehicle
from . import test_import
