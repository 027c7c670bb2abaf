"""PDF from a template and values, with the project's own fonts only (docs/adr/0025).

The files follow PDF/A-2u and PDF/UA-1: all fonts are embedded, every glyph has its text, and screen
readers find the order and the language. Both forbid a missing glyph, so the typesetter refuses one.

A value never becomes markup: it goes to the template as data. The result depends on the arguments
alone, byte by byte. It takes many milliseconds, in which nothing else of the process works: many
documents, or long ones, are the worker's task, or of a process of their own (``apart.py``). Threads
may call it at the same time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import typst

from services.common.documents.fonts import FOLDERS
from services.common.languages import direction_of

# Of all services, so that a template of one imports what templates share.
_ROOT = Path(__file__).parents[2]
_STANDARDS: list[Literal["a-2u", "ua-1"]] = ["a-2u", "ua-1"]
_MISSING = "?"
# How readers lay pages side by side. From the right, readers that are built on PDFium turn codes
# and hashes round when people copy them, part by part. Both are as long: places in the file stay.
_PAGES_FROM_THE_RIGHT = b"/Direction/R2L"
_PAGES_FROM_THE_LEFT = b"/Direction/L2R"
_SAMPLE = b"""#set document(title: "sample")
#set text(font: ("Amiri", "Noto Serif"), fallback: false)
#sys.inputs.text #strong(sys.inputs.text)"""


class Unprintable(ValueError):
    """No font has a glyph for a part of a text.

    Attributes:
        message: says which part.
    """


def set_document(
    template: str, values: Mapping[str, Any], *, language: str, moment: datetime
) -> bytes:
    """A PDF.

    Args:
        template: a file of a service, such as ``trainings/documents/certificate.typ``.
        values: for the template; JSON can hold them.
        language: of the document.
        moment: when it was made, as its properties say.

    Raises:
        Unprintable: if a text has a character that the fonts lack.
    """
    given = {**values, "language": language, "direction": direction_of(language)}
    try:
        found = typst.compile(
            _ROOT / template,
            root=_ROOT,
            font_paths=_fonts(),
            sys_inputs={"values": json.dumps(given, ensure_ascii=False)},
            pdf_standards=[*_STANDARDS],
            timestamp=moment.replace(microsecond=0),
        )
    except typst.TypstError as error:
        if "could not be displayed" in error.message:
            raise Unprintable(error.message) from error
        raise
    assert isinstance(found, bytes)
    return found.replace(_PAGES_FROM_THE_RIGHT, _PAGES_FROM_THE_LEFT)


def set_whole_document(
    template: str, values: Mapping[str, Any], *, language: str, moment: datetime
) -> bytes:
    """A PDF with a question mark for each character of its lines that the fonts lack.

    Its arguments are those of ``set_document``; the lines are those that ``lines.line_of`` made.

    Raises:
        Unprintable: if another text than a line has a character that the fonts lack.
    """
    try:
        return set_document(template, values, language=language, moment=moment)
    except Unprintable:
        marked = _with_marked_lines(values)
        return set_document(template, marked, language=language, moment=moment)


def _with_marked_lines(value: Any) -> Any:
    match value:
        case {"text": str(text), "direction": _}:
            return {**value, "text": _mark_missing(text)}
        case dict():
            return {key: _with_marked_lines(each) for key, each in value.items()}
        case list():
            return [_with_marked_lines(each) for each in value]
    return value


def _mark_missing(text: str) -> str:
    return "".join(each if each.isspace() or _has_glyph(each) else _MISSING for each in text)


@lru_cache(maxsize=4096)
def _has_glyph(character: str) -> bool:
    """Whether one of the fonts has it, upright and bold."""
    try:
        typst.compile(
            _SAMPLE,
            font_paths=_fonts(),
            sys_inputs={"text": character},
            pdf_standards=[*_STANDARDS],
        )
    except typst.TypstError as error:
        if "could not be displayed" in error.message:
            return False
        raise
    return True


@cache
def _fonts() -> typst.Fonts:
    """Nothing of the machine's, so that a document is the same wherever it is made."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[*FOLDERS],
    )
