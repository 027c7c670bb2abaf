"""The resources, one file per group. Each endpoint translates, calls and returns; see
:mod:`gateway.web.endpoint` for what all of them share.

A file of endpoints has a ``blueprint``, which the description of the door includes; a file of pages
for people with a browser has ``pages``. Both are found by these names.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint


def blueprints() -> Iterator[Blueprint]:
    """The endpoints of every file, by the file's name."""
    return _found("blueprint")


def pages() -> Iterator[Blueprint]:
    """The pages of every file, by the file's name."""
    return _found("pages")


def _found(name: str) -> Iterator[Blueprint]:
    for file in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        module = import_module(f"{__name__}.{file.name}")
        if hasattr(module, name):
            yield getattr(module, name)
