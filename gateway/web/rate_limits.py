"""How often a client may call: counted by the `limits` library, answered in the draft's headers.

``RateLimit`` and ``RateLimit-Policy`` after
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from limits import (
    RateLimitItem,
    RateLimitItemPerDay,
    RateLimitItemPerHour,
    RateLimitItemPerMinute,
)
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from services.common.errors import TooManyRequests

#: For how long an address is known from which an account was signed in to.
_KNOWN = RateLimitItemPerDay(1, 30)


@dataclass(frozen=True, slots=True)
class WindowStats:
    """Where a caller stands with one limit: how many are left, and for how many seconds."""

    policy: str
    limit: int
    window: int
    left: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={self.window}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.reset}',
        }


class Limited(TooManyRequests):
    """A limit is used up; carries the standing for the headers."""

    kind = TooManyRequests.kind

    def __init__(self, standing: WindowStats) -> None:
        super().__init__("too_many_requests", extra={"retry_after": max(1, standing.reset)})
        self.standing = standing


class Limiter:
    """Limits on requests and on attempts to sign in.

    Attempts to sign in are counted for an account *and* an address together, so that a stranger who
    guesses locks out nobody but themselves. A client that goes on waits longer: a minute, ten
    minutes, an hour. What one address may try with all accounts, and all addresses with one
    account, has ceilings of its own; a device that has signed in to the account from that address
    within a month passes under both. An IPv6 address counts as its network of 64 bits, which one
    subscriber has whole.

    Args:
        storage: see the `limits` library; ``memory://`` counts in this process only.
        general: requests of one caller per minute; 0 lifts the limit.
        sign_in: attempts per minute from one address; also invitations of one caller, and codes of
            certificates from one address that nobody has. Ten times as
            many per hour are taken for one account from unknown addresses, and half as many
            exports per hour of one caller. 0 lifts the limits.
    """

    def __init__(self, storage: str, *, general: int, sign_in: int) -> None:
        self._limiter = FixedWindowRateLimiter(storage_from_string(storage))
        self._general = RateLimitItemPerMinute(general) if general else None
        self._sign_in = RateLimitItemPerMinute(sign_in) if sign_in else None
        self._account = RateLimitItemPerHour(10 * sign_in) if sign_in else None
        self._exports = RateLimitItemPerHour((sign_in + 1) // 2) if sign_in else None
        self._guesses: tuple[RateLimitItem, ...] = ()
        if sign_in:
            self._guesses = (
                RateLimitItemPerMinute(sign_in),
                RateLimitItemPerMinute(sign_in + (sign_in + 1) // 2, 10),
                RateLimitItemPerHour(2 * sign_in),
            )

    def request(self, caller: str) -> WindowStats | None:
        """Count a request of a caller (an id, or an address where nobody is signed in).

        Raises:
            Limited: if the caller has none left.
        """
        return self._hit(self._general, "caller", caller)

    def sign_in(self, address: str, account: str) -> WindowStats | None:
        """Count an attempt to sign in, whether there is such an account or not.

        Raises:
            Limited: if none is left.
        """
        network = _network(address)
        found = []
        if not self._is_known(account, network):
            found.append(self._hit(self._sign_in, "sign-in-address", network))
            found.append(self._hit(self._account, "sign-in-account", account))
        found += [self._hit(each, "sign-in", account, network) for each in self._guesses]
        return _tightest(found)

    def signed_in(self, address: str, account: str) -> None:
        """Forget the wrong passwords of an account from an address, which is known from now on."""
        network = _network(address)
        for each in self._guesses:
            self._limiter.clear(each, "sign-in", account, network)
        if self._guesses:
            self._limiter.hit(_KNOWN, "known", account, network)

    def inviting(self, caller: str) -> WindowStats | None:
        """Count a request that looks for a person by an address.

        Raises:
            Limited: if the caller has none left.
        """
        return self._hit(self._sign_in, "people", caller)

    def exporting(self, caller: str) -> WindowStats | None:
        """Count an export of personal data, which every branch gathers from all that it keeps.

        Raises:
            Limited: if the caller has none left.
        """
        return self._hit(self._exports, "exports", caller)

    def check_codes(self, address: str) -> None:
        """Check that an address has not sent too many codes of certificates that nobody has.

        Raises:
            Limited: if it has.
        """
        network = _network(address)
        if self._sign_in and not self._limiter.test(self._sign_in, "codes", network):
            raise Limited(self._standing(self._sign_in, "codes", network))

    def code_missed(self, address: str) -> None:
        """Count a code that nobody has. Right ones are free: an office verifies many in a row."""
        if self._sign_in:
            self._limiter.hit(self._sign_in, "codes", _network(address))

    def _is_known(self, account: str, network: str) -> bool:
        return not self._limiter.test(_KNOWN, "known", account, network)

    def _hit(self, item: RateLimitItem | None, policy: str, *who: str) -> WindowStats | None:
        if item is None:
            return None
        allowed = self._limiter.hit(item, policy, *who)
        standing = self._standing(item, policy, *who)
        if not allowed:
            raise Limited(standing)
        return standing

    def _standing(self, item: RateLimitItem, policy: str, *who: str) -> WindowStats:
        reset_at, left = self._limiter.get_window_stats(item, policy, *who)
        reset = max(1, int(reset_at - time.time() + 0.999))
        return WindowStats(policy, item.amount, item.get_expiry(), max(0, left), reset)


def _tightest(standings: Iterable[WindowStats | None]) -> WindowStats | None:
    found = [each for each in standings if each is not None]
    return min(found, key=lambda standing: standing.left, default=None)


def _network(address: str) -> str:
    """What counts as one address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, 64), strict=False))
