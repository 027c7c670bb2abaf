"""One part of the benchmark by itself, on a database of its own: what `python -m` of it runs."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.support.figures import Figure, table
from tests.support.stack import DATABASE, Stack

SEED = int(os.environ.get("BENCH_SEED", "2018"))


def run_alone(measure: Callable[[str, int], list[Figure]]) -> None:
    """Measure, and print a table.

    Args:
        measure: takes the address of a replica set and a seed.
    """
    with tempfile.TemporaryDirectory(prefix="masaha-bench-") as name:
        stack = Stack(Path(name) / "stack", only=DATABASE)
        stack.up()
        try:
            figures = measure(stack.mongo_uri, SEED)
        finally:
            stack.down()
    sys.stdout.write(f"\n{table(figures)}\n")
