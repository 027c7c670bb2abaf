"""Which Python runs us, and whether it was built to be fast. Standard library only."""

from __future__ import annotations

import platform
import sysconfig


def optimised() -> bool:
    """Whether this Python was compiled with the profile of a run (`--enable-optimizations`).

    Debian compiles so by a way of its own, and empties the variable that a build from source keeps.
    """
    asked = sysconfig.get_config_var("CONFIG_ARGS") or ""
    return "--enable-optimizations" in asked or not sysconfig.get_config_var("PGO_PROF_USE_FLAG")


def described() -> str:
    """Its version, and that it was built without optimisation, if so."""
    how = "" if optimised() else " (built without --enable-optimizations)"
    return f"{platform.python_version()}{how}"
