"""How anybody verifies a certificate: by its code, or without a connection by what is signed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.common.contracts.trainings.certificate_errors import CODE_UNKNOWN
from services.trainings.app import App
from services.trainings.domain.certificate_codes import normal_code
from services.trainings.domain.certificates import Verification, verify_certificate
from services.trainings.statements import sign_withdrawn

LIST_LASTS = timedelta(days=7)
"""How long a reader without a connection may rely on a list of those that count no more."""


def verify_code(app: App, typed: str) -> tuple[Verification, ZoneInfo]:
    """What the code of a certificate says, and the zone of its centre. For everybody.

    Args:
        typed: with or without dashes and spaces, in small letters or capitals, with any digits.

    Raises:
        errors.NotFound: ``trainings.code_unknown``, also for what cannot be a code.
    """
    code = normal_code(typed)
    certificate = None if code is None else app.certificates.by_code(code)
    if certificate is None:
        raise CODE_UNKNOWN()
    zone = ZoneInfo(app.centres.get(certificate.centre_id).time_zone)
    return verify_certificate(certificate, app.clock.now()), zone


def published_keys(app: App) -> dict[str, Any]:
    """The keys that verify signed statements, as a JSON Web Key Set (RFC 7517). For everybody."""
    return app.certificate_keys.public()


def withdrawn_list(app: App) -> str:
    """The signed list of the certificates that count no more. For everybody.

    Its number is the time in milliseconds, so that a later list has a higher one.
    """
    # Before the question: a code that comes in meanwhile is in a list with a higher number.
    now = app.clock.now()
    return sign_withdrawn(
        app.certificates.withdrawn_codes(now),
        number=int(now.timestamp() * 1000),
        now=now,
        lasts=LIST_LASTS,
        keys=app.certificate_keys,
    )
