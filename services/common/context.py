"""The context of a call: who asks, in which language, under which trace, until when.

The gateway authenticates and fills it in; it travels as one header of the RPC message; the branch
authorises with it, object by object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.common.languages import DEFAULT_LANGUAGE

_NOWHERE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking.

    Attributes:
        id: the person's or service account's id; ``visitor`` and ``system`` have fixed ids.
        kind: ``person``, ``service``, ``visitor`` or ``system``.
        roles: the staff roles held: ``manager``, ``front_desk``, ``trainer``, ``adviser``,
            ``operator``; for a service account, its scopes.
        organisations: organisation id → ``member`` or ``representative``; approved ones only.
        not_approved: organisations that the caller belongs to and that wait for approval or are
            suspended. It gives no right: a refusal can name the true obstacle.
        centres: centre ids at which a front-desk role holds.
        epoch: how often this caller has lost a right; what was granted in an earlier epoch no
            longer holds.
    """

    id: str
    kind: str = "person"
    roles: frozenset[str] = frozenset()
    organisations: Mapping[str, str] = field(default_factory=dict)
    centres: frozenset[str] = frozenset()
    epoch: int = 0
    not_approved: frozenset[str] = frozenset()

    def is_manager(self) -> bool:
        # A service account's scopes travel as roles; none of them makes it a person of the staff.
        return self.kind == "person" and "manager" in self.roles

    @property
    def desks(self) -> frozenset[str]:
        """The centres whose front desk the caller is."""
        return self.centres if self.kind == "person" and "front_desk" in self.roles else _NOWHERE

    def is_front_desk_of(self, centre_id: str) -> bool:
        return centre_id in self.desks

    def belongs_to(self, organisation_id: str | None) -> bool:
        return organisation_id in self.organisations

    def represents(self, organisation_id: str | None) -> bool:
        return organisation_id is not None and (
            self.organisations.get(organisation_id) == "representative"
        )


VISITOR = Caller(id="visitor", kind="visitor")
SYSTEM = Caller(id="system", kind="system")


@dataclass(frozen=True, slots=True)
class Call:
    """One call as a branch sees it.

    Attributes:
        caller: who asks.
        language: for texts that the branch itself chooses.
        idempotency_key: the client's key of a creating request.
        traceparent: W3C Trace Context, carried on into events and logs.
    """

    caller: Caller = VISITOR
    language: str = DEFAULT_LANGUAGE
    idempotency_key: str | None = None
    traceparent: str | None = None

    def to_header(self) -> str:
        """The call as one JSON text, the value of the header ``nameko.call``."""
        caller = self.caller
        return orjson.dumps(
            {
                "caller": {
                    "id": caller.id,
                    "kind": caller.kind,
                    "roles": sorted(caller.roles),
                    "organisations": dict(caller.organisations),
                    "centres": sorted(caller.centres),
                    "epoch": caller.epoch,
                    "not_approved": sorted(caller.not_approved),
                },
                "language": self.language,
                "idempotency_key": self.idempotency_key,
                "traceparent": self.traceparent,
            }
        ).decode()

    @classmethod
    def from_header(cls, header: str | None) -> Call:
        """Read the header back; without one, the caller is a visitor, who may do the least.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: if it is no such header.
        """
        if not header:
            return cls()
        data: dict[str, Any] = orjson.loads(header)
        caller = data.get("caller") or {}
        for name in ("idempotency_key", "traceparent"):
            if not isinstance(data.get(name), str | None):
                raise TypeError(f"{name} is not a text")
        return cls(
            caller=Caller(
                id=str(caller["id"]),
                kind=str(caller.get("kind", "person")),
                roles=frozenset(caller.get("roles", ())),
                organisations=dict(caller.get("organisations", {})),
                centres=frozenset(caller.get("centres", ())),
                epoch=int(caller.get("epoch", 0)),
                not_approved=frozenset(caller.get("not_approved", ())),
            ),
            language=str(data.get("language") or DEFAULT_LANGUAGE),
            idempotency_key=data.get("idempotency_key"),
            traceparent=data.get("traceparent"),
        )
