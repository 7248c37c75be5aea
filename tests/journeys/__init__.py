"""A customer's whole way through the shop, clicked and typed in a real browser on a real server.

Runs outside Odoo, on a database with all addons that no other process uses at the time: its name is in ``DATABASE``.
"""
