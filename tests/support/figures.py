"""Figures: what the benchmark, the load and the fault runs measured, for people and for programs.

A figure is measured in that run or it is absent: never copied, never a constant. Names are dotted,
lower case and stable: branch, what, figure.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.interpreter import described
from deploy.local.settings import write_private


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    `floor` is the same figure of what it is compared with, such as the same work in one process,
    measured in the same run; `ratio` is then value ÷ floor.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if not self.floor else self.value / self.floor

    def to_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
        }
        if self.floor is not None:
            shown["floor"] = round(self.floor, 4)
        if self.ratio is not None:
            shown["ratio"] = round(self.ratio, 3)
        return shown


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "processor": platform.processor() or platform.machine(),
        "system": platform.platform(terse=True),
        "python": described(),
    }


def write(path: Path, figures: Iterable[Figure], seed: int | None = None) -> None:
    """Write the figures for programs."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = {
        "machine": machine(),
        "seed": seed,
        "results": [figure.to_json() for figure in figures],
    }
    write_private(path, json.dumps(found, indent=2) + "\n")


def table(figures: Iterable[Figure]) -> str:
    """The figures for people, aligned."""
    rows = [("figure", "value", "unit", "floor", "ratio")]
    for figure in figures:
        rows.append(
            (
                figure.name,
                _number(figure.value),
                figure.unit,
                "" if figure.floor is None else _number(figure.floor),
                "" if figure.ratio is None else f"{figure.ratio:.2f}",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = []
    for row in rows:
        name, value, unit, floor, ratio = (
            cell.ljust(width) if column in (0, 2) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append(f"{name}  {value} {unit}  {floor}  {ratio}".rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which this share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
