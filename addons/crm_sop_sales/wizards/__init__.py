from . import base_partner_merge
from . import crm_imei_swap
from . import crm_imei_receipt
from . import crm_imei_tac_load
from . import mail_activity_schedule
from . import crm_day_book
from . import crm_complaint_choice

# inquiry
from . import crm_lead_lost
from . import crm_cancellation_confirm

# bank transfer
from . import account_statement_import
from . import account_statement_format
from . import crm_transfer_confirm
from . import crm_transfer_refund
from . import crm_workflow_reason
from . import crm_payment_choice
