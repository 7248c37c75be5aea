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

# schedule, follow-ups and the call screen
from . import crm_followup_mixin
from . import crm_followup_led_mixin
from . import crm_followup_schedule
from . import crm_followup_schedule_line
from . import crm_followup_schedule_step
from . import crm_followup_reason
from . import crm_followup_case
from . import crm_followup_case_schedule
from . import crm_followup_case_service
from . import crm_followup
from . import crm_followup_answer
from . import helpdesk_ticket
from . import crm_followup_blast
from . import crm_followup_hand_out
from . import crm_followup_offer
from . import crm_followup_rule
from . import crm_followup_absence
from . import crm_followup_run
from . import crm_followup_run_blast
from . import crm_followup_analysis
from . import crm_branch_followup
from . import crm_vehicle_followup
from . import crm_vehicle_owner
from . import crm_vehicle_service_followup
from . import crm_followup_case_date
from . import crm_whatsapp_blast_followup
from . import res_company_followup
from . import res_config_settings_followup

# bookings
from . import crm_branch_service
from . import crm_service_slot
from . import crm_service_closing
from . import crm_service_promo
from . import crm_service_booking
from . import crm_service_booking_seat
from . import crm_service_booking_remind
from . import crm_service_time
from . import crm_followup_booking
from . import crm_vehicle_booking
from . import res_partner_booking
from . import res_company_booking
from . import res_config_settings_booking

# daily reports, summary and evaluation
from . import crm_branch_followup_report
from . import crm_followup_figures
from . import crm_followup_report
from . import crm_followup_report_day
from . import crm_followup_summary
from . import crm_followup_summary_send
from . import crm_followup_summary_evaluate
from . import crm_followup_summary_xlsx
from . import ir_attachment_summary
from . import crm_followup_summary_day
from . import res_company_followup_report
from . import res_config_settings_followup_report
from . import res_partner_erase
