{
    "name": "Service Follow-up (H23)",
    "summary": "KPB service follow-up of a motorcycle dealer: nobody forgotten, nobody asked twice",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Customer Operations Suite contributors",
    "license": "AGPL-3",
    "depends": ["crm_whatsapp", "helpdesk_mgmt"],
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
        # menus
        "views/crm_h23_followup_menus.xml",
    ],
    "demo": [
        # vehicles and their import
        "demo/crm_h23_people.xml",
        "demo/crm_h23_vehicles.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "crm_h23_followup/static/src/import_progress/*",
        ],
    },
    "application": True,
}
