# vehicles and their import
from . import test_vehicle
