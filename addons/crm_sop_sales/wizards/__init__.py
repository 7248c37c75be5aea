from . import crm_imei_swap
