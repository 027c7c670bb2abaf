"""The printed form of a certificate: made once in each language, and the same bytes for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CertificateDocument:
    """One certificate as PDF in one language.

    Attributes:
        id: of the certificate and the language, so that there is one for both.
        file_id: where the bytes are; ``None`` where the fonts lack a character of a text.
    """

    id: str
    certificate_id: str
    language: str
    made_at: datetime
    file_id: str | None = None
    version: int = 1


def document_id(certificate_id: str, language: str) -> str:
    """The id of a certificate's document in a language."""
    return f"{certificate_id}.{language}"


def file_name(code: str, language: str) -> str:
    """Under which a person saves it."""
    return f"{code}-{language}.pdf"
