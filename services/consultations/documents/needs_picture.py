"""The picture of ranked needs: each is its words on a line, and a bar below them.

The number stands beside its bar, so that the picture can be read without colours.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.common.languages import in_language
from services.consultations.documents.drawing import INK, PALE, Drawing, fit_lines
from services.consultations.documents.texts import document_texts
from services.consultations.domain.needs import NeedsOfGroup, RankedNeed, RankedNeeds

_WIDTH, _MARGIN, _HEAD = 640.0, 24.0, 70.0
_ROW, _BAR, _NUMBER = 52.0, 14.0, 56.0
_EMPTY = "#e3e8e7"


def draw_needs(
    title: Mapping[str, str], found: RankedNeeds, language: str, group: NeedsOfGroup | None = None
) -> bytes:
    """The picture, SVG.

    Args:
        title: of the campaign.
        group: whose needs are drawn; those of everybody where there is none.
    """
    shown = [each for each in (group or found).needs if each.need is not None]
    people = (group or found).people
    heading = in_language(title, language)
    if group is not None and group.label is not None:
        heading = f"{heading} – {in_language(group.label, language)}"
    height = _HEAD + max(1, len(shown)) * _ROW + _MARGIN
    drawing = Drawing(language, _WIDTH, height, heading)
    room = _WIDTH - 2 * _MARGIN
    drawing.write_lines(fit_lines(heading, room, 20, 1), _MARGIN, 28, size=20, bold=True)
    drawing.write_lines([_subtitle(found, people, bool(shown), language)], _MARGIN, 54, fill=PALE)
    for number, need in enumerate(shown):
        _draw_need(drawing, need, _HEAD + number * _ROW, found.most, language)
    return drawing.to_svg()


def _subtitle(found: RankedNeeds, people: int | None, any_shown: bool, language: str) -> str:
    if not any_shown:
        return document_texts().text("needs.hidden", language)
    params = {"least": found.least, "most": found.most, "people": people}
    return document_texts().text("needs.scale", language, params)


def _draw_need(drawing: Drawing, need: RankedNeed, top: float, most: int, language: str) -> None:
    assert need.need is not None
    label, number = in_language(need.label, language), f"{need.need / 100:.2f}"
    room = _WIDTH - 2 * _MARGIN - _NUMBER
    drawing.open_group(f"{label}: {number}")
    drawing.write_lines(fit_lines(f"{need.rank}. {label}", room, 14, 1), _MARGIN, top + 10)
    at = top + 22
    drawing.draw_box(_MARGIN, at, room, _BAR, fill=_EMPTY, stroke="none", radius=3)
    width = room * need.need / (100 * most)
    drawing.draw_box(_MARGIN, at, width, _BAR, fill=INK, stroke="none", radius=3)
    drawing.write_lines([number], _MARGIN + room + 10, at + _BAR / 2)
    drawing.close_group()
