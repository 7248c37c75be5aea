"""What runs beside Asterisk: see doc/asterisk.md. Not a part of Odoo's process, and it imports nothing of Odoo."""
