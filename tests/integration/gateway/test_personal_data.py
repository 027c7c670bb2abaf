"""Export and erasure of a person at the gateway, on the real database."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway import commands
from gateway.identity.operations.people import people_names
from gateway.identity.operations.personal_data import erase_person
from gateway.web.rate_limits import Limiter
from services.common import errors
from services.common.context import SYSTEM, Call
from services.common.runtime import WRONG_SETTING
from tests.support.gateway import PASSWORD, Door, a_door, rows
from tests.support.stack import Server

ADDRESS = "rep@hope.example"
BRANCHES = ["bookings", "consultations", "notifications", "trainings"]


@pytest.fixture
def door(database: Server, tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path, database.uri) as opened:
        opened.branches.answers["export_person"] = {"data": {"kind": [{"id": "1"}]}}
        yield opened


def sign_in(door: Door, email: str = ADDRESS) -> Any:
    body = {"grant_type": "password", "email": email, "password": PASSWORD}
    return door("POST", "/v1/auth/token", json=body)


def erase_me(door: Door, who: str, password: str = PASSWORD, version: int = 1) -> Any:
    return door("POST", "/v1/me/erase", who, json={"password": password}, version=version)


def sent(door: Door, kind: str, subject: str) -> list[dict[str, Any]]:
    found = [row["event"] for row in rows(door.gateway, "outbox")]
    return [each for each in found if (each["type"], each["subject"]) == (kind, subject)]


def test_a_person_gets_all_that_is_held_about_them(door: Door) -> None:
    sign_in(door)
    answer = door("GET", "/v1/me/export", "rep")
    assert answer.headers["Cache-Control"] == "private, no-store"
    parts = answer.json["parts"]
    assert set(parts) == {"gateway", *BRANCHES}
    (person,) = parts["gateway"]["person"]
    assert (person["email"], person["status"]) == (ADDRESS, "active")
    assert [each["organisation_id"] for each in parts["gateway"]["memberships"]] == ["hope"]
    assert len(parts["gateway"]["sign_ins"]) == 1
    assert "hash" not in str(answer.json)
    asked = [each for each in door.branches.asked if each[1] == "export_person"]
    assert sorted(branch for branch, *_ in asked) == BRANCHES
    for _, _, request, call in asked:
        assert request == {"person_id": "rep", "email": ADDRESS}
        assert call.caller.id == "rep"


def test_an_export_without_a_branch_is_none(door: Door) -> None:
    door.branches.away = True
    assert door("GET", "/v1/me/export", "rep").status_code == 503


@pytest.mark.parametrize(("who", "path"), [("rep", "/v1/me"), ("manager", "/v1/people/rep")])
def test_exports_of_one_caller_are_few_in_an_hour(door: Door, who: str, path: str) -> None:
    door.gateway.limiter = Limiter("memory://", general=0, sign_in=3)
    assert [door("GET", f"{path}/export", who).status_code for _ in range(3)] == [200, 200, 429]
    door.branches.asked.clear()
    refused = door("GET", f"{path}/export", who)
    assert refused.json["code"] == "too_many_requests"
    assert int(refused.headers["Retry-After"]) > 60
    assert door.branches.asked == []
    assert door("GET", "/v1/me/export", "stranger").status_code == 200


def test_managers_export_others_and_nobody_else_does(door: Door) -> None:
    assert door("GET", "/v1/people/rep/export", "manager").json["person_id"] == "rep"
    assert door("GET", "/v1/people/none/export", "manager").status_code == 404
    assert door("GET", "/v1/people/rep/export", "desk").status_code == 403


def test_erasing_oneself_needs_the_password_and_the_version_read(door: Door) -> None:
    wrong = erase_me(door, "rep", "not the password")
    assert (wrong.status_code, wrong.json["code"]) == (422, "auth.password_wrong")
    assert wrong.json["errors"][0]["pointer"] == "/password"
    assert erase_me(door, "rep", version=2).status_code == 412
    assert sign_in(door).status_code == 200


def test_of_who_is_erased_the_id_stays_and_nothing_else(door: Door) -> None:
    refresh = sign_in(door).json["refresh_token"]
    token = {"Authorization": f"Bearer {door.token('rep')}"}
    assert erase_me(door, "rep").status_code == 204
    kept = str([rows(door.gateway, each) for each in _collections(door)])
    # The last news of the address waits for the broker.
    (news,) = sent(door, "identity.erasure.details", "rep")
    assert news["data"]["details"] == {"email": ADDRESS}
    assert kept.count(ADDRESS) == 1
    assert sent(door, "identity.person.erased", "rep")[0]["data"] == {
        "person_id": "rep",
        "version": 2,
    }
    (state,) = sent(door, "identity.person.details", "rep")
    assert (state["data"]["status"], state["data"]["details"]) == ("erased", None)
    assert sent(door, "identity.membership.revoked", "hope.rep")
    assert sign_in(door).status_code == 401
    assert door("GET", "/v1/me", headers=token).status_code == 401
    body = {"grant_type": "refresh_token", "refresh_token": refresh}
    assert door("POST", "/v1/auth/token", json=body).status_code == 401
    assert door("GET", "/v1/people/rep", "manager").status_code == 404
    listed = door("GET", "/v1/people", "manager").json["items"]
    assert "rep" not in [each["id"] for each in listed]


def test_an_address_that_was_erased_is_free_and_two_people_may_be_erased(door: Door) -> None:
    for who in ("rep", "member"):
        assert erase_me(door, who).status_code == 204
    assert sign_in(door, "").status_code in (401, 422)


def test_managers_erase_and_see_which_organisations_nobody_represents_now(door: Door) -> None:
    def erase(who: str) -> Any:
        return door("POST", f"/v1/people/{who}/erase", "manager", json={}, version=1)

    assert erase("member").json == {"id": "member", "version": 2, "without_representative": []}
    assert erase("rep").json["without_representative"] == ["hope"]
    invited = door(
        "POST",
        "/v1/organisations/hope/invitations",
        "manager",
        json={"email": "stranger@hope.example", "role": "representative"},
        key="k",
    )
    assert invited.status_code == 201


def test_the_address_of_an_invitation_goes_by_itself(door: Door) -> None:
    """For a person without an account nobody erases it."""
    indexes = door.gateway.database.collection("invitations").index_information()
    assert indexes["expires_at_1"]["expireAfterSeconds"] == 30 * 24 * 3600


def test_what_an_address_was_invited_to_goes_with_it(door: Door) -> None:
    invited = door(
        "POST",
        "/v1/organisations/hope/invitations",
        "rep",
        json={"email": "stranger@hope.example", "role": "member"},
        key="k",
    )
    assert invited.status_code == 201
    exported = door("GET", "/v1/me/export", "stranger").json["parts"]["gateway"]
    assert [each["organisation_id"] for each in exported["invitations"]] == ["hope"]
    assert erase_me(door, "stranger").status_code == 204
    for collection in ("invitations", "idempotency_keys"):
        assert "stranger@" not in str(rows(door.gateway, collection))


def test_the_last_manager_stays(door: Door) -> None:
    refused = erase_me(door, "manager")
    assert (refused.status_code, refused.json["code"]) == (409, "people.last_manager")


def test_a_booking_of_who_is_erased_was_made_by_a_former_member(door: Door) -> None:
    erase_me(door, "rep")
    assert people_names(door.gateway.identity, ["rep", "member", "none"]) == {
        "rep": {},
        "member": {"ar": "member"},
    }


def test_an_operator_exports_disables_and_erases(door: Door) -> None:
    exported = commands.export(door.gateway, "rep")
    assert exported["parts"]["gateway"]["person"][0]["email"] == ADDRESS
    assert commands.disable(door.gateway, "rep")["status"] == "disabled"
    assert sign_in(door).status_code == 401
    erased = commands.erase(door.gateway, "rep")
    assert (erased["status"], erased["without_representative"]) == ("erased", ["hope"])
    assert commands.erase(door.gateway, "rep")["version"] == erased["version"], "again is no harm"
    with pytest.raises(errors.NotFound):
        erase_person(door.gateway.identity, Call(SYSTEM), "nobody", None)


def test_the_command_says_how_it_is_used() -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        assert commands.main(["person"]) == 2
        assert commands.main(["forget", "rep"]) == 2
    assert orjson.dumps(out.getvalue()) == b'""'


def _collections(door: Door) -> list[str]:
    return door.gateway.database.collection("people").database.list_collection_names()


def test_an_operator_with_a_wrong_setting_is_told_by_the_usual_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RATE_LIMIT", "many")
    assert commands.main(["export", "rep"]) == WRONG_SETTING
