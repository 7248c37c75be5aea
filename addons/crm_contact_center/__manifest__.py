{
    "name": "Contact Center",
    "summary": "The right person, prepared, in time: routing, telephone, desk, scripts, self-service, workforce",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Customer Operations Suite contributors",
    "license": "AGPL-3",
    "depends": ["crm_base", "im_livechat", "sale_crm", "sale_stock", "survey"],
    "data": [
        "security/crm_contact_center_groups.xml",
        "security/ir.model.access.csv",
        "security/crm_routing_rules.xml",
        "security/crm_telephony_rules.xml",
        "data/crm_routing_data.xml",
        "views/crm_skill_views.xml",
        "views/crm_queue_views.xml",
        "views/crm_agent_views.xml",
        "views/crm_queue_contact_views.xml",
        "views/crm_telephony_views.xml",
        "views/crm_contact_center_menus.xml",
        # measures, readiness, settings
        "security/crm_measure_rules.xml",
        "data/crm_readiness_data.xml",
        "views/crm_queue_report_views.xml",
        "views/crm_readiness_views.xml",
        "views/res_config_settings_views.xml",
        "views/crm_measure_menus.xml",
    ],
    "demo": [
        "demo/crm_contact_center_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            # telephone
            "crm_contact_center/static/src/telephony/*",
        ],
    },
    "application": True,
}
