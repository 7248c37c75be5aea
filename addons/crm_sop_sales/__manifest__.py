{
    "name": "Phone-Shop Sales Procedure",
    "summary": "IMEI-tracked orders with held units, locked prices and an approval that can't be bypassed",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Customer Operations Suite contributors",
    "license": "AGPL-3",
    "depends": [
        "crm_base",
        "sale_crm",
        "sale_loyalty",
        "sale_management",
        "sale_stock",
        "stock_delivery",
    ],
    "external_dependencies": {"python": ["python-stdnum"]},
    "data": [
        # order
        "security/crm_sop_sales_groups.xml",
        "security/ir.model.access.csv",
        "security/crm_sop_sales_rules.xml",
        "data/crm_imei_hold_data.xml",
        "wizards/crm_imei_swap_views.xml",
        "views/crm_imei_hold_views.xml",
        "views/sale_order_timeline_templates.xml",
        "views/sale_order_views.xml",
        # imei
        # customer
        # menus
    ],
    "demo": [],
    "application": True,
}
