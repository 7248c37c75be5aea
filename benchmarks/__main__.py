"""All benchmarks, one after the other: ``python -m benchmarks``, about an hour and a half."""

import subprocess
import sys

from tools.paths import PROJECT

NAMES = (
    "pick_and_swap",
    "stock_growth",
    "order_cost",
    "holds",
    "http_confirm",
    "phone_search",
    "random_carts",
    "card_numbers",
    "courier_day",
    "whatsapp_faults",
    "whatsapp_blast",
    "followups",
    "followup_days",
    "vehicle_import",
    "last_slot",
    "contracts",
    "routing",
    "telephony",
)


def run():
    missed = [
        name
        for name in NAMES
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=PROJECT, check=False).returncode
    ]
    print(f"\nMissed a goal or failed: {', '.join(missed) or 'none'}")
    return len(missed)


if __name__ == "__main__":
    sys.exit(run())
