{
    "name": "Contact Center",
    "summary": "The right person, prepared, in time: routing, telephone, agent's desk, scripts, self-service, workforce",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Customer Operations Suite contributors",
    "license": "AGPL-3",
    "depends": ["crm_base"],
    "data": [
        "security/crm_contact_center_groups.xml",
        "security/ir.model.access.csv",
        "security/crm_routing_rules.xml",
        "data/crm_routing_data.xml",
    ],
    "demo": [],
    "application": True,
}
