from . import crm_courier_count
from . import crm_courier_outcome

# Damaged goods, carriers.
from . import crm_courier_check
from . import crm_courier_answer
from . import crm_courier_carrier_proof
from . import crm_courier_release
