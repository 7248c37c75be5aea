from . import crm_courier_cards
from . import crm_courier_runs
from . import crm_courier_signatures
from . import crm_courier_damage
