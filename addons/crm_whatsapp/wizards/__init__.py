from . import base_partner_merge
from . import crm_whatsapp_blast_start
from . import crm_whatsapp_composer
