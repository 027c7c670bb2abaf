"""Signed statements for readers without a connection.

One says what a certificate says and is printed on it as a QR code; the other lists the certificates
that count no more. Each is a JSON Web Signature (RFC 7515) in compact form with the algorithm
Ed25519 (RFC 8037, RFC 9864). ``typ`` distinguishes the two, so that one never passes for the other
(RFC 8725, 3.11). ``docs/certificates.md`` describes their members and has a verifier.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from joserfc import jws
from joserfc.errors import JoseError

from services.common.clock import from_wire, to_wire
from services.common.languages import in_language
from services.common.signing_keys import SigningKeys
from services.trainings.domain.certificates import Certificate

CERTIFICATE = "certificate"
WITHDRAWN = "withdrawn"


class NotOurs(ValueError):
    """The statement is no statement of the kind, or its signature is not by one of the keys."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a certificate's QR code says.

    Attributes:
        name: as issued.
        title: in the certificate's language.
        issued: the day, in the centre's zone.
        valid_until: the last day on which it counts; ``None`` where it never expires.
    """

    code: str
    name: str
    title: str
    kind: str
    hours: int | float
    first_day: date
    last_day: date
    issued: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class WithdrawnList:
    """The certificates that are revoked or superseded.

    Attributes:
        number: rises with each list; of two lists the higher one counts.
        issued_at: when it was made.
        next_by: when the next is there at the latest; a list that is older says nothing any more.
        codes: in order.
    """

    number: int
    issued_at: datetime
    next_by: datetime
    codes: tuple[str, ...]


def sign_certificate(certificate: Certificate, zone: ZoneInfo, keys: SigningKeys) -> str:
    """The statement of a certificate as it was issued; the same each time with the same key.

    Raises:
        ValueError: if its person's data is erased: there is no name to state.
    """
    if certificate.name is None:
        raise ValueError(f"the name of {certificate.code} is erased")
    said: dict[str, Any] = {
        "c": certificate.code,
        "n": certificate.name,
        "t": in_language(certificate.title, certificate.language),
        "k": str(certificate.kind),
        "h": certificate.hours,
        "f": certificate.first_day.isoformat(),
        "l": certificate.last_day.isoformat(),
        "i": certificate.issued_on(zone).isoformat(),
    }
    if last := certificate.valid_until(zone):
        said["u"] = last.isoformat()
    return _sign(CERTIFICATE, said, keys)


def read_certificate(token: str, keys: SigningKeys) -> Statement:
    """The statement that a QR code holds.

    Raises:
        NotOurs: if it is changed, signed by a key that is not published, or of another kind.
    """
    said = _read(CERTIFICATE, token, keys)
    try:
        return Statement(
            code=said["c"],
            name=said["n"],
            title=said["t"],
            kind=said["k"],
            hours=said["h"],
            first_day=date.fromisoformat(said["f"]),
            last_day=date.fromisoformat(said["l"]),
            issued=date.fromisoformat(said["i"]),
            valid_until=date.fromisoformat(said["u"]) if "u" in said else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotOurs(f"it has another form: {error}") from error


def sign_withdrawn(
    codes: Iterable[str], *, number: int, now: datetime, lasts: timedelta, keys: SigningKeys
) -> str:
    """The list of certificates that count no more.

    Args:
        codes: of all that are revoked or superseded, in any order.
        number: higher than that of the list before.
        lasts: after which it says nothing any more; the next list comes before that.
    """
    said = {
        "number": number,
        "issued": to_wire(now),
        "next": to_wire(now + lasts),
        "codes": sorted(set(codes)),
    }
    return _sign(WITHDRAWN, said, keys)


def read_withdrawn(token: str, keys: SigningKeys) -> WithdrawnList:
    """A list of certificates that count no more.

    Raises:
        NotOurs: if it is changed, signed by a key that is not published, or of another kind.
    """
    said = _read(WITHDRAWN, token, keys)
    try:
        return WithdrawnList(
            number=said["number"],
            issued_at=from_wire(said["issued"]),
            next_by=from_wire(said["next"]),
            codes=tuple(said["codes"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotOurs(f"it has another form: {error}") from error


def _sign(kind: str, said: Mapping[str, Any], keys: SigningKeys) -> str:
    key = keys.newest
    header = {"alg": keys.algorithm, "kid": key.kid, "typ": kind}
    payload = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return jws.serialize_compact(header, payload, key, algorithms=[keys.algorithm])


def _read(kind: str, token: str, keys: SigningKeys) -> dict[str, Any]:
    try:
        found = jws.deserialize_compact(token, keys.all, algorithms=[keys.algorithm])
        said = json.loads(found.payload)
    except (JoseError, ValueError) as error:
        raise NotOurs(str(error)) from error
    if found.headers().get("typ") != kind or not isinstance(said, dict):
        raise NotOurs(f"it is no {kind}")
    return said
