from . import crm_courier_facts
from . import res_company
from . import res_config_settings
from . import delivery_carrier
from . import crm_courier_terminal
from . import crm_courier_equipment
from . import stock_picking_batch
from . import stock_picking_batch_steps
from . import stock_picking_batch_loading
from . import stock_picking_batch_papers
from . import crm_courier_stop
from . import crm_courier_stop_door
from . import crm_courier_unit

# The courier's phone.
from . import crm_courier_entry
from . import crm_courier_stop_entries
from . import crm_courier_signature
from . import crm_courier_stop_signatures
from . import stock_picking_batch_door
from . import crm_courier_discrepancy
from . import stock_picking
from . import stock_move
from . import stock_move_line
from . import sale_order
from . import sale_order_timeline
from . import ir_http

# Card and cash at the door.
from . import base
from . import mail_thread
from . import ir_attachment
from . import res_company_card
from . import res_config_settings_card
from . import crm_courier_card
from . import crm_courier_card_door
from . import crm_courier_card_money
from . import crm_courier_card_try
from . import crm_courier_identity
from . import crm_courier_stop_card
from . import crm_courier_stop_cash
from . import stock_picking_batch_card
from . import sale_order_card
from . import sale_order_line_card

# Damaged goods, their replacements, third-party carriers, the customer's page.
from . import res_company_damage
from . import res_config_settings_damage
from . import crm_branch_replacement
from . import stock_warehouse_quarantine
from . import crm_courier_unit_check
from . import crm_courier_stop_check
from . import crm_courier_replacement
from . import crm_courier_replacement_ask
from . import crm_courier_replacement_line
from . import crm_courier_replacement_goods
from . import crm_courier_replacement_answer
from . import crm_courier_replacement_steps
from . import crm_courier_replacement_exchange
from . import crm_courier_stop_replacement
from . import stock_move_quarantine
from . import sale_order_replacement
from . import crm_courier_messages
from . import stock_picking_carrier_proof
from . import sale_order_followup

# What both damage and payment have to do with.
from . import crm_courier_stop_due
from . import res_partner_erase
