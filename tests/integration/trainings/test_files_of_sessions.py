"""Materials and sign-in sheets, through the door: who gets them, and as what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from gateway.identity.domain.identity import Identity
from services.common.context import Caller
from services.common.contracts.files import LARGEST
from services.common.files.store import KEPT_UNATTACHED
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.service import TrainingsService
from tests.support.attendance import TRAINER, accept, assign, cohort_of, during, seat
from tests.support.bookings import MEMBER, RAQQA_DESK, TABQA_DESK
from tests.support.gateway import Door, a_door
from tests.support.real_branch import RealBranch

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
SEATED = Caller(id="p1")
NAME = "تمارين اليوم الأول.pdf"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with a_door(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.fixture
def door(gateway: Door, app: App) -> Door:
    service = TrainingsService()
    service.app = app
    gateway.stand_before(RealBranch(service))
    return gateway


@pytest.fixture
def cohort(app: App) -> Cohort:
    cohort = seat(app, cohort_of(app, sessions=2), "p1")
    accept(app, assign(app, cohort))
    return cohort


def send(
    door: Door,
    cohort: Cohort,
    *,
    who: Caller = TRAINER,
    data: bytes = PDF,
    name: str = NAME,
    key: str = "k",
    content_type: str = "application/octet-stream",
) -> TestResponse:
    path = f"/v1/cohorts/{cohort.id}/sessions/{cohort.sessions[0].id}/materials"
    return door(
        "POST",
        path,
        Identity(who),
        query_string={"name": name},
        data=data,
        content_type=content_type,
        key=key,
    )


def get(door: Door, path: str, who: Caller, **options: Any) -> TestResponse:
    return door("GET", path, Identity(who), **options)


def test_a_file_comes_back_as_it_was_and_is_kept_by_nobody(door: Door, cohort: Cohort) -> None:
    made = send(door, cohort)
    assert made.status_code == 201, made.json
    material = made.get_json()
    assert (material["content_type"], material["size"]) == ("application/pdf", len(PDF))
    for who in (SEATED, TRAINER, RAQQA_DESK):
        found = get(door, made.headers["Location"], who)
        assert (found.status_code, found.data) == (200, PDF)
        assert found.headers["Content-Type"] == "application/pdf"
        assert found.headers["Cache-Control"] == "no-store"
        assert found.headers["Content-Disposition"].startswith("attachment; filename=")
        assert found.headers.getlist("X-Content-Type-Options") == ["nosniff"]
        (listed,) = get(door, f"/v1/cohorts/{cohort.id}/materials", who).get_json()["items"]
        assert listed == material


def test_who_has_no_seat_gets_no_file(door: Door, cohort: Cohort, app: App) -> None:
    path = send(door, cohort).headers["Location"]
    for who in (MEMBER, TABQA_DESK):
        assert get(door, path, who).status_code == 403
        assert get(door, f"/v1/cohorts/{cohort.id}/materials", who).status_code == 403
    assert door("GET", path).status_code == 401
    assert send(door, cohort, who=SEATED, key="own").status_code == 403
    other = cohort_of(app)
    elsewhere = path.replace(cohort.id, other.id)
    assert get(door, elsewhere, RAQQA_DESK).status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("slides.pdf", b"MZ\x90\x00 a program", "files.not_as_named"),
        ("slides.exe", PDF, "files.type_not_taken"),
        ("slides.pdf", b"", "files.empty"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    door: Door, cohort: Cohort, app: App, name: str, data: bytes, code: str
) -> None:
    refused = send(door, cohort, name=name, data=data)
    assert (refused.status_code, refused.get_json()["code"]) == (422, code)
    assert app.materials.of(cohort.id) == []


def test_a_file_has_a_largest_size(door: Door, cohort: Cohort) -> None:
    largest = PDF + b" " * (LARGEST - len(PDF))
    assert send(door, cohort, data=largest).status_code == 201
    refused = send(door, cohort, data=largest + b" ", key="more")
    assert (refused.status_code, refused.get_json()["code"]) == (413, "body_too_large")
    typed = send(door, cohort, key="typed", content_type="application/pdf")
    assert typed.status_code == 415


def test_the_same_key_adds_one_file(door: Door, cohort: Cohort, app: App) -> None:
    both = [send(door, cohort).get_json() for _ in range(2)]
    assert both[0] == both[1]
    assert len(app.materials.of(cohort.id)) == 1
    app.clock.advance(2 * KEPT_UNATTACHED)  # type: ignore[attr-defined]
    assert app.files.sweep() == 1
    assert get(door, f"/v1/cohorts/{cohort.id}/materials/{both[0]['id']}", SEATED).data == PDF


def test_a_session_has_a_limit_of_files(door: Door, cohort: Cohort) -> None:
    for number in range(20):
        assert send(door, cohort, key=f"k{number}").status_code == 201
    refused = send(door, cohort, key="more")
    assert refused.get_json()["code"] == "trainings.too_many_materials"
    assert refused.get_json()["most"] == 20


def test_a_file_is_taken_away(door: Door, cohort: Cohort, app: App) -> None:
    path = send(door, cohort).headers["Location"]
    assert door("DELETE", path, Identity(SEATED)).status_code == 403
    assert door("DELETE", path, Identity(TRAINER)).status_code == 204
    assert get(door, path, SEATED).status_code == 404
    assert app.files.sweep() == 1


def test_a_name_without_glyphs_does_not_keep_the_sheet_from_the_others(
    door: Door, cohort: Cohort, app: App
) -> None:
    app.database.collection("participants").update_one({"_id": "p1"}, {"$set": {"name": "李"}})
    path = f"/v1/cohorts/{cohort.id}/sessions/{cohort.sessions[1].id}/sign-in-sheet"
    found = get(door, path, TRAINER)
    assert (found.status_code, found.data[:5]) == (200, b"%PDF-")


def test_an_application_that_changes_without_a_version_is_read_anew(
    door: Door, cohort: Cohort, app: App
) -> None:
    application = app.applications.of_person(cohort.id, "p1")
    assert application is not None
    path = f"/v1/applications/{application.id}"
    before = get(door, path, SEATED)
    app.database.collection("participants").update_one({"_id": "p1"}, {"$set": {"name": "هبة"}})
    after = get(door, path, SEATED, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.get_json()["name"]) == (200, "هبة")


def test_a_cohort_is_read_anew_while_its_rooms_may_change(door: Door, cohort: Cohort) -> None:
    path = f"/v1/cohorts/{cohort.id}"
    before = get(door, path, RAQQA_DESK)
    after = get(door, path, RAQQA_DESK, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.get_json()["id"]) == (200, cohort.id)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_sheet_is_made_for_a_session(door: Door, cohort: Cohort, app: App, language: str) -> None:
    path = f"/v1/cohorts/{cohort.id}/sessions/{cohort.sessions[1].id}/sign-in-sheet"
    found = get(door, path, TRAINER, headers={"Accept-Language": language})
    assert found.status_code == 200
    assert found.headers["Content-Type"] == "application/pdf"
    assert found.headers["Cache-Control"] == "no-store"
    assert "attachment" in found.headers["Content-Disposition"]
    assert found.data.startswith(b"%PDF-")
    assert f"/Lang({language})".encode() in found.data.replace(b" ", b"")
    assert get(door, path, SEATED).status_code == 403
    assert get(door, path.replace(cohort.sessions[1].id, "none"), TRAINER).status_code == 404


def test_marks_go_through_the_door(door: Door, cohort: Cohort, app: App) -> None:
    """Five hundred at once are let in; one more is too many."""
    during(app, cohort, 1)
    session = cohort.sessions[0]
    marks = [
        {
            "id": f"019ab8f2-6d80-7c4e-9a51-{number:012}",
            "session_id": session.id,
            "person_id": "p1",
            "status": "present",
            "marked_at": "2026-12-01T06:04:00Z",
        }
        for number in range(501)
    ]
    path = f"/v1/cohorts/{cohort.id}/attendance"
    body = {"device_id": "phone", "marks": marks[:500]}
    answer = door("POST", path, Identity(TRAINER), json=body).get_json()
    assert (answer["saved"], answer["refused"]) == (500, 0)
    again = door("POST", path, Identity(TRAINER), json=body).get_json()
    assert (again["saved"], again["repeated"]) == (0, 500)
    body["marks"] = marks
    assert door("POST", path, Identity(TRAINER), json=body).status_code == 422
    one = f"/v1/cohorts/{cohort.id}/sessions/{session.id}/attendance/p1"
    found = get(door, one, TRAINER)
    sent = {"status": "late", "reason": "على الورق"}
    missing = door("POST", f"{one}/settle", Identity(TRAINER), json=sent)
    assert missing.status_code == 428
    settled = door("POST", f"{one}/settle", Identity(TRAINER), json=sent, version=501)
    assert found.headers["ETag"] == '"501"'
    assert (settled.status_code, settled.get_json()["status"]) == (200, "late")
    assert settled.headers["ETag"] == '"502"'
    mine = get(door, f"/v1/cohorts/{cohort.id}/my-attendance", SEATED).get_json()
    assert mine["attended"] == [session.id]
    listed = get(door, f"{one}/history", TRAINER).get_json()["items"]
    assert [each["reason"] for each in listed] == ["على الورق"]
