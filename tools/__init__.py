"""What `make` runs: get Odoo onto this machine, serve it, test it, check it."""
