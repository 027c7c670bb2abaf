"""Every error that may cross a border, as one small tree.

An error has a *kind* (its class, which the gateway maps to an HTTP status in one table) and a
stable *code* (``bookings.space_taken``), which is what a client acts upon. Texts for people are
made at the edge from the code and the params, in the caller's language; ``detail`` is for
developers and is English.

Codes of one branch live in ``contracts/<branch>/errors.py``; the codes that any part may raise are
in :data:`COMMON_CODES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in a request's body: where (RFC 6901 JSON pointer), which rule, and a hint."""

    pointer: str
    code: str
    detail: str = ""

    def to_wire(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


#: A member of ``extra``: it is not known whether the request was done, because it was delivered
#: twice. The same request under the same key, delivered once, gets the true answer.
DELIVERED_TWICE = "delivered_twice"


class MasahaError(Exception):
    """Base of every error that a caller may see.

    Args:
        code: stable dotted code, part of the contract.
        detail: one English sentence for developers; never shown as the only text.
        params: values that the translated text interpolates; of an amount, ``None`` is "no limit".
        extra: further members of the answer, such as ``alternatives``.
        errors: faults of single fields.
    """

    kind: ClassVar[str] = "error"
    default_code: ClassVar[str] = "internal"

    def __init__(
        self,
        code: str | None = None,
        detail: str = "",
        *,
        params: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        self.code = code or self.default_code
        self.detail = detail
        self.params = dict(params or {})
        self.extra = dict(extra or {})
        self.errors = tuple(errors)
        super().__init__(self.code, detail)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class Malformed(MasahaError):
    """The request could not be read at all (not JSON, unknown parameter)."""

    kind = "malformed"
    default_code = "malformed"


class Unauthenticated(MasahaError):
    """The caller is unknown: no token, or one that is not valid."""

    kind = "unauthenticated"
    default_code = "unauthenticated"


class Forbidden(MasahaError):
    """The caller is known and may know of the thing, but may not do this."""

    kind = "forbidden"
    default_code = "forbidden"


class NotFound(MasahaError):
    """There is no such thing, or the caller may not know of it: the two answers are the same."""

    kind = "not_found"
    default_code = "not_found"


class Conflict(MasahaError):
    """A rule of the domain refuses; ``extra['alternatives']`` offers a way on, if there is one."""

    kind = "conflict"
    default_code = "conflict"


class Stale(MasahaError):
    """The resource has changed since the caller read it (``expected_version`` differs)."""

    kind = "stale"
    default_code = "stale"


class Invalid(MasahaError):
    """Well-formed, but one or more fields break their limits; see ``errors``."""

    kind = "invalid"
    default_code = "invalid"


class KeyReused(Invalid):
    """An idempotency key was sent again with another request."""

    kind = "key_reused"
    default_code = "idempotency.key_reused"


class PreconditionMissing(MasahaError):
    """A change was sent without saying which version it changes."""

    kind = "precondition_missing"
    default_code = "precondition_required"


class TooManyRequests(MasahaError):
    """The caller has used up a limit; ``extra['retry_after']`` is in seconds."""

    kind = "too_many_requests"
    default_code = "too_many_requests"


class Unavailable(MasahaError):
    """A part that is needed is away; ``extra['retry_after']`` is in seconds. Nothing is known to
    have changed, and sending the same request with the same idempotency key is safe."""

    kind = "unavailable"
    default_code = "unavailable"


class Internal(MasahaError):
    """A defect. The answer has no details; the log has them, under the same trace id."""

    kind = "internal"
    default_code = "internal"


class Permanent(Exception):
    """Raised by an event handler for a message that no retry can cure: it is parked at once."""


class NotYet(Exception):
    """Why an event handler leaves an event: what it needs has not arrived, and is no error. The
    event is brought again after each delay in turn."""


KINDS: Mapping[str, type[MasahaError]] = {
    cls.kind: cls
    for cls in (
        Malformed,
        Unauthenticated,
        Forbidden,
        NotFound,
        Conflict,
        Stale,
        Invalid,
        KeyReused,
        PreconditionMissing,
        TooManyRequests,
        Unavailable,
        Internal,
    )
}


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """An entry of the published error list.

    Attributes:
        code: what a client acts upon.
        kind: what it comes as.
        meaning: one English sentence.
        params: values that always come with it; the texts interpolate them.
        extra: further members that may come with it, such as ``alternatives``. The contract says
            in ``problems.py`` what a param or a member of each name looks like.
    """

    code: str
    kind: type[MasahaError]
    meaning: str
    params: tuple[str, ...] = field(default=())
    extra: tuple[str, ...] = field(default=())

    def __call__(
        self,
        detail: str = "",
        *,
        extra: Mapping[str, Any] | None = None,
        errors: Sequence[FieldError] = (),
        **params: Any,
    ) -> MasahaError:
        """Build the error. ``params`` must be the ones the entry names, ``extra`` some of them.

        Raises:
            TypeError: if the params or the further members differ from the published ones.
        """
        if set(params) != set(self.params):
            raise TypeError(f"{self.code} takes {self.params}, got {tuple(params)}")
        if not set(extra or ()) <= set(self.extra):
            raise TypeError(f"{self.code} has the members {self.extra}, got {tuple(extra or ())}")
        return self.kind(
            self.code, detail or self.meaning, params=params, extra=extra, errors=errors
        )


COMMON_CODES: tuple[ErrorCode, ...] = (
    ErrorCode("malformed", Malformed, "The request could not be read."),
    ErrorCode("unauthenticated", Unauthenticated, "No valid sign-in was sent."),
    ErrorCode("forbidden", Forbidden, "The caller may not do this."),
    ErrorCode("not_found", NotFound, "There is no such thing for this caller."),
    ErrorCode("stale", Stale, "The resource has changed since it was read."),
    ErrorCode("invalid", Invalid, "One or more fields break their limits."),
    ErrorCode("idempotency.key_reused", KeyReused, "The key was used before with another request."),
    ErrorCode("idempotency.key_missing", Malformed, "A creating request needs an Idempotency-Key."),
    ErrorCode("idempotency.key_invalid", Malformed, "An Idempotency-Key is 1 to 128 characters."),
    ErrorCode("precondition_required", PreconditionMissing, "A change needs If-Match."),
    ErrorCode(
        "too_many_requests",
        TooManyRequests,
        "A limit was reached; wait for `retry_after` seconds.",
        extra=("retry_after",),
    ),
    ErrorCode(
        "unavailable",
        Unavailable,
        "A part that is needed is away; try again after `retry_after` seconds.",
        extra=("retry_after",),
    ),
    ErrorCode("internal", Internal, "A defect on our side."),
)


def to_wire(error: MasahaError) -> list[Any]:
    """The error as the three RPC exception arguments: code, detail, data."""
    return [
        error.code,
        error.detail,
        {
            "kind": error.kind,
            "params": error.params,
            "extra": error.extra,
            "errors": [e.to_wire() for e in error.errors],
        },
    ]


def from_wire(error: Any) -> MasahaError:
    """Rebuild an error from an RPC reply's ``error`` member.

    Anything that is not one of ours (a defect in the branch, another nameko service) comes back as
    :class:`Internal`, with the remote type in ``detail`` for the log.
    """
    if not isinstance(error, Mapping):
        return Internal(detail=f"an error that is no object: {error!r:.100}")
    args = error.get("exc_args")
    if isinstance(args, list) and len(args) == 3 and isinstance(args[2], Mapping):
        code, detail, data = args
        cls = KINDS.get(str(data.get("kind")), Internal)
        params, extra, faults = data.get("params"), data.get("extra"), data.get("errors")
        return cls(
            str(code),
            str(detail),
            params=params if isinstance(params, Mapping) else {},
            extra=extra if isinstance(extra, Mapping) else {},
            errors=[
                FieldError(
                    str(e.get("pointer", "")), str(e.get("code", "")), str(e.get("detail", ""))
                )
                for e in (faults if isinstance(faults, list) else ())
                if isinstance(e, Mapping)
            ],
        )
    return Internal(detail=f"{error.get('exc_type')}: {error.get('value')}")
