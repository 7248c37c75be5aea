"""The adapter is a program of its own: it is imported as it runs, without Odoo."""

import sys

from tools.paths import ADDONS

sys.path.insert(0, str(ADDONS / "crm_contact_center"))
