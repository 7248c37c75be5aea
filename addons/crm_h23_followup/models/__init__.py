# vehicles and their import
from . import crm_vehicle
