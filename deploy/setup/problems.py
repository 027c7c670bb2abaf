"""What can go wrong in the setup, each as one sentence."""

from __future__ import annotations

from collections.abc import Mapping


class SetupError(Exception):
    """The work could not be done; its text is one sentence."""


class MissingSetting(SetupError):
    """A setting that the work needs is not there."""


def required(environ: Mapping[str, str], name: str) -> str:
    """The value of a setting.

    Raises:
        MissingSetting: where it is not set, or empty.
    """
    if value := environ.get(name, ""):
        return value
    raise MissingSetting(f"{name} is not set.")
