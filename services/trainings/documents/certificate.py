"""A certificate as PDF: one page, A4 across, with a QR code that says the same and is signed.

It is made of what was issued alone, so it is the same whenever it is made again. For threads of a
worker, not for a process with an event loop (``services/common/documents/typesetting.py``).
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from services.common.documents.lines import line_of
from services.common.documents.typesetting import set_document
from services.common.languages import in_language
from services.trainings.documents.qr_codes import draw_qr_code
from services.trainings.documents.texts import document_texts
from services.trainings.domain.certificates import Certificate

_TEMPLATE = "trainings/documents/certificate.typ"


def render_certificate(
    certificate: Certificate, language: str, *, zone: ZoneInfo, address: str, statement: str
) -> bytes:
    """The PDF.

    Args:
        language: of the page; the signed statement stays in the certificate's own.
        zone: of its centre.
        address: the page that verifies it, in this language or any.
        statement: signed, of ``statements.sign_certificate``. The QR code is the address with the
            statement behind ``#``: a phone opens the page, and a reader without a connection takes
            the statement, which never leaves the phone.

    Raises:
        ValueError: if its person's data is erased: there is no name to print.
        Unprintable: if the fonts lack a character of a text.
    """
    if certificate.name is None:
        raise ValueError(f"the name of {certificate.code} is erased")
    texts = document_texts()

    def say(key: str) -> str:
        return texts.text(f"certificate.{key}", language)

    code = draw_qr_code(f"{address}#{statement}")
    facts = {
        "hours": str(certificate.hours),
        "first_day": certificate.first_day.isoformat(),
        "last_day": certificate.last_day.isoformat(),
        "code": certificate.code,
        "issued": certificate.issued_on(zone).isoformat(),
    }
    if until := certificate.valid_until(zone):
        facts["valid_until"] = until.isoformat()
    kind = str(certificate.kind)
    values = {
        "document": f"{say(f'{kind}.heading')} {certificate.code}",
        "centre": line_of(in_language(certificate.centre, language), language),
        "heading": say(f"{kind}.heading"),
        "given_to": say("given_to"),
        "name": line_of(certificate.name, language),
        "given_for": say(f"{kind}.given_for"),
        "title": line_of(in_language(certificate.title, language), language),
        "facts": [{"label": say(key), "value": value} for key, value in facts.items()],
        "signature": say("signature"),
        "verify": say("verify"),
        "qr": code.svg,
        "qr_width": code.width,
        "qr_says": say("qr"),
        "address": address,
        "address_shown": address.partition("://")[2] or address,
    }
    return set_document(_TEMPLATE, values, language=language, moment=certificate.issued_at)
