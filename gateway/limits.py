"""How often somebody may call: counted by the `limits` library, told in the draft's headers.

``RateLimit`` and ``RateLimit-Policy`` after
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from services.common.errors import TooManyRequests

_WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with one limit: how many are left, and for how many seconds."""

    policy: str
    limit: int
    left: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={_WINDOW_SECONDS}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.reset}',
        }


class Limited(TooManyRequests):
    """A limit is used up; carries the standing for the headers."""

    kind = TooManyRequests.kind

    def __init__(self, standing: Standing) -> None:
        super().__init__("too_many_requests", extra={"retry_after": max(1, standing.reset)})
        self.standing = standing


class Limiter:
    """Limits per minute.

    Args:
        storage: see the `limits` library; ``memory://`` counts in this process only.
        general: requests of one caller per minute; 0 lifts the limit.
        sign_in: attempts per minute from one address, and for one account; also addresses that one
            caller asks after by adding members. 0 lifts the limit.
    """

    def __init__(self, storage: str, *, general: int, sign_in: int) -> None:
        self._limiter = FixedWindowRateLimiter(storage_from_string(storage))
        self._general = RateLimitItemPerMinute(general) if general else None
        self._sign_in = RateLimitItemPerMinute(sign_in) if sign_in else None

    def request(self, caller: str) -> Standing | None:
        """Count a request of a caller (an id, or an address where nobody is signed in).

        Raises:
            Limited: if the caller has none left.
        """
        return self._hit(self._general, "caller", caller)

    def sign_in(self, address: str, account: str) -> Standing | None:
        """Count an attempt to sign in, against its address and against its account.

        Raises:
            Limited: if either has none left.
        """
        by_address = self._hit(self._sign_in, "sign-in-address", address)
        by_account = self._hit(self._sign_in, "sign-in-account", account)
        if by_address is None or by_account is None:
            return None
        return min(by_address, by_account, key=lambda standing: standing.left)

    def asking_after_people(self, caller: str) -> Standing | None:
        """Count a request whose answer says whether somebody is known here.

        Raises:
            Limited: if the caller has none left.
        """
        return self._hit(self._sign_in, "people", caller)

    def _hit(self, item: RateLimitItemPerMinute | None, policy: str, who: str) -> Standing | None:
        if item is None:
            return None
        allowed = self._limiter.hit(item, policy, who)
        reset_at, left = self._limiter.get_window_stats(item, policy, who)
        reset = max(1, int(reset_at - time.time() + 0.999))
        standing = Standing(policy, item.amount, max(0, left), reset)
        if not allowed:
            raise Limited(standing)
        return standing
