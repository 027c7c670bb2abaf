"""The seed command's other end."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def seed(_settings: Any, path: str) -> None:
    print(f"seeded from {Path(path).name}")
