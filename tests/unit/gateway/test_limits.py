"""How often a client may try to sign in."""

from __future__ import annotations

import time

import pytest

from gateway.web.rate_limits import Limited, Limiter


class Now:
    """The time as the limits see it."""

    def __init__(self) -> None:
        self.at = time.time()

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Now:
    now = Now()
    monkeypatch.setattr(time, "time", now)
    return now


def test_whoever_goes_on_guessing_waits_longer(now: Now) -> None:
    limiter = Limiter("memory://", general=0, sign_in=4)
    waits: list[int] = []
    tried = 0
    while len(waits) < 3:
        try:
            limiter.sign_in("203.0.113.9", "sara")
            tried += 1
        except Limited as error:
            waits.append(error.standing.reset)
            now.at += waits[-1]
    assert waits[0] <= 60 < waits[1] <= 600 < waits[2] <= 3600
    assert tried == 8


def test_signing_in_forgets_the_wrong_passwords_before_it() -> None:
    limiter = Limiter("memory://", general=0, sign_in=4)
    for _ in range(5):
        for _ in range(3):
            limiter.sign_in("198.51.100.7", "sara")
        limiter.signed_in("198.51.100.7", "sara")
    standing = limiter.sign_in("198.51.100.7", "sara")
    assert standing is not None
    assert (standing.left, standing.headers()["RateLimit-Policy"]) == (3, '"sign-in";q=4;w=60')


def test_without_a_limit_nothing_is_counted() -> None:
    limiter = Limiter("memory://", general=0, sign_in=0)
    for _ in range(200):
        assert limiter.sign_in("198.51.100.7", "sara") is None
        limiter.signed_in("198.51.100.7", "sara")
