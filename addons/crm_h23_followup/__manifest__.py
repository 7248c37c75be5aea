{
    "name": "Service Follow-up (H23)",
    "summary": "KPB service follow-up of a motorcycle dealer: nobody forgotten, nobody asked twice",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Customer Operations Suite contributors",
    "license": "AGPL-3",
    "depends": ["crm_whatsapp", "helpdesk_mgmt", "spreadsheet_dashboard"],
    "external_dependencies": {"python": ["phonenumbers", "python-calamine"]},
    "data": [
        "security/ir.model.access.csv",
        # vehicles and their import
        "security/crm_vehicle_rules.xml",
        "data/crm_vehicle_import_header_data.xml",
        "data/crm_vehicle_import_cron_data.xml",
        "views/crm_vehicle_views.xml",
        "views/crm_vehicle_service_views.xml",
        "views/crm_vehicle_import_row_views.xml",
        "views/crm_vehicle_import_views.xml",
        "views/crm_vehicle_import_header_views.xml",
        # schedule, follow-ups and the call screen
        "security/crm_followup_rules.xml",
        "data/crm_followup_data.xml",
        "data/crm_followup_schedule_data.xml",
        "wizards/crm_followup_call_views.xml",
        "views/crm_followup_views.xml",
        "views/crm_followup_case_views.xml",
        "views/crm_followup_schedule_views.xml",
        "views/crm_followup_hand_out_views.xml",
        "views/crm_followup_run_views.xml",
        "views/crm_followup_analysis_views.xml",
        "views/crm_vehicle_followup_views.xml",
        "views/res_config_settings_followup_views.xml",
        # bookings
        "security/crm_service_rules.xml",
        "data/crm_service_data.xml",
        "report/crm_service_booking_templates.xml",
        "wizards/crm_service_views.xml",
        "views/crm_service_booking_views.xml",
        "views/crm_service_slot_views.xml",
        "views/crm_followup_case_booking_views.xml",
        # daily reports, summary and evaluation
        "security/crm_followup_report_rules.xml",
        "report/crm_followup_summary_templates.xml",
        "data/crm_followup_report_data.xml",
        "views/crm_followup_report_views.xml",
        "views/crm_followup_summary_views.xml",
        "views/res_config_settings_followup_report_views.xml",
        # menus
        "views/crm_h23_followup_menus.xml",
        "views/crm_followup_menus.xml",
        "views/crm_service_menus.xml",
        # dashboard, and the menus of the reports
        "data/crm_followup_dashboard_data.xml",
        "views/crm_followup_report_menus.xml",
    ],
    "demo": [
        # vehicles and their import
        "demo/crm_h23_people.xml",
        "demo/crm_h23_vehicles.xml",
        # bookings: the story of the follow-ups needs times to book
        "demo/crm_service_demo.xml",
        # schedule, follow-ups and the call screen
        "demo/crm_followup_demo.xml",
        # daily reports, summary and evaluation
        "demo/crm_followup_report_demo.xml",
        # what a customer sees on the portal
        "demo/crm_h23_portal_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "crm_h23_followup/static/src/import_progress/*",
        ],
    },
    "application": True,
}
