"""The picture of a structure: each role in a box below the role that it answers to.

Roles without others below them are under each other where there are many, so that the picture stays
narrow enough for a phone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.consultations.documents.drawing import PALE, Drawing, fit_lines
from services.consultations.documents.texts import document_texts
from services.consultations.domain.working_documents import DocumentContent, Role

_BOX, _HEIGHT = 190.0, 74.0
_GAP, _STEP = 22.0, 46.0
_MARGIN, _HEAD = 24.0, 56.0
_INDENT = 26.0
_MOST_BESIDE = 3
_PADDING = 10.0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a box is: its corner, counted from the side on which the language begins."""

    x: float
    y: float

    @property
    def middle(self) -> float:
        return self.x + _BOX / 2


def draw_structure(content: DocumentContent, language: str) -> bytes:
    """The picture, SVG.

    Args:
        content: whose roles are checked by ``check_structure``.
    """
    below = _below(content.roles)
    places: dict[str, _Place] = {}
    x = _MARGIN
    for top in below[None]:
        x += _lay_out(top, below, x, _MARGIN + _HEAD, places) + _GAP
    width = max((each.x + _BOX for each in places.values()), default=_BOX) + _MARGIN
    height = max((each.y + _HEIGHT for each in places.values()), default=_HEAD) + _MARGIN
    drawing = Drawing(language, max(width, 320), height, content.title)
    drawing.write_lines(
        fit_lines(content.title, drawing.width - 2 * _MARGIN, 20, 1),
        _MARGIN,
        _MARGIN + 14,
        size=20,
        bold=True,
    )
    for role in content.roles:
        if role.reports_to is not None:
            _join(drawing, places[role.reports_to], places[role.id], below[role.reports_to], below)
    for role in content.roles:
        _draw_role(drawing, role, places[role.id], language)
    return drawing.to_svg()


def _below(roles: Sequence[Role]) -> Mapping[str | None, list[Role]]:
    found: defaultdict[str | None, list[Role]] = defaultdict(list)
    for role in roles:
        found[role.reports_to].append(role)
    return found


def _under_each_other(roles: Sequence[Role], below: Mapping[str | None, list[Role]]) -> bool:
    """Whether roles that answer to one are listed under it, not side by side."""
    return len(roles) > _MOST_BESIDE and not any(below.get(each.id) for each in roles)


def _lay_out(
    role: Role,
    below: Mapping[str | None, list[Role]],
    x: float,
    y: float,
    places: dict[str, _Place],
) -> float:
    """Give a role and all below it their places; how much width they need together."""
    those = below.get(role.id, [])
    if _under_each_other(those, below):
        places[role.id] = _Place(x, y)
        for number, each in enumerate(those, start=1):
            places[each.id] = _Place(x + _INDENT, y + number * (_HEIGHT + _GAP / 2))
        return _BOX + _INDENT
    width = 0.0
    for each in those:
        width += _lay_out(each, below, x + width, y + _HEIGHT + _STEP, places) + _GAP
    width = max(width - _GAP, _BOX)
    middle = (
        (places[those[0].id].middle + places[those[-1].id].middle) / 2 if those else x + _BOX / 2
    )
    places[role.id] = _Place(middle - _BOX / 2, y)
    return width


def _join(
    drawing: Drawing,
    above: _Place,
    place: _Place,
    beside: Sequence[Role],
    below: Mapping[str | None, list[Role]],
) -> None:
    """The line from a role to the one that it answers to."""
    if _under_each_other(beside, below):
        stem, middle = above.x + _INDENT / 2, place.y + _HEIGHT / 2
        drawing.draw_line([(stem, above.y + _HEIGHT), (stem, middle), (place.x, middle)])
        return
    turn = above.y + _HEIGHT + _STEP / 2
    drawing.draw_line(
        [
            (above.middle, above.y + _HEIGHT),
            (above.middle, turn),
            (place.middle, turn),
            (place.middle, place.y),
        ]
    )


def _draw_role(drawing: Drawing, role: Role, place: _Place, language: str) -> None:
    vacant = document_texts().text("structure.vacant", language)
    holder = vacant if role.holder is None else role.holder.name or vacant
    width = _BOX - 2 * _PADDING
    lines = fit_lines(role.title, width, 14, 2)
    drawing.open_group(f"{role.title}: {holder}")
    drawing.draw_box(place.x, place.y, _BOX, _HEIGHT)
    drawing.write_lines(lines, place.middle, place.y + 18, bold=True, centred=True)
    drawing.write_lines(
        fit_lines(holder, width, 13, 1),
        place.middle,
        place.y + _HEIGHT - 14,
        size=13,
        centred=True,
        fill=PALE,
    )
    drawing.close_group()
