"""Hold the counters of fair use against the bookings: ``python -m services.bookings.reconcile``.

Changes nothing. The settings are those of the service.

Exit codes: 0 every counter says what is booked, 1 one of them does not, or the database is away.
"""

from __future__ import annotations

import sys

from services.bookings.app import App, build
from services.bookings.domain.budgets import Amount
from services.bookings.operations import budgets
from services.common import config, errors, logs


def report(app: App) -> int:
    """Print what is wrong; returns the exit code."""
    found = budgets.reconcile(app)
    for each in found:
        who = f"{each.organisation_id} {each.week}"
        _say(f"{who}: the counter says {_shown(each.counted)}, booked are {_shown(each.booked)}")
    _say(f"{len(found)} counters are wrong" if found else "every counter says what is booked")
    return 1 if found else 0


def main() -> int:
    """The command; returns its exit code."""
    settings = config.load()
    logs.configure(settings, "bookings.reconcile")
    try:
        app = build(settings)
        try:
            return report(app)
        finally:
            app.close()
    except errors.Unavailable as away:
        sys.stderr.write(f"{away.detail}\n")
        return 1


def _shown(amount: Amount) -> str:
    return f"{amount.minutes} min in {amount.bookings} bookings"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
