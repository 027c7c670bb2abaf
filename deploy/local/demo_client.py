"""What the story of `make demo` is played and verified with."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

import requests

from deploy.local.people import Person

NOTIFIED_WITHIN_SECONDS = 30.0

Json = dict[str, Any]
T = TypeVar("T")

Step = tuple[str, str, Callable[[], list[str]]]
"""Its text in Arabic and in English, and the function that does and verifies it."""


class NotVerified(Exception):
    """A step did not show what it has to show; the text says what was seen instead."""


@dataclass(eq=False)
class Client:
    """One person at the gateway, with a session and a language."""

    url: str
    person: Person
    token: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def sign_in(self) -> Json:
        """Get an access token for the person."""
        answer = self.call(
            "POST",
            "/v1/auth/token",
            {
                "grant_type": "password",
                "email": self.person.email,
                "password": self.person.password,
            },
        )
        body = expect(answer, 200)
        self.token = body["access_token"]
        return body

    def call(
        self, method: str, path: str, body: Json | None = None, **headers: str
    ) -> requests.Response:
        """One request; header names are given with `_` for `-`."""
        sent = {"Accept-Language": self.person.language}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        sent |= {name.replace("_", "-"): text for name, text in headers.items()}
        return self.session.request(method, self.url + path, json=body, headers=sent, timeout=10)

    def get(self, path: str, **query: str | int) -> Json:
        """Read one resource."""
        words = "&".join(f"{name}={quote(str(v))}" for name, v in query.items())
        return expect(self.call("GET", f"{path}?{words}" if words else path), 200)


def wait_for(what: str, look: Callable[[], T | None]) -> T:
    """Look again and again, saying so, until it is there or the time is over."""
    begun = time.monotonic()
    said = 0
    while (found := look()) is None:
        waited = time.monotonic() - begun
        if waited > NOTIFIED_WITHIN_SECONDS:
            raise NotVerified(f"nothing came to {what} within {NOTIFIED_WITHIN_SECONDS:.0f} s")
        if int(waited) >= said + 2:
            said = int(waited)
            print(f"       … waiting for {what} ({said} s)", flush=True)
        time.sleep(0.2)
    return found


def expect(answer: requests.Response, status: int, kind: str = "application/json") -> Json:
    """The JSON body of an answer, which has to have this status and content type."""
    if answer.status_code != status:
        raise NotVerified(
            f"{answer.request.method} {answer.request.path_url} answered {answer.status_code}, "
            f"not {status}: {answer.text[:500]}"
        )
    check(
        answer.headers.get("Content-Type", "").startswith(kind),
        f"content type is {answer.headers.get('Content-Type')}",
    )
    body: Json = answer.json()
    return body


def check(true: bool, otherwise: str) -> None:
    """Verify one thing."""
    if not true:
        raise NotVerified(otherwise)


def read_message(client: Client, event_type: str, subject_id: str) -> list[str]:
    """The message about an event in a person's inbox, which is in the person's language."""
    language = client.person.language
    message = wait_for(
        f"the inbox of {client.person.email}",
        partial(_find_message, client, event_type, subject_id),
    )
    title = message["title"]
    check(is_arabic(title) == (language == "ar"), f"not in {language}: {title}")
    lines = [line for line in message["body"].splitlines() if line.strip()]
    return [f"{language}: {title}", *(f"    {line}" for line in lines)]


def _find_message(client: Client, event_type: str, subject_id: str) -> Json | None:
    """The newest message about such an event of this subject, once it is there."""
    for item in client.get("/v1/inbox", limit=50)["items"]:
        if (item["event_type"], item["subject_id"]) == (event_type, subject_id):
            return dict(item)
    return None


def localised(name: str | dict[str, str], language: str) -> str:
    """A name in a language, whether the answer holds one language or all of them."""
    return name if isinstance(name, str) else name[language]


def plain(text: str) -> str:
    """A text without the marks that steer its direction, to compare it."""
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf").strip()


def is_arabic(text: str) -> bool:
    """Whether most letters are Arabic ones."""
    letters = [letter for letter in text if letter.isalpha()]
    arabic = [letter for letter in letters if "\u0600" <= letter <= "\u06ff"]
    return len(arabic) * 2 > len(letters)


def wire(moment: datetime) -> str:
    """RFC 3339 in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def instant(text: str) -> datetime:
    """The moment that an RFC 3339 text means."""
    return datetime.fromisoformat(text)
