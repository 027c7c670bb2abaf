"""What a sign-in sheet says, beside the names: who comes for which organisation, where, with whom.

The English sheet is read, whose letters come out of a PDF in order.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pypdf
import pytest

from services.common.contracts.identity import events as identity
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations.signin_sheets import sign_in_sheet
from tests.support.applications import applicant, apply, approve, erase, publish
from tests.support.attendance import TRAINER, accept, assign
from tests.support.bookings import RAQQA_DESK, call, open_centre
from tests.support.cohort_rooms import Branches, in_room
from tests.support.stack import Server
from tests.support.trainings import know, open_cohort, session_request


@pytest.fixture
def cohort(app: App) -> Cohort:
    """Of one session, for which two organisations send people."""
    approve(app, "amal")
    data = {
        "organisation_id": "furat",
        "version": 1,
        "name": {"ar": "جمعية الفرات", "en": "Euphrates Association"},
        "status": "approved",
    }
    publish(app, identity.ORGANISATION_APPROVED, "furat", 1, data)
    return open_cohort(app, sessions=[session_request(7, (0, 2))])


def read(app: App, cohort: Cohort) -> tuple[str, str]:
    """The name of the file and its text, line breaks and spaces as one space."""
    name, pdf = sign_in_sheet(app, call(RAQQA_DESK), cohort.id, cohort.sessions[0].id)
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return name, " ".join(" ".join(page.extract_text() for page in pages).split())


def test_each_person_stands_beside_their_organisation(app: App, cohort: Cohort) -> None:
    apply(app, cohort, applicant("Maya", "furat"))
    apply(app, cohort, applicant("Nour"))
    _, text = read(app, cohort)
    assert text.count("Euphrates Association") == 1
    assert text.index("Maya") < text.index("Euphrates Association") < text.index("Nour")


def test_trainers_who_have_accepted_are_named(app: App, cohort: Cohort) -> None:
    know(app, TRAINER.id, roles=frozenset({"trainer"}))
    assigned = assign(app, cohort)
    assert "Trainers" not in read(app, cohort)[1]
    accept(app, assigned)
    assert f"Trainers: {TRAINER.id}" in read(app, cohort)[1]


def test_who_was_erased_has_no_row(app: App, cohort: Cohort) -> None:
    apply(app, cohort, applicant("Maya", "furat"))
    apply(app, cohort, applicant("Nour"))
    erase(app, "Nour")
    _, text = read(app, cohort)
    assert "Maya" in text
    assert "Nour" not in text


def test_the_files_name_has_the_day_of_the_centre(app: App, cohort: Cohort) -> None:
    """At midnight in Raqqa it is the day before by UTC."""
    session = cohort.sessions[0]
    name, text = read(app, cohort)
    assert session.starts_at.hour == 21
    day = int(name.removesuffix(".pdf").rpartition("-")[2])
    assert day != session.starts_at.day
    assert f" {day} " in text


@pytest.fixture
def both(app: App, database: Server) -> Iterator[Branches]:
    for bookings in open_centre(database.uri):
        yield Branches(app, bookings)


def test_the_room_that_bookings_has_given_is_named(both: Branches) -> None:
    assert "Place: Room" in read(both.app, both.prepare(in_room(7)))[1]
