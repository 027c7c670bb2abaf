"""The two ways in for the workload: the gateway over HTTP, or the branch itself over RPC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import requests

from deploy.local.people import Person
from gateway.remote.rpc import RpcClient
from services.common import errors
from services.common.context import Call, Caller

CONNECT_SECONDS = 2.0
# Longer than a call to a branch may take (5 s), so that the gateway is the one to give up.
ANSWER_SECONDS = 8.0
NO_ANSWER = 0

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` is HTTP's, or `NO_ANSWER`."""

    status: int
    body: Json
    seconds_to_wait: float = 0.0

    @property
    def definite(self) -> bool:
        """Whether it says what became of the request: not silence, not 5xx, not "sign in"."""
        return self.status not in (NO_ANSWER, 401, 429) and self.status < 500

    @property
    def ok(self) -> bool:
        return self.status in (200, 201)


class Door(Protocol):
    """One person at the door; used by one thread."""

    def create(self, key: str, booking: Json) -> Answer: ...

    def change(self, booking_id: str, version: int, changes: Json) -> Answer: ...

    def cancel(self, booking_id: str, version: int, reason: str) -> Answer: ...


class HttpDoor:
    """A signed-in person at the gateway. Signs in again on request."""

    def __init__(self, url: str, person: Person) -> None:
        self._url = url
        self._person = person
        self._session = requests.Session()
        self._token: str | None = None

    def create(self, key: str, booking: Json) -> Answer:
        return self._send("POST", "/v1/bookings", booking, {"Idempotency-Key": key})

    def change(self, booking_id: str, version: int, changes: Json) -> Answer:
        headers = {"If-Match": f'"{version}"'}
        return self._send("PATCH", f"/v1/bookings/{booking_id}", changes, headers)

    def cancel(self, booking_id: str, version: int, reason: str) -> Answer:
        headers = {"If-Match": f'"{version}"'}
        return self._send("POST", f"/v1/bookings/{booking_id}/cancel", {"reason": reason}, headers)

    def post(self, path: str, body: Json, **headers: str) -> Answer:
        """Any other request; header names are given with `_` for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._send("POST", path, body, sent)

    def _send(self, method: str, path: str, body: Json, headers: Mapping[str, str]) -> Answer:
        if self._token is None:
            refusal = self._sign_in()
            if refusal is not None:
                return refusal
        answer = self._request(
            method, path, body, {**headers, "Authorization": f"Bearer {self._token}"}
        )
        if answer.status == 401:
            self._token = None
        return answer

    def _sign_in(self) -> Answer | None:
        person = self._person
        grant = {"grant_type": "password", "email": person.email, "password": person.password}
        answer = self._request("POST", "/v1/auth/token", grant, {})
        if answer.status != 200:
            # The request itself was not sent: that is no answer to it, whatever this one says.
            return Answer(NO_ANSWER, answer.body, answer.seconds_to_wait)
        self._token = str(answer.body["access_token"])
        return None

    def _request(self, method: str, path: str, body: Json, headers: Mapping[str, str]) -> Answer:
        try:
            response = self._session.request(
                method,
                self._url + path,
                json=body,
                headers=dict(headers),
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            )
            wait = float(response.headers.get("Retry-After", 0))
            return Answer(response.status_code, response.json(), wait)
        except (requests.RequestException, ValueError) as error:
            return Answer(NO_ANSWER, {"code": type(error).__name__})


_STATUS = {
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.Invalid: 422,
    errors.KeyReused: 422,
    errors.Unavailable: 503,
}


class RpcDoor:
    """A person who speaks to the bookings branch without a gateway."""

    def __init__(self, client: RpcClient, person: Person) -> None:
        self._client = client
        organisations = {person.organisation_id: "representative"} if person.organisation_id else {}
        self._caller = Caller(id=person.id, organisations=organisations)

    def create(self, key: str, booking: Json) -> Answer:
        return self._call("create_booking", booking, key)

    def change(self, booking_id: str, version: int, changes: Json) -> Answer:
        return self._call(
            "change_booking", {**changes, "id": booking_id, "expected_version": version}
        )

    def cancel(self, booking_id: str, version: int, reason: str) -> Answer:
        request = {"id": booking_id, "expected_version": version, "reason": reason}
        return self._call("cancel_booking", request)

    def _call(self, method: str, request: Json, key: str | None = None) -> Answer:
        call = Call(caller=self._caller, language="en", idempotency_key=key)
        try:
            return Answer(200, self._client.call("bookings", method, request, call))
        except errors.MasahaError as error:
            wait = float(error.extra.get("retry_after", 0))
            return Answer(_STATUS.get(type(error), 500), {"code": error.code}, wait)
