from . import models
from . import wizards
from . import demo
from . import log

log.install()


def uninstall_hook(env):
    """Let Odoo's list of batches be as it was: without us it knows no courier runs to leave out."""
    env.ref("stock_picking_batch.stock_picking_batch_action").domain = "[('is_wave', '=', False)]"
    _remove_empty_quarantines(env)


def _remove_empty_quarantines(env):
    """Take away the places of damaged goods that never had any; the others keep what is in them."""
    places = env["stock.warehouse"]._quarantine_places()
    used = env["stock.move"].search(["|", ("location_id", "in", places.ids), ("location_dest_id", "in", places.ids)])
    (places - used.location_id - used.location_dest_id).unlink()
