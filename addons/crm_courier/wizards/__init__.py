from . import crm_courier_count
from . import crm_courier_outcome
