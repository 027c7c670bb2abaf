"""What the RPC methods accept, as commands; and what they return, in wire form.

The schemas, with their limits, are the contract ``services.common.contracts.bookings.rpc``; these
modules, one an aggregate, join them to the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.bookings.domain.hours import Period
from services.common import clock
from services.common.contracts.bookings import rpc

Request = Mapping[str, Any]

_by_id = rpc.ById()


def id_of(request: Request) -> str:
    identifier: str = _by_id.load(request)["id"]
    return identifier


def period(value: Period) -> dict[str, str]:
    return {"starts_at": clock.to_wire(value.starts_at), "ends_at": clock.to_wire(value.ends_at)}
