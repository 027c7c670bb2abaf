"""What the RPC methods accept, as commands; and what they return, in wire form.

The schemas, with their limits, are the contract ``services.common.contracts.consultations``; these
modules, one an aggregate, join them to the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.common import clock
from services.common.contracts.consultations import rpc

Request = Mapping[str, Any]

_by_id = rpc.ById()


def id_of(request: Request) -> str:
    identifier: str = _by_id.load(request)["id"]
    return identifier


def instant(value: datetime | None) -> str | None:
    """An instant in wire form, RFC 3339 in UTC; ``None`` where it has not come."""
    return None if value is None else clock.to_wire(value)
