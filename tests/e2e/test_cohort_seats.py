"""From the call to the last seat through the real door: apply, wait, leave, be offered, accept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.e2e.conftest import SignIn
from tests.support.awaiting import until
from tests.support.client import code_of, key, tag, wire

ORGANISATION = "euphrates-development"
WEEKS_AHEAD = 9
TITLE = {"ar": "دفعة المقعد الأخير", "en": "The last seat"}


def session() -> dict[str, Any]:
    """A session of three hours, some weeks ahead."""
    day = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0)
    starts_at = day + timedelta(weeks=WEEKS_AHEAD)
    return {
        "starts_at": wire(starts_at),
        "ends_at": wire(starts_at + timedelta(hours=3)),
        "elsewhere": {"ar": "مقر المنظمة", "en": "The organisation's office"},
    }


def act(client: httpx.Client, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    """An action on a thing as it stands now."""
    seen = client.get(path.rpartition("/")[0]).raise_for_status()
    return client.post(path, json=body or {}, headers=tag(seen))


def open_cohort(desk: httpx.Client, **values: Any) -> str:
    request = {
        "course_id": "report-writing-basics",
        "centre_id": "raqqa",
        "capacity": 1,
        "sessions": [session()],
        **values,
    }
    made = desk.post("/v1/cohorts", json=request, headers=key()).raise_for_status()
    where = made.headers["Location"]
    for action in ("announce", "open-applications"):
        act(desk, f"{where}/{action}").raise_for_status()
    return str(where)


def test_a_seat_goes_from_one_person_to_the_next(signed_in: SignIn) -> None:
    desk, member, other = (
        signed_in(name) for name in ("frontdesk-raqqa", "member", "representative")
    )
    where = open_cohort(desk)
    applying = {"organisation_id": ORGANISATION, "person": {"phone": "0944123456"}}
    first = member.post(f"{where}/applications", json=applying, headers=key())
    assert (first.status_code, first.json()["status"]) == (201, "enrolled")
    again = member.post(f"{where}/applications", json=applying, headers=key())
    assert code_of(again) == (409, "trainings.already_applied")
    second = other.post(f"{where}/applications", json=applying, headers=key())
    assert (second.json()["status"], second.json()["reason"]) == ("waitlisted", "full")
    assert second.json()["place"] == 1

    public = httpx.get(str(member.base_url.join(f"{where}/seats"))).raise_for_status()
    assert (public.json()["free"], public.json()["taken"]) == (0, None)
    assert code_of(member.get(f"{where}/audit")) == (403, "forbidden")

    assert act(member, f"{first.headers['Location']}/withdraw").json()["status"] == "withdrawn"
    mine = f"/v1/applications/{second.json()['id']}"
    offered = other.get(mine).raise_for_status()
    assert (offered.json()["status"], offered.json()["reason"]) == ("offered", "next_by_rank")
    accepted = other.post(f"{mine}/accept-offer", json={}, headers=tag(offered))
    assert accepted.json()["status"] == "enrolled"
    stale = other.post(f"{mine}/accept-offer", json={}, headers=tag(offered))
    assert code_of(stale) == (412, "stale")

    listed = desk.get(f"{where}/applications").raise_for_status().json()["items"]
    assert {each["status"] for each in listed} == {"withdrawn", "enrolled"}
    seats = desk.get(f"{where}/seats").json()
    assert (seats["free"], seats["taken"]["enrolled"]) == (0, 1)
    audit = desk.get(f"{where}/audit").raise_for_status().json()
    assert (audit["seats_taken"], audit["differences"]) == (1, [])


def test_a_person_hears_of_the_seat(signed_in: SignIn) -> None:
    desk, member = signed_in("frontdesk-raqqa"), signed_in("member")
    where = open_cohort(desk, title=TITLE)
    member.post(f"{where}/applications", json={}, headers=key()).raise_for_status()

    def heard() -> bool:
        inbox = member.get("/v1/inbox?limit=50").raise_for_status().json()["items"]
        return any(
            "دفعة المقعد الأخير" in str(each) or "The last seat" in str(each) for each in inbox
        )

    until(heard, "a message about the seat")


def test_every_rule_that_is_not_met_is_named(signed_in: SignIn) -> None:
    desk, member = signed_in("frontdesk-raqqa"), signed_in("member")
    where = open_cohort(
        desk,
        course_id="project-cycle",
        eligibility=[{"kind": "centre", "values": ["tabqa"]}],
    )
    english = {**key(), "Accept-Language": "en"}
    refused = member.post(f"{where}/applications", json={}, headers=english)
    assert code_of(refused) == (409, "trainings.not_eligible")
    assert refused.json()["failed_rules"] == [
        {
            "code": "prerequisite_missing",
            "values": ["project-management-basics"],
            "detail": "A valid certificate of one of these courses is needed first: "
            "Project management basics.",
        },
        {
            "code": "centre_not_addressed",
            "values": ["tabqa"],
            "detail": "The cohort is for people of: Tabqa centre. Please state the nearest centre "
            "with the application.",
        },
    ]
    assert "Project management basics" in refused.json()["detail"]
    arabic = {**key(), "Accept-Language": "ar"}
    said = member.post(f"{where}/applications", json={}, headers=arabic).json()
    assert "أساسيات إدارة المشاريع" in said["detail"]
    assert "مركز الطبقة" in said["failed_rules"][1]["detail"]
