"""Sign-in, organisations and members on the real database; events beside every change."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.identity.domain import permissions
from gateway.identity.domain.permissions import TABLE, Action, Relation
from gateway.identity.operations.sessions import renew_sign_in
from services.common.clock import FixedClock, SystemClock
from tests.support.gateway import PASSWORD, Door, a_door, rows
from tests.support.stack import Server


@pytest.fixture
def door(database: Server, tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path, database.uri) as opened:
        yield opened


def sign_in(door: Door, name: str, password: str = PASSWORD) -> Any:
    body = {"grant_type": "password", "email": f"{name}@hope.example", "password": password}
    return door("POST", "/v1/auth/token", json=body)


def renew(door: Door, token: str) -> Any:
    body = {"grant_type": "refresh_token", "refresh_token": token}
    return door("POST", "/v1/auth/token", json=body)


def events(door: Door, kind: str) -> list[dict[str, Any]]:
    found = [row["event"] for row in rows(door.gateway, "outbox")]
    return [event for event in found if event["type"] == kind]


# -- sign-in ----------------------------------------------------------------------------------


def test_signing_in_gives_a_token_that_names_the_caller(door: Door) -> None:
    answer = sign_in(door, "REP")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    identity = door.gateway.tokens.verify(answer.json["access_token"])
    assert identity.caller.id == "rep"
    assert identity.caller.organisations == {"hope": "representative"}


def test_a_wrong_half_is_not_told(door: Door) -> None:
    wrong, unknown = sign_in(door, "member", "wrong password"), sign_in(door, "nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert {**wrong.json, "trace_id": 0} == {**unknown.json, "trace_id": 0}
    assert wrong.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.alone
def test_an_unknown_address_takes_as_long_as_a_wrong_password(door: Door) -> None:
    def seconds(name: str) -> float:
        began = time.perf_counter()
        sign_in(door, name, "wrong password")
        return time.perf_counter() - began

    known, unknown = [], []
    for _ in range(9):
        known.append(seconds("member"))
        unknown.append(seconds("nobody"))
    ratio = statistics.median(unknown) / statistics.median(known)
    assert 0.5 < ratio < 2.0


def test_a_refresh_token_is_used_once_and_gives_the_next(door: Door) -> None:
    first = sign_in(door, "member").json["refresh_token"]
    second = renew(door, first)
    assert second.status_code == 200
    assert renew(door, second.json["refresh_token"]).status_code == 200


def test_reuse_of_a_refresh_token_ends_its_family_only(door: Door) -> None:
    other = sign_in(door, "member").json["refresh_token"]
    first = sign_in(door, "member").json["refresh_token"]
    second = renew(door, first).json["refresh_token"]
    third = renew(door, second).json["refresh_token"]
    assert renew(door, first).json["code"] == "auth.refresh_invalid"  # not the last, though recent
    assert renew(door, third).status_code == 401
    assert renew(door, other).status_code == 200


@pytest.fixture
def clock(door: Door) -> FixedClock:
    """Of the identity only; a test moves it on."""
    clock = FixedClock(SystemClock().now())
    gateway = door.gateway
    gateway.identity = replace(gateway.identity, clock=clock, refresh=timedelta(hours=1))
    return clock


def test_a_phone_whose_answer_was_lost_asks_again(door: Door, clock: FixedClock) -> None:
    first = sign_in(door, "member").json["refresh_token"]
    lost = renew(door, first)
    clock.advance(timedelta(seconds=10))
    assert renew(door, first).status_code == lost.status_code == 200  # this answer is lost too
    clock.advance(timedelta(seconds=9))
    found = renew(door, first).json["refresh_token"]
    assert found.partition(".")[0] == first.partition(".")[0]
    assert renew(door, found).status_code == 200


def test_asking_again_too_late_ends_the_family(door: Door, clock: FixedClock) -> None:
    first = sign_in(door, "member").json["refresh_token"]
    renew(door, first)
    clock.advance(timedelta(seconds=15))
    second = renew(door, first).json["refresh_token"]  # which gives no more time
    clock.advance(timedelta(seconds=6))
    assert renew(door, first).status_code == 401
    assert renew(door, second).status_code == 401


def test_two_renewals_at_once_sign_no_device_out(door: Door, clock: FixedClock) -> None:
    first = sign_in(door, "member").json["refresh_token"]
    given = renew(door, first).json["refresh_token"]
    also = renew(door, first).json["refresh_token"]
    clock.advance(timedelta(minutes=9))  # whichever answer came last is the one that was kept
    following = renew(door, given)
    assert following.status_code == 200
    clock.advance(timedelta(seconds=19))
    assert renew(door, also).status_code == 200  # the device's other window
    clock.advance(timedelta(seconds=2))
    assert renew(door, also).status_code == 401  # two have the family's tokens: it ends
    assert renew(door, following.json["refresh_token"]).status_code == 401


def test_what_was_not_used_is_used_up_with_its_like(door: Door, clock: FixedClock) -> None:
    first = sign_in(door, "member").json["refresh_token"]
    stolen = renew(door, first).json["refresh_token"]
    kept = renew(door, first).json["refresh_token"]
    following = renew(door, kept).json["refresh_token"]
    clock.advance(timedelta(seconds=21))
    assert renew(door, stolen).status_code == 401
    assert renew(door, following).status_code == 401


def test_of_many_uses_at_once_each_gives_a_token_that_goes_on(door: Door) -> None:
    token = sign_in(door, "member").json["refresh_token"]

    def use(_: int) -> str:
        return str(renew_sign_in(door.gateway.identity, token).refresh_token)

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(use, range(12)))
    (family,) = rows(door.gateway, "refresh_families")
    current = [t for t in given if sha256(t.partition(".")[2].encode()) in family["current"]]
    assert len(set(given)) == 12
    assert len(current) == len(family["current"]) == 10  # of one that asks more often, the last
    assert len(family["spent"]) == 2
    assert renew(door, current[0]).status_code == 200


def sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def test_signing_out_ends_the_family(door: Door) -> None:
    token = sign_in(door, "member").json["refresh_token"]
    for _ in range(2):
        answer = door("POST", "/v1/auth/revoke", json={"refresh_token": token})
        assert (answer.status_code, answer.data) == (204, b"")
    assert renew(door, token).status_code == 401


@pytest.mark.parametrize("token", ["x", "x.y", "..", "\u0000.\u0000", "a" * 512])
def test_a_made_up_refresh_token_is_refused(door: Door, token: str) -> None:
    assert renew(door, token).status_code == 401


def test_a_service_account_signs_in_with_its_secret(door: Door) -> None:
    body = {"grant_type": "client_credentials", "client_id": "system", "client_secret": PASSWORD}
    answer = door("POST", "/v1/auth/token", json=body)
    assert answer.status_code == 200
    assert "refresh_token" not in answer.json
    caller = door.gateway.tokens.verify(answer.json["access_token"]).caller
    assert (caller.kind, caller.roles) == ("service", {"s:r"})
    bad = door("POST", "/v1/auth/token", json={**body, "client_secret": "wrong"})
    assert bad.json["code"] == "auth.sign_in_failed"


def test_passwords_and_refresh_tokens_are_kept_as_hashes_only(door: Door) -> None:
    token = sign_in(door, "member").json["refresh_token"]
    kept = str(rows(door.gateway, "people")) + str(rows(door.gateway, "refresh_families"))
    assert PASSWORD not in kept
    assert token.partition(".")[2] not in kept
    assert "$argon2id$" in kept


def from_address(door: Door, address: str, name: str, password: str = PASSWORD) -> Any:
    body = {"grant_type": "password", "email": f"{name}@hope.example", "password": password}
    environ = {"REMOTE_ADDR": address}
    return door("POST", "/v1/auth/token", json=body, environ_overrides=environ)


def test_a_stranger_who_guesses_locks_nobody_out(database: Server, tmp_path: Path) -> None:
    with a_door(tmp_path, database.uri, sign_in_limit=10) as door:
        guesses = [from_address(door, "203.0.113.9", "member", "a guess") for _ in range(60)]
        assert [each.status_code for each in guesses] == [401] * 10 + [429] * 50
        assert from_address(door, "198.51.100.7", "member").status_code == 200


def test_many_strangers_are_held_up_but_not_a_known_device(
    database: Server, tmp_path: Path
) -> None:
    with a_door(tmp_path, database.uri, sign_in_limit=2) as door:
        assert from_address(door, "198.51.100.7", "member").status_code == 200
        strangers = [f"203.0.113.{n}" for n in range(25)]
        guesses = [from_address(door, each, "member", "a guess") for each in strangers]
        assert [each.status_code for each in guesses] == [401] * 19 + [429] * 6
        policy = guesses[-1].headers["RateLimit-Policy"]
        assert policy == '"sign-in-account";q=20;w=3600'
        unknown = [from_address(door, each, "nobody", "a guess") for each in strangers]
        assert [each.status_code for each in unknown] == [401] * 20 + [429] * 5
        for _ in range(3):
            assert from_address(door, "198.51.100.7", "member").status_code == 200
        assert from_address(door, "198.51.100.8", "rep").status_code == 200  # another account


def test_a_colleague_who_has_signed_in_before_gets_in_from_a_busy_office(
    database: Server, tmp_path: Path
) -> None:
    with a_door(tmp_path, database.uri, sign_in_limit=3) as door:
        assert from_address(door, "198.51.100.7", "member").status_code == 200
        for _ in range(4):
            from_address(door, "198.51.100.7", "nobody", "a guess")
        assert from_address(door, "198.51.100.7", "rep").status_code == 429
        assert from_address(door, "198.51.100.7", "member").status_code == 200


def test_one_network_of_ipv6_is_one_address(database: Server, tmp_path: Path) -> None:
    with a_door(tmp_path, database.uri, sign_in_limit=3) as door:
        guesses = [from_address(door, f"2001:db8::{n:x}", "member", "a guess") for n in range(4)]
        assert [each.status_code for each in guesses] == [401, 401, 401, 429]
        assert from_address(door, "2001:db8:0:1::1", "member").status_code == 200


def test_the_present_password_is_not_guessed_with_a_stolen_token(
    database: Server, tmp_path: Path
) -> None:
    with a_door(tmp_path, database.uri, sign_in_limit=3) as door:
        body = {"current_password": "a guess", "new_password": "another long password"}
        answers = [door("POST", "/v1/me/password", "member", json=body) for _ in range(4)]
        assert [each.status_code for each in answers] == [422, 422, 422, 429]


def test_nor_by_asking_to_have_oneself_erased(database: Server, tmp_path: Path) -> None:
    with a_door(tmp_path, database.uri, sign_in_limit=3) as door:
        body, headers = {"password": "a guess"}, {"If-Match": '"1"'}
        answers = [
            door("POST", "/v1/me/erase", "member", json=body, headers=headers) for _ in range(4)
        ]
        assert [each.status_code for each in answers] == [422, 422, 422, 429]


def test_sign_in_is_limited_per_address(database: Server, tmp_path: Path) -> None:
    with a_door(tmp_path, database.uri, sign_in_limit=3) as door:
        answers = [sign_in(door, "nobody") for _ in range(4)]
        assert [a.status_code for a in answers] == [401, 401, 401, 429]
        last = answers[-1]
        assert 1 <= int(last.headers["Retry-After"]) <= 60
        assert last.headers["RateLimit"].startswith('"sign-in-address";r=0')
        assert last.headers["RateLimit-Policy"] == '"sign-in-address";q=3;w=60'
        assert sign_in(door, "member").status_code == 429  # the same address
        assert from_address(door, "10.0.0.9", "nobody").status_code == 401


# -- me ---------------------------------------------------------------------------------------


def test_one_changes_ones_own_language_with_the_version_read(door: Door) -> None:
    me = door("GET", "/v1/me", "member")
    changed = door("PATCH", "/v1/me", "member", json={"language": "en"}, version=1)
    assert (me.headers["ETag"], changed.headers["ETag"]) == ('"1"', '"2"')
    stale = door("PATCH", "/v1/me", "member", json={"language": "ar"}, version=1)
    assert stale.status_code == 412
    assert door("PATCH", "/v1/me", "member", json={}, version=2).headers["ETag"] == '"2"'
    told = events(door, "identity.person.changed")
    assert [event["data"] for event in told] == [{"person_id": "member", "version": 2}]
    (state,) = [s for s in events(door, "identity.person.details") if s["subject"] == "member"]
    assert state["data"]["details"]["language"] == "en"
    assert told[0]["aggregateversion"] == 2


def test_the_chosen_language_speaks_where_the_browser_is_silent(door: Door) -> None:
    door("PATCH", "/v1/me", "member", json={"language": "en"}, version=1)
    silent = door("GET", "/v1/organisations/none", "member")
    wished = door("GET", "/v1/organisations/none", "member", headers={"Accept-Language": "ar"})
    assert (silent.json["title"], wished.json["title"]) == ("Not found", "غير موجود")


# -- organisations ----------------------------------------------------------------------------


def register(door: Door, who: str = "member", key: str = "k1", name: str = "جديدة") -> Any:
    return door("POST", "/v1/organisations", who, json={"name": {"ar": name}}, key=key)


def test_a_registered_organisation_waits_and_its_founder_represents_it(door: Door) -> None:
    made = register(door)
    assert made.status_code == 201
    assert made.json["status"] == "pending"
    members = door("GET", f"{made.headers['Location']}/members", "member").json["items"]
    assert [(m["person_id"], m["role"]) for m in members] == [("member", "representative")]
    identity = door.gateway.tokens.verify(door.token("member"))
    assert made.json["id"] not in identity.caller.organisations  # not before it is approved
    registered = events(door, "identity.organisation.registered")[-1]
    granted = events(door, "identity.membership.granted")[-1]
    assert registered["subject"] == made.json["id"]
    assert granted["subject"] == f"{made.json['id']}.member"


def test_the_same_key_gives_the_first_answer_again(door: Door) -> None:
    first, again = register(door), register(door)
    assert first.json == again.json
    assert first.status_code == again.status_code == 201
    other = register(door, name="غيرها")
    assert (other.status_code, other.json["code"]) == (422, "idempotency.key_reused")
    assert register(door, who="rep").json["id"] != first.json["id"]  # another caller's key


def test_one_key_sent_many_times_at_once_registers_once(door: Door) -> None:
    token = door.token("member")

    def send(_: int) -> str:
        answer = door.app.test_client().post(
            "/v1/organisations",
            json={"name": {"ar": "واحدة"}},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "race"},
        )
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(send, range(16)))) == 1


def test_approval_and_suspension_move_with_versions_and_events(door: Door) -> None:
    path = register(door).headers["Location"]
    approved = door("POST", f"{path}/approve", "manager", version=1)
    assert (approved.json["status"], approved.headers["ETag"]) == ("approved", '"2"')
    again = door("POST", f"{path}/approve", "manager", version=2)
    assert (again.status_code, again.json["status"]) == (409, 409)
    assert again.json["code"] == "organisations.not_allowed_now"
    assert door("POST", f"{path}/suspend", "manager", version=1).status_code == 412
    assert door("POST", f"{path}/suspend", "manager").status_code == 428
    suspended = door("POST", f"{path}/suspend", "manager", version=2)
    assert suspended.json["status"] == "suspended"
    told = [
        (event["type"], event["aggregateversion"])
        for event in (row["event"] for row in rows(door.gateway, "outbox"))
        if event["subject"] == suspended.json["id"]
    ]
    assert told == [
        ("identity.organisation.registered", 1),
        ("identity.organisation.approved", 2),
        ("identity.organisation.suspended", 3),
    ]


def test_one_sees_ones_own_organisations_and_staff_see_all(door: Door) -> None:
    def seen(who: str) -> list[str]:
        return [o["id"] for o in door("GET", "/v1/organisations", who).json["items"]]

    assert seen("member") == ["hope"]
    assert seen("stranger") == ["other"]
    assert set(seen("manager")) == set(seen("desk")) == {"hope", "other"}


def test_a_list_is_walked_by_its_links(door: Door) -> None:
    for number in range(5):
        register(door, key=f"k{number}")
    seen: list[str] = []
    url: str | None = "/v1/organisations?limit=2&status=pending"
    while url:
        answer = door("GET", url, "manager")
        seen += [o["id"] for o in answer.json["items"]]
        link = answer.headers.get("Link")
        url = link[1 : link.index(">")] if link else None
        assert (answer.json["next_cursor"] is None) is (link is None)
    assert len(seen) == len(set(seen)) == 5
    cursor = door("GET", "/v1/organisations?limit=1", "manager").json["next_cursor"]
    foreign = door("GET", f"/v1/organisations?limit=1&cursor={cursor}", "desk")
    assert foreign.json["code"] == "cursor.invalid"


# -- members ----------------------------------------------------------------------------------


HOPE = "/v1/organisations/hope"


def invite(
    door: Door,
    email: str,
    who: str = "rep",
    role: str = "member",
    key: str = "i1",
    organisation: str = HOPE,
) -> Any:
    body = {"email": email, "role": role}
    return door("POST", f"{organisation}/invitations", who, json=body, key=key)


def answer(door: Door, invited: Any, action: str, who: str = "stranger", version: int = 1) -> Any:
    path = f"/v1/me/invitations/{invited.json['id']}/{action}"
    return door("POST", path, who, json={}, version=version)


def add(door: Door, name: str, role: str = "member", key: str = "a1") -> None:
    """Invited, and accepted."""
    invited = invite(door, f"{name}@hope.example", role=role, key=key)
    assert answer(door, invited, "accept", who=name).status_code == 200


def remove(door: Door, name: str, who: str, version: int) -> Any:
    return door("DELETE", f"{HOPE}/members/{name}", who, version=version)


def test_a_person_belongs_once_they_have_accepted(door: Door) -> None:
    invited = invite(door, "Stranger@hope.example")
    assert (invited.status_code, invited.headers["ETag"]) == (201, '"1"')
    assert (invited.json["status"], invited.json["email"]) == ("open", "stranger@hope.example")
    member = f"{HOPE}/members/stranger"
    assert door("GET", member, "rep").status_code == 404
    assert "hope" not in door.gateway.tokens.verify(door.token("stranger")).caller.organisations
    (mine,) = door("GET", "/v1/me/invitations", "stranger").json["items"]
    assert (mine["organisation_id"], mine["role"]) == ("hope", "member")
    assert mine["organisation_name"] == {"ar": "أمل", "en": "Hope"}
    assert answer(door, invited, "accept", version=2).status_code == 412
    accepted = answer(door, invited, "accept")
    assert (accepted.status_code, accepted.json["status"]) == (200, "accepted")
    assert accepted.headers["ETag"] == '"2"'
    assert door("GET", member, "rep").json["role"] == "member"
    assert "hope" in door.gateway.tokens.verify(door.token("stranger")).caller.organisations
    granted = events(door, "identity.membership.granted")[-1]
    assert (granted["subject"], granted["actorkind"]) == ("hope.stranger", "person")
    issued, done = (
        events(door, f"identity.invitation.{each}")[0]["data"] for each in ("issued", "accepted")
    )
    assert (issued["person_id"], issued["changed_by"]) == ("stranger", "rep")
    assert (done["person_id"], done["changed_by"]) == ("stranger", "stranger")
    assert issued["invited_by"] == done["invited_by"] == "rep"
    assert "stranger@hope.example" not in str(rows(door.gateway, "outbox")[-3:])


def test_a_person_may_decline_and_be_asked_again(door: Door) -> None:
    invited = invite(door, "stranger@hope.example")
    declined = answer(door, invited, "decline")
    assert (declined.status_code, declined.json["status"]) == (200, "declined")
    late = answer(door, invited, "accept", version=2)
    assert (late.status_code, late.json["code"]) == (409, "organisations.invitation_not_open")
    assert late.json["state"] == "declined"
    assert door("GET", f"{HOPE}/members/stranger", "rep").status_code == 404
    assert door("GET", "/v1/me/invitations", "stranger").json["items"] == []
    assert invite(door, "stranger@hope.example", key="i2").status_code == 201


def test_an_invitation_is_taken_back(door: Door) -> None:
    invited = invite(door, "stranger@hope.example")
    path = f"{invited.headers['Location']}/withdraw"
    assert door("POST", path, "member", json={}, version=1).status_code == 403
    assert door("POST", path, "rep", json={}).status_code == 428
    withdrawn = door("POST", path, "rep", json={}, version=1)
    assert (withdrawn.status_code, withdrawn.json["status"]) == (200, "withdrawn")
    assert answer(door, invited, "accept", version=2).json["state"] == "withdrawn"
    assert door("POST", path, "rep", json={}, version=2).status_code == 409


def test_an_invitation_expires_after_two_weeks(door: Door) -> None:
    invited = invite(door, "stranger@hope.example")
    past = SystemClock().now() - timedelta(seconds=1)
    door.gateway.database.collection("invitations").update_one({}, {"$set": {"expires_at": past}})
    assert door("GET", "/v1/me/invitations", "stranger").json["items"] == []
    (listed,) = door("GET", f"{HOPE}/invitations", "rep").json["items"]
    assert listed["status"] == "expired"
    assert answer(door, invited, "accept").json["state"] == "expired"
    assert invite(door, "stranger@hope.example", key="i2").status_code == 201
    created, expires = (SystemClock().now(), invited.json["expires_at"])
    days = (datetime.fromisoformat(expires) - created).days
    assert days in (13, 14)


def test_the_open_invitations_are_seen_by_who_may_invite(door: Door) -> None:
    first = invite(door, "stranger@hope.example")
    second = invite(door, "nobody@hope.example", role="representative", key="i2")
    answer(door, first, "decline")
    for who in ("rep", "manager"):
        page = door("GET", f"{HOPE}/invitations?status=open", who).json
        assert [each["id"] for each in page["items"]] == [second.json["id"]]
        assert len(door("GET", f"{HOPE}/invitations", who).json["items"]) == 2
    assert door("GET", f"{HOPE}/invitations", "member").status_code == 403
    assert door("GET", f"{HOPE}/invitations", "stranger").status_code == 404
    assert door("GET", f"/v1/me/invitations/{second.json['id']}", "stranger").status_code == 404
    other = f"/v1/organisations/other/invitations/{first.json['id']}"
    assert door("GET", other, "stranger").status_code == 404


def test_the_same_is_not_asked_twice(door: Door) -> None:
    invite(door, "stranger@hope.example")
    again = invite(door, "STRANGER@hope.example", key="i2")
    assert (again.status_code, again.json["code"]) == (409, "organisations.already_invited")
    member = invite(door, "member@hope.example", key="i3")
    assert (member.status_code, member.json["code"]) == (409, "organisations.already_member")


def test_one_address_invited_many_times_at_once_is_invited_once(door: Door) -> None:
    token = door.token("rep")

    def send(number: int) -> int:
        return (
            door.app.test_client()
            .post(
                f"{HOPE}/invitations",
                json={"email": "stranger@hope.example", "role": "member"},
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": f"r{number}"},
            )
            .status_code
        )

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(send, range(6))) == [201, 409, 409, 409, 409, 409]


def test_whether_somebody_has_an_address_shows_in_no_answer(door: Door) -> None:
    def shown(answer: Any) -> dict[str, Any]:
        own = ("id", "email", "created_at", "updated_at", "expires_at", "trace_id")
        return {name: value for name, value in answer.json.items() if name not in own}

    known, unknown = invite(door, "stranger@hope.example"), invite(door, "x@y.example", key="i2")
    assert known.status_code == unknown.status_code == 201
    assert shown(known) == shown(unknown)
    again = [invite(door, each, key=each) for each in ("stranger@hope.example", "x@y.example")]
    assert again[0].status_code == again[1].status_code == 409
    assert shown(again[0]) == shown(again[1])
    issued = events(door, "identity.invitation.issued")
    assert [each["data"]["person_id"] for each in issued] == ["stranger", None]


def test_before_it_is_approved_an_organisation_invites_nobody(door: Door) -> None:
    path = register(door, who="stranger").headers["Location"]
    for who in ("stranger", "manager"):
        refused = invite(door, "member@hope.example", who, organisation=path)
        assert (refused.status_code, refused.json["code"]) == (409, "organisations.not_allowed_now")
        assert refused.json["state"] == "pending"


def test_a_suspended_organisation_lets_nobody_in_or_out(door: Door) -> None:
    add(door, "stranger")
    waiting = invite(door, "desk@hope.example", key="i2")
    version = door("GET", HOPE, "manager").headers["ETag"].strip('"')
    assert door("POST", f"{HOPE}/suspend", "manager", version=version).status_code == 200
    for refused in (
        remove(door, "stranger", "rep", 1),
        invite(door, "desk@hope.example", key="i2"),  # the key of the first answer
        answer(door, waiting, "accept", who="desk"),
    ):
        assert (refused.status_code, refused.json["code"]) == (409, "organisations.not_allowed_now")
    assert answer(door, waiting, "decline", who="desk").status_code == 200
    assert remove(door, "stranger", "stranger", 1).status_code == 204  # anybody may leave


def test_a_representative_removes_a_member_who_may_come_back(door: Door) -> None:
    add(door, "stranger")
    assert door("DELETE", f"{HOPE}/members/stranger", "rep").status_code == 428
    assert remove(door, "stranger", "rep", 9).status_code == 412
    gone = remove(door, "stranger", "rep", 1)
    assert (gone.status_code, gone.data) == (204, b"")
    assert door("GET", f"{HOPE}/members/stranger", "member").status_code == 404
    add(door, "stranger", key="a2")
    assert door("GET", f"{HOPE}/members/stranger", "member").headers["ETag"] == '"3"'
    revoked = events(door, "identity.membership.revoked")
    assert [event["aggregateversion"] for event in revoked] == [2]


def test_who_may_no_longer_invite_is_not_given_the_answer_of_an_earlier_key(door: Door) -> None:
    assert invite(door, "desk@hope.example").status_code == 201
    add(door, "stranger", role="representative")
    assert remove(door, "rep", "stranger", 1).status_code == 204
    assert invite(door, "desk@hope.example").status_code == 404


def test_inviting_is_limited_like_sign_in(database: Server, tmp_path: Path) -> None:
    with a_door(tmp_path, database.uri, sign_in_limit=3) as door:
        answers = [invite(door, f"n{i}@hope.example", key=f"n{i}") for i in range(4)]
        assert [each.status_code for each in answers] == [201, 201, 201, 429]
        assert answers[-1].headers["RateLimit-Policy"] == '"people";q=3;w=60'
        assert invite(door, "n@hope.example", who="manager").status_code == 201  # by itself


def test_withdrawing_gives_no_invitation_back(door: Door) -> None:
    for number in range(5):
        invited = invite(door, "stranger@hope.example", key=f"w{number}")
        assert invited.status_code == 201
        assert (
            door(
                "POST", f"{invited.headers['Location']}/withdraw", "rep", json={}, version=1
            ).status_code
            == 200
        )
    again = invite(door, "Stranger@hope.example", who="manager", key="w5")
    assert (again.status_code, again.json["code"]) == (429, "too_many_requests")
    assert 0 < int(again.headers["Retry-After"]) <= 24 * 3600
    assert len(events(door, "identity.invitation.issued")) == 5
    assert invite(door, "nobody@hope.example", key="w6").status_code == 201


def test_two_representatives_who_leave_at_once_are_not_both_let_go(door: Door) -> None:
    add(door, "stranger", role="representative")
    token = door.token("manager")

    def leave(person: str) -> int:
        return (
            door.app.test_client()
            .delete(
                f"{HOPE}/members/{person}",
                headers={"Authorization": f"Bearer {token}", "If-Match": '"1"'},
            )
            .status_code
        )

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, ["rep", "stranger"])) == [204, 409]


def test_a_member_leaves_but_not_the_last_who_represents_it(door: Door) -> None:
    path = "/v1/organisations/hope/members"
    last = door("DELETE", f"{path}/rep", "rep", version=1)
    assert (last.status_code, last.json["code"]) == (409, "organisations.last_representative")
    assert door("DELETE", f"{path}/rep", "member", version=1).status_code == 403
    assert door("DELETE", f"{path}/member", "member", version=1).status_code == 204
    assert door("DELETE", f"{path}/member", "member", version=2).status_code == 404
    revoked = events(door, "identity.access.revoked")
    assert [(each["subject"], each["data"]["epoch"]) for each in revoked] == [("member", 1)]


def test_a_role_is_given_and_taken_with_the_version_read(door: Door) -> None:
    path = "/v1/organisations/hope/members"

    def change(person: str, role: str, version: int) -> Any:
        return door("PATCH", f"{path}/{person}", "rep", json={"role": role}, version=version)

    last = change("rep", "member", 1)
    assert (last.status_code, last.json["code"]) == (409, "organisations.last_representative")
    given = change("member", "representative", 1)
    assert (given.status_code, given.json["role"], given.headers["ETag"]) == (
        200,
        "representative",
        '"2"',
    )
    assert change("member", "member", 1).status_code == 412
    assert change("member", "representative", 2).headers["ETag"] == '"2"'  # nothing to change
    assert change("rep", "member", 1).status_code == 200
    assert change("stranger", "member", 1).status_code == 403  # who is a member only by now


# -- accounts ---------------------------------------------------------------------------------


def test_the_last_manager_stays_one(door: Door) -> None:
    for method, path, body in (
        ("PATCH", "/v1/people/manager", {"roles": []}),
        ("POST", "/v1/people/manager/disable", {}),
    ):
        answer = door(method, path, "manager", json=body, version=1)
        assert (answer.status_code, answer.json["code"]) == (409, "people.last_manager")
    given = door("PATCH", "/v1/people/desk", "manager", json={"roles": ["manager"]}, version=1)
    assert (given.status_code, given.json["roles"]) == (200, ["manager"])
    (state,) = [s for s in events(door, "identity.person.details") if s["subject"] == "desk"]
    assert (state["data"]["roles"], state["data"]["centres"]) == (["manager"], ["raqqa"])
    assert state["aggregateversion"] == 2
    assert door("POST", "/v1/people/manager/disable", "desk", json={}, version=1).json[
        "active"
    ] is (False)


def test_of_two_managers_who_disable_each_other_at_once_one_stays(door: Door) -> None:
    door("PATCH", "/v1/people/desk", "manager", json={"roles": ["manager"]}, version=1)
    tokens = {name: door.token(name) for name in ("manager", "desk")}

    def disable(name: str, whom: str, version: int) -> int:
        headers = {"Authorization": f"Bearer {tokens[name]}", "If-Match": f'"{version}"'}
        client = door.app.test_client()
        return client.post(f"/v1/people/{whom}/disable", json={}, headers=headers).status_code

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(disable, "manager", "desk", 2)
        other = pool.submit(disable, "desk", "manager", 1)
        answers = sorted([one.result(), other.result()])
    assert answers in ([200, 401], [200, 409])


def test_who_is_disabled_cannot_sign_in_until_enabled(door: Door) -> None:
    disabled = door("POST", "/v1/people/member/disable", "manager", json={}, version=1)
    assert (disabled.status_code, disabled.json["active"]) == (200, False)
    refused, unknown = sign_in(door, "member"), sign_in(door, "nobody")
    assert refused.status_code == 401
    assert {**refused.json, "trace_id": 0} == {**unknown.json, "trace_id": 0}
    listed = door("GET", "/v1/people?active=false", "manager").json["items"]
    assert [each["id"] for each in listed] == ["member"]
    door("POST", "/v1/people/member/enable", "manager", json={}, version=2)
    assert sign_in(door, "member").status_code == 200


def test_another_password_is_chosen_by_who_knows_the_present_one(door: Door) -> None:
    tokens = sign_in(door, "member").json
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    def change(current: str, new: str) -> Any:
        body = {"current_password": current, "new_password": new}
        return door("POST", "/v1/me/password", json=body, headers=headers)

    wrong = change("not the present one", "another long password")
    assert (wrong.status_code, wrong.json["code"]) == (422, "auth.password_wrong")
    assert wrong.json["errors"][0]["pointer"] == "/current_password"
    assert change(PASSWORD, "too short").status_code == 422
    given = change(PASSWORD, "another long password")
    assert given.status_code == 200
    assert renew(door, given.json["refresh_token"]).status_code == 200
    assert renew(door, tokens["refresh_token"]).status_code == 401
    assert sign_in(door, "member").status_code == 401
    assert sign_in(door, "member", "another long password").status_code == 200


# -- who may do what --------------------------------------------------------------------------

WALK = {
    Action.READ_ME: ("GET", "/v1/me", {}),
    Action.CHANGE_ME: ("PATCH", "/v1/me", {"json": {}, "version": 1}),
    Action.REGISTER_ORGANISATION: (
        "POST",
        "/v1/organisations",
        {"json": {"name": {"ar": "س"}}, "key": "w"},
    ),
    Action.LIST_ORGANISATIONS: ("GET", "/v1/organisations", {}),
    Action.READ_ORGANISATION: ("GET", "/v1/organisations/hope", {}),
    Action.APPROVE_ORGANISATION: ("POST", "/v1/organisations/hope/approve", {"version": 2}),
    Action.SUSPEND_ORGANISATION: ("POST", "/v1/organisations/hope/suspend", {"version": 2}),
    Action.READ_MEMBERS: ("GET", "/v1/organisations/hope/members", {}),
    Action.INVITE_MEMBER: (
        "POST",
        "/v1/organisations/hope/invitations",
        {"json": {"email": "nobody@hope.example", "role": "member"}, "key": "w"},
    ),
    Action.READ_INVITATIONS: ("GET", "/v1/organisations/hope/invitations", {}),
    Action.WITHDRAW_INVITATION: (
        "POST",
        "/v1/organisations/hope/invitations/none/withdraw",
        {"json": {}, "version": 1},
    ),
    Action.ANSWER_INVITATION: ("GET", "/v1/me/invitations", {}),
    Action.CHANGE_MEMBER: (
        "PATCH",
        "/v1/organisations/hope/members/rep",
        {"json": {"role": "representative"}, "version": 1},
    ),
    Action.REMOVE_MEMBER: ("DELETE", "/v1/organisations/hope/members/rep", {"version": 1}),
    Action.LEAVE_ORGANISATION: ("DELETE", "/v1/organisations/hope/members/{who}", {"version": 9}),
    Action.READ_PEOPLE: ("GET", "/v1/people", {}),
    Action.CHANGE_PEOPLE: (
        "PATCH",
        "/v1/people/desk",
        {"json": {"roles": ["front_desk"]}, "version": 1},
    ),
    Action.EXPORT_ME: ("GET", "/v1/me/export", {}),
    Action.ERASE_ME: ("POST", "/v1/me/erase", {"json": {"password": "not the one"}, "version": 1}),
    Action.EXPORT_PEOPLE: ("GET", "/v1/people/{other}/export", {}),
    Action.ERASE_PEOPLE: ("POST", "/v1/people/{other}/erase", {"json": {}, "version": 9}),
    Action.READ_SERVICE_ACCOUNTS: ("GET", "/v1/service-accounts", {}),
    Action.DELETE_SERVICE_ACCOUNT: ("DELETE", "/v1/service-accounts/none", {}),
}
CALLERS = {
    None: Relation.VISITOR,
    "system": Relation.SERVICE,
    "stranger": Relation.PERSON,
    "member": Relation.MEMBER,
    "rep": Relation.REPRESENTATIVE,
    "desk": Relation.FRONT_DESK,
    "manager": Relation.MANAGER,
}


def test_each_endpoint_lets_in_whom_the_table_names_and_nobody_else(door: Door) -> None:
    assert set(WALK) == set(Action)
    door.branches.answers["export_person"] = {"data": {}}
    wrong: list[str] = []
    for action, (method, path, options) in WALK.items():
        about_one = "/hope" in path
        for who, relation in CALLERS.items():
            other = "desk" if who == "member" else "member"
            status = door(method, path.format(who=who, other=other), who, **options).status_code
            if relation in TABLE[action]:
                # Past the door a rule may still refuse: 409, 412 and 422 are answers from inside.
                expected = {200, 201, 204, 409, 412, 422}
                if action in (Action.DELETE_SERVICE_ACCOUNT, Action.WITHDRAW_INVITATION):
                    expected = {404}
            elif relation is Relation.VISITOR:
                expected = {401}
            elif about_one and relation not in TABLE[Action.READ_ORGANISATION]:
                expected = {404}
            else:
                expected = {403}
            if status not in expected:
                wrong.append(f"{relation} {action}: {status}, not {sorted(expected)}")
    assert not wrong
    assert permissions.TABLE is TABLE


def test_an_unknown_organisation_looks_like_one_of_others(door: Door) -> None:
    theirs = door("GET", "/v1/organisations/other", "member")
    nobodys = door("GET", "/v1/organisations/none", "member")
    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json, "trace_id": 0} == {**nobodys.json, "trace_id": 0}


def test_seeding_again_changes_nothing(door: Door) -> None:
    from tests.support.gateway import put_people_in

    before = len(rows(door.gateway, "outbox"))
    put_people_in(door.gateway)
    assert len(rows(door.gateway, "outbox")) == before
