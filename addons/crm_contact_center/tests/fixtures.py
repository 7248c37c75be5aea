"""Queues with their agents: with these the test classes begin (see crm_base's)."""

from odoo.fields import Command

from odoo.addons.crm_base.tests.fixtures import create_user, keep


def commit(env):
    keep(env, "contact_center", make, "base")


def make(world):
    """Make a queue at shop A with two agents and a supervisor; another queue and agent at shop B."""
    env, shop = world.env, world.branch_a
    supervisor = create_user(env, "test_supervisor", "crm_contact_center.group_supervisor", shop)
    queue = create_queue(env, code="TQA", branch_id=shop.id, user_id=supervisor.id)
    queue_b = create_queue(env, code="TQB", branch_id=world.branch_b.id, user_id=supervisor.id)
    return {
        "supervisor": supervisor,
        "queue": queue,
        "queue_b": queue_b,
        "agent_1": create_agent(env, "test_agent_1", queue),
        "agent_2": create_agent(env, "test_agent_2", queue),
        "agent_b": create_agent(env, "test_agent_b", queue_b),
        "skill": env["crm.skill"].create({"name": "Test skill", "kind": "product"}),
    }


def create_queue(env, **values):
    return env["crm.queue"].create({"name": f"Queue {values.get('code')}", **values})


def create_agent(env, login, queues, branch=None, skills=None, **values):
    """Create a user who is an agent of the queues, at the branch of the first; ``skills``: skill → level."""
    branch = branch or queues[:1].branch_id
    user = create_user(env, login, "crm_contact_center.group_agent", branch)
    levels = [Command.create({"skill_id": skill.id, "level": level}) for skill, level in (skills or {}).items()]
    return env["crm.agent"].create(
        {
            "user_id": user.id,
            "branch_id": branch.id,
            "queue_ids": [Command.set(queues.ids)],
            "skill_ids": levels,
            **values,
        }
    )
