# vehicles and their import
from . import crm_vehicle
from . import crm_vehicle_partner
from . import crm_vehicle_service
from . import crm_vehicle_import_header
from . import crm_vehicle_import_mapping
from . import crm_vehicle_import
from . import crm_vehicle_import_column
from . import crm_vehicle_import_row
from . import crm_vehicle_import_read
from . import crm_vehicle_import_classify
from . import crm_vehicle_import_apply
from . import crm_vehicle_import_left
