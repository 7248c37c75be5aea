{
    "name": "Branches: Contracts from Counter to Headquarters",
    "summary": "Materials, consent, contracts, cash desk, stock, campaigns of points of sale under their headquarters",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Customer Operations Suite contributors",
    "license": "AGPL-3",
    "depends": ["crm_base", "calendar", "contract", "helpdesk_mgmt", "purchase_stock", "sale_crm", "sale_stock"],
    "data": [
        "security/crm_branch_groups.xml",
        "security/ir.model.access.csv",
        "views/crm_branch_menus.xml",
        # materials, consents, export and erasure
        "security/crm_papers_rules.xml",
        "data/crm_papers_data.xml",
        "data/crm_consent_purpose_data.xml",
        "report/account_invoice_templates.xml",
        "views/crm_material_views.xml",
        "views/crm_consent_views.xml",
        "views/crm_offer_presented_views.xml",
        "views/crm_privacy_views.xml",
        "views/res_config_settings_papers_views.xml",
        "views/crm_papers_menus.xml",
        # contracts
        "security/crm_contract_rules.xml",
        "data/crm_contract_data.xml",
        "report/crm_contract_templates.xml",
        "wizards/crm_contract_views.xml",
        "views/contract_contract_views.xml",
        "views/crm_lead_contract_views.xml",
        "views/crm_contract_bundle_views.xml",
        "views/crm_contract_package_views.xml",
        "views/crm_contract_form_views.xml",
        "views/crm_contract_analysis_views.xml",
        "views/res_config_settings_contract_views.xml",
        "views/crm_contract_menus.xml",
        # shop
        "security/crm_branch_stock_rules.xml",
        "security/crm_branch_sale_rules.xml",
        "security/crm_sales_meeting_rules.xml",
        "security/crm_complaint_report_rules.xml",
        "security/crm_campaign_rules.xml",
        "data/crm_branch_stock_data.xml",
        "data/crm_sales_meeting_data.xml",
        "data/crm_complaint_report_data.xml",
        "report/crm_complaint_report_templates.xml",
        "views/crm_stock_level_views.xml",
        "views/product_instruction_views.xml",
        "views/sale_order_counter_views.xml",
        "views/crm_sales_meeting_views.xml",
        "views/crm_complaint_report_views.xml",
        "views/crm_campaign_views.xml",
        "views/crm_display_task_views.xml",
        "views/crm_customer_won_views.xml",
        "views/res_config_settings_shop_views.xml",
        "views/crm_branch_shop_menus.xml",
        # targets
        "security/crm_branch_dashboard_rules.xml",
        "views/crm_branch_dashboard_views.xml",
        # cash desk
        "security/crm_cash_rules.xml",
        "data/crm_cash_activity_data.xml",
        "data/crm_cash_denomination_data.xml",
        "report/crm_cash_reports.xml",
        "views/crm_cash_views.xml",
        "views/res_config_settings_cash_views.xml",
    ],
    "demo": [
        "demo/crm_branch_people.xml",
        # the books of the demo company
        "demo/crm_branch_accounts.xml",
        # materials, offers and consents
        "demo/crm_papers_demo.xml",
        # shops: stock, sales, meetings, complaints, campaigns, displays
        "demo/crm_branch_shop.xml",
        # contracts
        "demo/crm_contract_demo.xml",
        # cash desk
        "demo/crm_cash_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            # contracts
            "crm_branch/static/src/ending/*",
            # cash desk
            "crm_branch/static/src/cash/*",
            # targets
            "crm_branch/static/src/dashboard/*",
        ],
    },
    "post_init_hook": "post_init_hook",
    "application": True,
}
