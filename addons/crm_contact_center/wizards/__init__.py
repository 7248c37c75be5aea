from . import base_partner_merge
from . import crm_queue_contact_step
