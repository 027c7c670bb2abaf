"""Cases that are opened and read, through the whole path and beside both floors.

``python -m tests.bench.cases`` runs it alone, on a system of its own.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from deploy.local import people
from tests.bench.alone import SEED
from tests.bench.targets import (
    Request,
    Target,
    compare_with_both,
    everybody,
    sign_in,
    take_turns,
)
from tests.support.figures import table
from tests.support.stack import Stack

WHO = "representative"


def openings(organisation_id: str) -> Iterator[Request]:
    """Requests for technical support without end; the same sequence for every target."""
    for number in count():
        body = {
            "kind_id": "technical",
            "organisation_id": organisation_id,
            "centre_id": "raqqa",
            "title": f"دليل الإجراءات المالية {number}",
            "description": "نحتاج إلى دليل مالي قبل توقيع المنحة.",
            "speciality": "finance",
            "form": {
                "edition": 1,
                "answers": {"tried": "جدول بسيط", "documents": ["budget"]},
            },
        }
        yield "POST", "/v1/cases", json.dumps(body), f"bench-case-{number}"


def measure(stack: Stack, targets: Sequence[Target]) -> dict[str, Target]:
    """A representative opens cases, and reads those that were opened.

    Returns:
        the targets again, by name, with what these runs came to.
    """
    who = people.person(WHO)
    chance = random.Random(f"{SEED} cases")

    def reads(target: Target, amount: int) -> list[Request]:
        ids = [chance.choice(target.ids) for _ in range(amount)]
        return [("GET", f"/v1/cases/{each}", None, None) for each in ids]

    return take_turns(stack, targets, who, openings(str(who.organisation_id)), "open", reads)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="masaha-bench-") as name, ExitStack() as running:
        folder = Path(name)
        stack = Stack(folder / "stack")
        stack.up()
        running.callback(stack.down)

        def token() -> str:
            return sign_in(stack.gateway_url, people.person(WHO))

        measured = measure(stack, everybody(stack, folder, running, token))
        figures = compare_with_both(measured, ("read", "open"), "consultations")
    sys.stdout.write(f"\n{table(figures)}\n")


if __name__ == "__main__":
    main()
