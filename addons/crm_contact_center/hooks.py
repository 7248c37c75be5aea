def post_init_hook(env):
    """Publish the ready scripts now that their translations are loaded: agents read what was published."""
    env["crm.script"].search([]).filtered(lambda script: not script.version_id or script.is_changed).action_publish()
