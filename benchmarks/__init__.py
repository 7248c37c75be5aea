"""What our addons cost and promise, measured beside plain Odoo: ``.venv/bin/python -m benchmarks.<name>``."""
