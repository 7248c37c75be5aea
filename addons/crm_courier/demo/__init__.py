from . import crm_courier_runs
