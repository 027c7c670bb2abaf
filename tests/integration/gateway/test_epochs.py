"""A right that is lost is lost at once, in every process of the gateway."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.settings import ROOT
from gateway.app import build
from gateway.identity import epoch_feed
from gateway.seeding import add_first_data
from gateway.web.parts import Gateway
from tests.support.awaiting import until
from tests.support.echoing import Running
from tests.support.gateway import PASSWORD, put_people_in, settings
from tests.support.ports import free_port
from tests.support.stack import Server

REVOKED = (401, "auth.token_revoked")
SOON = 1.5  # seconds: less than the pause between two looks into the store


@dataclass(frozen=True)
class Device:
    """A person is signed in; asks either process with the token it has."""

    access: str
    refresh: str | None

    def ask(self, door: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.access}"}
        version = options.pop("version", None)
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return door.request(method, path, headers=headers, **options)

    def is_refused(self, door: httpx.Client) -> bool:
        answer = self.ask(door, "GET", "/v1/me")
        return (answer.status_code, answer.json().get("code")) == REVOKED


class Doors:
    """Two processes of one gateway, with its worker."""

    def __init__(
        self,
        gateway: Gateway,
        environment: dict[str, str],
        worker: Running,
        first: httpx.Client,
        second: httpx.Client,
    ) -> None:
        self.gateway = gateway
        self.environment = environment
        self.worker = worker
        self.first = first
        self.second = second

    def add(self, **person: Any) -> str:
        """Put a person in; returns the id."""
        name = f"p{uuid.uuid4().hex[:8]}"
        person = {"id": name, "email": f"{name}@hope.example", "name": {"ar": name}} | person
        self._seed(people=[{"password": PASSWORD, **person}])
        return name

    def add_organisation(self) -> str:
        name = f"o{uuid.uuid4().hex[:8]}"
        organisation = {"id": name, "name": {"ar": name}, "status": "approved"}
        self._seed(organisations=[organisation])
        return name

    def add_service_account(self) -> str:
        name = f"s{uuid.uuid4().hex[:8]}"
        self._seed(service_accounts=[{"id": name, "password": PASSWORD, "name": {"ar": name}}])
        return name

    def _seed(self, **data: Any) -> None:
        add_first_data(self.gateway.identity, data)

    def sign_in(self, name: str) -> Device:
        return self._token(grant_type="password", email=f"{name}@hope.example", password=PASSWORD)

    def sign_in_service(self, name: str) -> Device:
        return self._token(grant_type="client_credentials", client_id=name, client_secret=PASSWORD)

    def renew(self, device: Device) -> httpx.Response:
        body = {"grant_type": "refresh_token", "refresh_token": device.refresh}
        return self.second.post("/v1/auth/token", json=body)

    def _token(self, **body: str) -> Device:
        given = self.first.post("/v1/auth/token", json=body).raise_for_status().json()
        return Device(given["access_token"], given.get("refresh_token"))


@contextmanager
def serving(folder: Path, environment: dict[str, str]) -> Iterator[httpx.Client]:
    """One process of the gateway."""
    port = free_port()
    log = folder / f"gateway-{port}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "-c",
                "gateway/gunicorn.conf.py",
                "gateway.wsgi:app",
            ],
            cwd=ROOT,
            env={**os.environ, **environment, "GATEWAY_BIND": f"127.0.0.1:{port}"},
            stdout=file,
            stderr=file,
        )

    def listens() -> bool:
        assert process.poll() is None, log.read_text()
        metrics = client.get("/metrics").text
        return 'masaha_broker_connected{connection="epoch-feed"} 1.0' in metrics

    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            until(listens, "a process that hears of epochs", 30, hurt_by=(httpx.TransportError,))
            yield client
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def doors(
    broker: Server, database: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("doors")
    chosen = settings(folder, database.uri, amqp_uri=broker.uri)
    environment = {
        "AMQP_URI": broker.uri,
        "MONGO_URI": database.uri,
        "DATABASE_PREFIX": chosen.common.database_prefix,
        "PUBLIC_URL": chosen.public_url,
        "JWT_KEYS_DIR": str(chosen.jwt_keys_dir),
        "CURSOR_SECRET": chosen.cursor_secret,
        "RATE_LIMIT": "0",
        "SIGN_IN_LIMIT": "0",
    }
    gateway = build(chosen)
    put_people_in(gateway)
    worker = Running(folder, broker.uri, "gateway", "worker", **environment)
    try:
        worker.await_ready()
        with serving(folder, environment) as first, serving(folder, environment) as second:
            yield Doors(gateway, environment, worker, first, second)
    finally:
        worker.close()
        gateway.close()


# -- every way to lose a right: who loses it, and what is done ------------------------------------


Loss = Callable[[Doors], tuple[Device, Callable[[], httpx.Response | None]]]


def _by_manager(doors: Doors, method: str, path: str, **options: Any) -> httpx.Response:
    return doors.sign_in("manager").ask(doors.first, method, path, **options)


def removed_from_an_organisation(doors: Doors) -> Any:
    name = doors.add(memberships=[{"organisation_id": "hope", "role": "member"}])
    path = f"/v1/organisations/hope/members/{name}"
    return doors.sign_in(name), lambda: _by_manager(doors, "DELETE", path, version=1)


def another_role_in_an_organisation(doors: Doors) -> Any:
    name = doors.add(memberships=[{"organisation_id": "hope", "role": "representative"}])
    path, body = f"/v1/organisations/hope/members/{name}", {"role": "member"}
    return doors.sign_in(name), lambda: _by_manager(doors, "PATCH", path, json=body, version=1)


def leaving_an_organisation(doors: Doors) -> Any:
    name = doors.add(memberships=[{"organisation_id": "hope", "role": "member"}])
    path = f"/v1/organisations/hope/members/{name}"
    device = doors.sign_in(name)
    return device, lambda: device.ask(doors.first, "DELETE", path, version=1)


def the_organisation_suspended(doors: Doors) -> Any:
    organisation = doors.add_organisation()
    name = doors.add(memberships=[{"organisation_id": organisation, "role": "member"}])
    path = f"/v1/organisations/{organisation}/suspend"
    return doors.sign_in(name), lambda: _by_manager(doors, "POST", path, version=2)


def disabled(doors: Doors) -> Any:
    name = doors.add()
    return doors.sign_in(name), lambda: _by_manager(
        doors, "POST", f"/v1/people/{name}/disable", version=1
    )


def a_staff_role_withdrawn(doors: Doors) -> Any:
    name = doors.add(roles=["manager"])
    body: dict[str, Any] = {"roles": []}
    return doors.sign_in(name), lambda: _by_manager(
        doors, "PATCH", f"/v1/people/{name}", json=body, version=1
    )


def a_centre_withdrawn(doors: Doors) -> Any:
    name = doors.add(roles=["front_desk"], centres=["raqqa", "tabqa"])
    body = {"centres": ["tabqa"]}
    return doors.sign_in(name), lambda: _by_manager(
        doors, "PATCH", f"/v1/people/{name}", json=body, version=1
    )


def the_password_changed(doors: Doors) -> Any:
    name = doors.add()
    other = doors.sign_in(name)
    body = {"current_password": PASSWORD, "new_password": "another long password"}
    return doors.sign_in(name), lambda: other.ask(doors.first, "POST", "/v1/me/password", json=body)


def signed_out(doors: Doors) -> Any:
    device = doors.sign_in(doors.add())
    body = {"refresh_token": device.refresh}
    return device, lambda: doors.first.post("/v1/auth/revoke", json=body)


def signed_out_everywhere(doors: Doors) -> Any:
    name = doors.add()
    body = {"refresh_token": doors.sign_in(name).refresh, "everywhere": True}
    return doors.sign_in(name), lambda: doors.first.post("/v1/auth/revoke", json=body)


def a_refresh_token_reused(doors: Doors) -> Any:
    name = doors.add()
    first = doors.sign_in(name)
    second = Device("", doors.renew(first).json()["refresh_token"])
    third = doors.renew(second).json()
    device = Device(third["access_token"], third["refresh_token"])
    return device, lambda: doors.renew(first) and None


def the_service_account_deleted(doors: Doors) -> Any:
    name = doors.add_service_account()
    path = f"/v1/service-accounts/{name}"
    return doors.sign_in_service(name), lambda: _by_manager(doors, "DELETE", path)


GOING_ON = (
    removed_from_an_organisation,
    another_role_in_an_organisation,
    leaving_an_organisation,
    the_organisation_suspended,
    a_staff_role_withdrawn,
    a_centre_withdrawn,
)
ENDING = (
    disabled,
    the_password_changed,
    signed_out,
    signed_out_everywhere,
    a_refresh_token_reused,
    the_service_account_deleted,
)


@pytest.mark.parametrize("loss", [*GOING_ON, *ENDING], ids=lambda each: each.__name__)
def test_a_right_that_is_lost_in_one_process_is_lost_in_the_other(doors: Doors, loss: Loss) -> None:
    device, lose = loss(doors)
    for door in (doors.first, doors.second):
        assert device.ask(door, "GET", "/v1/me").status_code == 200
    answer = lose()
    assert answer is None or answer.status_code < 300, answer.text
    until(lambda: device.is_refused(doors.second), "the refusal by the other process", SOON)
    until(lambda: device.is_refused(doors.first), "the refusal by the same process", SOON)
    if device.refresh is not None:
        renewed = doors.renew(device)
        assert renewed.status_code == (200 if loss in GOING_ON else 401)
        if loss in GOING_ON:  # with what is left of the rights
            after = Device(renewed.json()["access_token"], None)
            for door in (doors.first, doors.second):
                assert after.ask(door, "GET", "/v1/me").status_code == 200


# -- where no event comes -------------------------------------------------------------------------

POLLED = epoch_feed.POLL_SECONDS + SOON


def test_while_no_events_come_the_store_is_asked(doors: Doors) -> None:
    device, lose = disabled(doors)
    doors.worker.process.send_signal(signal.SIGSTOP)
    try:
        lose()
        until(lambda: device.is_refused(doors.second), "the refusal without an event", POLLED)
    finally:
        doors.worker.process.send_signal(signal.SIGCONT)


def test_a_process_that_has_just_started_knows_what_was_lost_before(
    doors: Doors, tmp_path: Path
) -> None:
    device, lose = removed_from_an_organisation(doors)
    lose()
    with serving(tmp_path, doors.environment) as third:
        until(lambda: device.is_refused(third), "the refusal by a new process", POLLED)


def test_who_was_taken_out_of_the_store_by_hand_is_refused(doors: Doors) -> None:
    name = doors.add(roles=["manager"])
    device = doors.sign_in(name)
    assert device.ask(doors.second, "GET", "/v1/people").status_code == 200
    doors.gateway.database.collection("people").delete_one({"_id": name})
    until(lambda: device.is_refused(doors.second), "the refusal", POLLED)
