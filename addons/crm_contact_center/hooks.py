def post_init_hook(env):
    """Publish the ready scripts now that their translations are loaded: agents read what was published."""
    env["crm.script"].search([("version_id", "=", False)]).action_publish()
