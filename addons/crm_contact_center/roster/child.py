"""Solve a plan in a process of its own, so that neither its memory nor its time are the server's.

Standard input: ``{"problem": …, "seconds": …, "hint": […]}``; standard output: ``{"shifts": […], "proven": …}``.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])

from roster import cpsat  # noqa: E402
from roster.problem import Problem, shift_from_json  # noqa: E402


def main():
    values = json.load(sys.stdin)
    hint = [shift_from_json(one) for one in values["hint"]]
    shifts, proven = cpsat.solve(Problem.from_json(values["problem"]), values["seconds"], hint)
    json.dump({"shifts": [asdict(shift) for shift in shifts], "proven": proven}, sys.stdout)


if __name__ == "__main__":
    main()
