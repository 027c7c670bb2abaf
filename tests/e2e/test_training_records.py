"""People, timelines and reports of trainings through the real door; and bad input, which changes
nothing."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from openpyxl import load_workbook

from tests.e2e.conftest import SignIn
from tests.e2e.test_cohort_seats import ORGANISATION, act, open_cohort
from tests.e2e.test_selection import put
from tests.support.awaiting import until
from tests.support.client import code_of, key, tag, wire

FILE = {"Content-Type": "application/octet-stream"}
NAME = "سميرة نوري الجاسم"


def nominated(desk: httpx.Client, where: str, **person: Any) -> dict[str, Any]:
    """The application of a person without an account."""
    request = {"organisation_id": ORGANISATION, "people": [person]}
    made = desk.post(f"{where}/nominations", json=request, headers=key()).raise_for_status()
    (application,) = made.json()["items"]
    found: dict[str, Any] = application
    return found


def test_two_records_of_one_person_become_one(signed_in: SignIn) -> None:
    desk, manager, member, head = (
        signed_in(name) for name in ("frontdesk-raqqa", "manager", "member", "representative")
    )
    where = open_cohort(desk, capacity=1)
    first = nominated(desk, where, name=NAME, phone="0944 555 111")["participant_id"]
    second = nominated(desk, where, name=NAME, phone="0944 555 222")["participant_id"]
    record = f"/v1/participants/{first}"
    listed = desk.get("/v1/participants", params={"search": "سميره نوري"}).raise_for_status()
    assert {first, second} <= {each["id"] for each in listed.json()["items"]}
    for path in ("/v1/participants", record, f"{record}/history", "/v1/participants/duplicates"):
        assert member.get(path).status_code in {403, 404}, path

    seen = desk.get(record).raise_for_status()
    changed = desk.patch(record, json={"birth_year": 1994}, headers=tag(seen))
    assert (changed.status_code, changed.json()["birth_year"]) == (200, 1994)
    assert code_of(desk.patch(record, json={"birth_year": 1995}, headers=tag(seen))) == (
        412,
        "stale",
    )
    assert code_of(desk.patch(record, json={"birth_year": 1995})) == (428, "precondition_required")
    for wrong, pointer in (({"phone": "12"}, "/phone"), ({"colour": "red"}, "/colour")):
        refused = desk.patch(record, json=wrong, headers=tag(changed))
        assert code_of(refused) == (422, "invalid")
        assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]
    history = desk.get(f"{record}/history").raise_for_status().json()["items"]
    assert history[-1]["changes"]["birth_year"]["to"] == 1994

    pairs = desk.get("/v1/participants/duplicates?limit=100").raise_for_status().json()["items"]
    assert {first, second} in [{person["id"] for person in each["participants"]} for each in pairs]
    merge = f"{record}/merge"
    assert code_of(desk.post(merge, json={"merged_id": second}, headers=tag(changed))) == (
        403,
        "forbidden",
    )
    itself = manager.post(merge, json={"merged_id": first}, headers=tag(changed))
    assert code_of(itself) == (422, "trainings.same_record")
    merged = manager.post(merge, json={"merged_id": second}, headers=tag(changed))
    merged.raise_for_status()
    assert merged.json()["moves"]
    gone = desk.get("/v1/participants", params={"search": "سميره نوري"}).json()["items"]
    assert [each["id"] for each in gone if each["id"] in {first, second}] == [first]

    timeline = desk.get(f"{record}/timeline").raise_for_status().json()["items"]
    assert [(each["kind"], each["times"]) for each in timeline] == [("applied", 1)]
    of_organisation = head.get(f"/v1/organisations/{ORGANISATION}/timeline?limit=1")
    assert len(of_organisation.raise_for_status().json()["items"]) == 1
    assert member.get(f"/v1/organisations/{ORGANISATION}/timeline").status_code == 404
    assert member.get(f"{record}/timeline").status_code == 404
    assert member.get("/v1/me/timeline").status_code == 200


def test_reports_are_exact_for_staff_and_frozen_for_others(signed_in: SignIn) -> None:
    desk, manager, member = (signed_in(name) for name in ("frontdesk-raqqa", "manager", "member"))
    report = "/v1/reports/trainings?from=2026-01-01&to=2026-12-31"
    found = desk.get(report).raise_for_status().json()
    assert (found["suppressed"], {each["by"] for each in found["tables"]} >= {"sex", "topic"}) == (
        False,
        True,
    )
    assert code_of(member.get(report)) == (403, "forbidden")
    csv = desk.get(f"{report}&format=csv").raise_for_status()
    assert csv.content.startswith("\ufeff".encode())
    sheet = load_workbook(io.BytesIO(desk.get(f"{report}&format=xlsx").content)).active
    assert sheet is not None
    assert sheet.max_row > 5
    for query, pointer in (
        ("from=2026-12-31&to=2026-01-01", "/to"),
        ("from=yesterday&to=2026-01-01", "/from"),
        ("from=2026-01-01", "/to"),
    ):
        refused = desk.get(f"/v1/reports/trainings?{query}")
        assert refused.status_code in {400, 422}, query
        assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]

    period = {"title": "عام 2019", "first_day": "2019-01-01", "last_day": "2019-12-31"}
    periods = "/v1/reports/trainings/periods"
    assert desk.post(periods, json=period, headers=key()).status_code == 403
    frozen = manager.post(periods, json=period, headers=key()).raise_for_status()
    again = manager.post(periods, json=period, headers=key())
    assert code_of(again) == (409, "trainings.periods_overlap")
    # As the centre counts days: late in the evening it is a day further than UTC.
    today = datetime.now(ZoneInfo("Asia/Damascus")).date().isoformat()
    running = manager.post(
        periods, json={**period, "first_day": today, "last_day": today}, headers=key()
    )
    assert code_of(running) == (409, "trainings.period_not_over")
    assert frozen.json()["id"] in {each["id"] for each in member.get(periods).json()["items"]}
    of_others = member.get(f"{periods}/{frozen.json()['id']}").raise_for_status().json()
    assert (of_others["report"]["suppressed"], of_others["report"]["people"]) == (True, None)
    exact = desk.get(f"{periods}/{frozen.json()['id']}").raise_for_status().json()
    assert exact["report"]["people"] == 0


def test_bad_input_is_refused_and_changes_nothing(signed_in: SignIn) -> None:
    desk, member, other = (
        signed_in(name) for name in ("frontdesk-raqqa", "member", "representative")
    )
    where, elsewhere = open_cohort(desk, capacity=3), open_cohort(desk, capacity=3)
    applied = member.post(f"{where}/applications", json={}, headers=key()).raise_for_status()
    mine = f"/v1/applications/{applied.json()['id']}"

    # A test answer for another cohort, and a person who is not enrolled.
    question = {"id": "q", "kind": "text", "label": {"ar": "س"}}
    forms = [
        desk.post(
            "/v1/forms",
            json={
                "purpose": purpose,
                "centre_id": "raqqa",
                "title": {"ar": "نموذج"},
                "questions": [question],
            },
            headers=key(),
        )
        .raise_for_status()
        .json()
        for purpose in ("pre_test", "pre_test", "feedback")
    ]
    for cohort, form in ((where, forms[0]), (elsewhere, forms[1])):
        put(desk, f"{cohort}/forms/pre_test", cohort, {"form_id": form["id"]}).raise_for_status()
    answering = {"form_id": forms[1]["id"], "edition": 1, "answers": {"q": "نعم"}}
    other_cohort = member.post(f"{where}/answers/pre_test", json=answering, headers=key())
    assert code_of(other_cohort) == (422, "trainings.form_of_other_cohort")
    not_in_it = member.post(f"{elsewhere}/answers/pre_test", json=answering, headers=key())
    assert code_of(not_in_it) == (409, "trainings.not_in_cohort")

    # A mark for a person who is not enrolled, and one for a session of another cohort.
    seen = desk.get(where).raise_for_status().json()
    marks = [
        {
            "id": f"mark-{number}",
            "session_id": session,
            "person_id": person,
            "status": "present",
            "marked_at": wire(datetime.now(UTC)),
        }
        for number, (session, person) in enumerate(
            [
                (seen["sessions"][0]["id"], "representative"),
                (desk.get(elsewhere).json()["sessions"][0]["id"], "member"),
            ]
        )
    ]
    sent = desk.post(f"{where}/attendance", json={"device_id": "phone", "marks": marks})
    assert sent.status_code == 200, sent.json()
    assert (sent.json()["saved"], sent.json()["refused"]) == (0, 2)
    assert [each["code"] for each in sent.json()["marks"]] == [
        "trainings.not_enrolled",
        "trainings.session_unknown",
    ]

    # Tables: no known encoding, too many rows, not what the name says.
    imports = f"{where}/imports?kind=applicants&mode=whole&name="
    garbled = desk.post(f"{imports}a.csv", content=b"\x81\x8d\xff\x00name", headers=key() | FILE)
    assert garbled.status_code == 422, garbled.text
    rows = "الاسم\n" + "شخص\n" * 200_000
    million = desk.post(f"{imports}a.csv", content=rows.encode(), headers=key() | FILE)
    assert code_of(million) == (422, "csv.too_large")
    huge = desk.post(f"{imports}a.csv", content=b"a" * 3_000_000, headers=key() | FILE)
    # The connection ends with it, and the client knows: the next request goes another way.
    assert (huge.status_code, huge.headers["Connection"]) == (413, "close")
    lie = desk.post(f"{imports}a.xlsx", content=b"%PDF-1.7", headers=key() | FILE)
    assert code_of(lie) == (422, "files.not_as_named")
    applicants = desk.get(f"{where}/applications").json()["items"]
    assert [each["id"] for each in applicants] == [applied.json()["id"]]

    # Codes: of no form, and one that nobody has issued.
    for code in ("'; drop table", "MSH-0000-0000-0000", "٠"):
        unknown = httpx.get(str(member.base_url.join(f"/v1/verify/{code}")))
        assert code_of(unknown) == (404, "trainings.code_unknown"), code

    # An old link after a withdrawal.
    put(desk, f"{where}/forms/feedback", where, {"form_id": forms[2]["id"]}).raise_for_status()
    made = desk.post(f"{mine}/form-links", json={"occasion": "feedback"}).raise_for_status()
    path = f"/v1/form-links/{made.json()['token']}"
    link = member.base_url.join(path)
    act(member, f"{mine}/withdraw").raise_for_status()
    after = httpx.get(str(link), headers={"Accept": "application/json"})
    assert after.status_code == 409
    assert code_of(other.post(f"{mine}/withdraw", json={}, headers={"If-Match": '"1"'})) == (
        404,
        "not_found",
    )

    # After closing.
    act(desk, f"{where}/close-applications").raise_for_status()
    late = other.post(f"{where}/applications", json={}, headers=key())
    assert code_of(late) == (409, "trainings.applications_closed")
    audit = desk.get(f"{where}/audit").raise_for_status().json()
    assert (audit["seats_taken"], audit["differences"]) == (0, [])


def test_only_a_trainer_who_works_now_is_asked_to_teach(signed_in: SignIn) -> None:
    desk = signed_in("frontdesk-raqqa")
    where = open_cohort(desk)
    asked = desk.post(f"{where}/assignments", json={"trainer_id": "member"}, headers=key())
    assert code_of(asked) == (422, "trainings.unknown_trainer")
    assert [each["pointer"] for each in asked.json()["errors"]] == ["/trainer_id"]

    def assigned() -> bool:
        # The news of the role may come a moment later.
        made = desk.post(f"{where}/assignments", json={"trainer_id": "trainer"}, headers=key())
        return made.status_code == 201

    until(assigned, "news of the trainer")
