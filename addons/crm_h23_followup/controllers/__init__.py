from . import vehicle_import
