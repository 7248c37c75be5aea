"""The adapter is a program of its own: it is imported as it runs, without Odoo."""

import sys

from tools.paths import ADDONS

sys.path.append(str(ADDONS / "crm_contact_center"))
