"""How Odoo is started where it has workers: it starts this very file again for its websocket process.

``python -m odoo`` can't be started again like that.
"""

import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
