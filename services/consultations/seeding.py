"""The first data: centres, kinds of consultations, advisers, an instrument and a needs study."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from services.common.config import Settings
from services.common.context import SYSTEM
from services.common.forms.definition import load_definition
from services.common.forms.questions import Form
from services.common.storage.mongo import Session
from services.common.time.opening_hours import Timetable
from services.common.time.weekly_hours import WeeklyHours
from services.consultations.app import App, build
from services.consultations.domain.centre_hours import CentreHours, HoursEdition
from services.consultations.domain.centres import Centre
from services.consultations.domain.kinds import Kind, Speciality, TimeLimits
from services.consultations.domain.needs_studies import Need, NeedsStudy
from services.consultations.operations.kinds import INTAKE, store_kind
from services.consultations.operations.needs_studies import FORM_PURPOSE, add_needs_study
from services.consultations.schemas.advisers import add_adviser
from services.consultations.schemas.instruments import seeded_instrument
from services.consultations.schemas.working_documents import template_of_seed

Entry = Mapping[str, Any]
"""One thing of a seed file, as it is written there."""


def seed(settings: Settings, path: str) -> None:
    """Put what the seed files hold into the database; again does no harm."""
    network = read_seed(path, "centre")
    kinds = read_seed(path, "consultation_kinds")
    spaces = read_seed(path, "spaces")
    instruments = read_seed(path, "instruments")
    studies = read_seed(path, "needs_studies")
    advisers = read_seed(path, "advisers")
    templates = read_seed(path, "document_templates")
    app = build(settings)
    try:
        app.centres.seed(
            Centre(each["id"], each["name"], network["network"]["time_zone"])
            for each in network["centres"]
        )
        app.centre_hours.seed(
            first_hours(centre_id, hours, network["network"]["time_zone"], app.clock.now())
            for centre_id, hours in spaces["weekly_hours"].items()
        )
        app.document_templates.seed(map(template_of_seed, templates["document_templates"]))
        for each in kinds["kinds"]:
            app.database.transact(partial(seed_kind, app, each))
        app.instruments.seed(
            replace(seeded_instrument(each), created_at=app.clock.now())
            for each in instruments["instruments"]
        )
        for each in studies["studies"]:
            app.database.transact(partial(seed_needs_study, app, each))
        app.advisers.seed(add_adviser(each).adviser for each in advisers["advisers"])
    finally:
        app.close()


def read_seed(path: str, name: str) -> Entry:
    """What one seed file holds."""
    found: Entry = json.loads((Path(path) / f"{name}.json").read_text("utf-8"))
    return found


def first_hours(centre_id: str, weekly_hours: Entry, zone: str, now: datetime) -> CentreHours:
    """The hours of a centre as the seed files have them; events of bookings carry others."""
    edition = HoursEdition(1, now, zone, Timetable(WeeklyHours.parse(weekly_hours)))
    return CentreHours(centre_id, (edition,))


def seed_kind(app: App, entry: Entry, session: Session) -> None:
    """Add a kind with the first edition of its form. One that is there stays as it is, but for its
    form, which earlier releases did not freeze from its start."""
    present = app.kinds.look_up(entry["id"], session)
    if present is not None:
        app.forms.freeze(session, app.forms.latest(present.form_id, session))
        return
    title, questions = load_definition(entry["form"])
    form_id = f"{INTAKE}-{entry['id']}"
    form = Form(form_id, title, questions, purpose=INTAKE, updated_at=app.clock.now())
    kind = Kind(
        id=entry["id"],
        name=entry["name"],
        form_id=form_id,
        specialities=tuple(
            Speciality(each["id"], each["name"], tuple(each.get("topics", ())))
            for each in entry["specialities"]
        ),
        limits=TimeLimits(**entry["limits"]),
        sealed=entry.get("sealed", False),
        spans_breaks=entry.get("spans_breaks", False),
    )
    store_kind(app, SYSTEM, session, kind, form)


def seed_needs_study(app: App, entry: Entry, session: Session) -> None:
    """Add a needs study with the first edition of its form. One that is there stays as it is."""
    if app.needs_studies.look_up(entry["id"], session) is not None:
        return
    title, questions = load_definition(entry["form"])
    form = Form(entry["id"], title, questions, purpose=FORM_PURPOSE, updated_at=app.clock.now())
    study = NeedsStudy(
        id=entry["id"],
        title=entry["title"],
        form_id=form.id,
        needs=tuple(Need(**each) for each in entry["needs"]),
        centre_question=entry["centre_question"],
        kind_question=entry["kind_question"],
    )
    add_needs_study(app, SYSTEM, session, study, form)
