from . import models
from . import wizards
from . import demo
from . import log

log.install()


def uninstall_hook(env):
    """Let Odoo's list of batches be as it was: without us it knows no courier runs to leave out."""
    env.ref("stock_picking_batch.stock_picking_batch_action").domain = "[('is_wave', '=', False)]"
