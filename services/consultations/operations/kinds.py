"""Kinds of consultations: what can be asked for, and the form for it."""

from __future__ import annotations

from services.common import errors
from services.common.forms.questions import Form
from services.consultations.app import App
from services.consultations.domain.kinds import Kind


def find_kinds(app: App) -> list[Kind]:
    """The kinds that can be asked for, by id."""
    return app.kinds.page({"retired": False})


def get_kind(app: App, kind_id: str) -> tuple[Kind, Form]:
    """A kind with the newest edition of its form.

    Raises:
        errors.NotFound: if there is none that can be asked for.
    """
    kind = app.kinds.get(kind_id)
    if kind.retired:
        raise errors.NotFound()
    return kind, app.forms.latest(kind.form_id)
