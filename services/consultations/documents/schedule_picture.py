"""The picture of a work schedule: a bar for each task, from its first day to its last.

Time goes the way the language is read: in Arabic from right to left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from babel.dates import format_date

from services.common.languages import locale_of
from services.consultations.documents.drawing import INK, PALE, Drawing, fit_lines
from services.consultations.documents.texts import document_texts
from services.consultations.domain.working_documents import DocumentContent, Entry, EntryStatus

_MARGIN, _HEAD = 24.0, 92.0
_LABELS = 300.0
_ROW = 44.0
_BAR = 20.0
_WIDEST, _NARROWEST = 1800.0, 560.0
_MOST_PER_DAY = 10.0
_MONTH_LABEL = 74.0
_GRID = "#d5dcdb"
_FILLS = {
    EntryStatus.PLANNED: "#cfe0df",
    EntryStatus.UNDER_WAY: "#e3c77d",
    EntryStatus.DONE: "#6fa38f",
}


def draw_schedule(content: DocumentContent, language: str, today: date) -> bytes:
    """The picture, SVG; tasks in the order in which they begin.

    Args:
        content: whose entries are checked by ``check_schedule``.
        today: marked by a line, where the schedule covers it.
    """
    entries = sorted(content.entries, key=lambda each: (each.starts_on, each.due_on, each.id))
    first = min((each.starts_on for each in entries), default=today).replace(day=1)
    last = _month_after(max((each.due_on for each in entries), default=today))
    days = (last - first).days
    per_day = min(_MOST_PER_DAY, max(_NARROWEST / days, min(_WIDEST / days, 4.0)))
    begin = _MARGIN + _LABELS
    height = _HEAD + _ROW * max(len(entries), 1) + _MARGIN + 28
    drawing = Drawing(language, begin + days * per_day + _MARGIN, height, content.title)
    drawing.write_lines(
        fit_lines(content.title, drawing.width - 2 * _MARGIN, 20, 1),
        _MARGIN,
        _MARGIN + 14,
        size=20,
        bold=True,
    )
    bottom = _HEAD + _ROW * max(len(entries), 1)
    _draw_months(drawing, first, last, begin, per_day, bottom)
    for number, entry in enumerate(entries):
        at = begin + (entry.starts_on - first).days * per_day
        length = ((entry.due_on - entry.starts_on).days + 1) * per_day
        _draw_entry(drawing, entry, _HEAD + number * _ROW, at, length)
    if first <= today < last:
        now = begin + (today - first).days * per_day
        drawing.draw_line([(now, _HEAD - 8), (now, bottom)], stroke="#a33d2d", dashes="4 4")
    _draw_legend(drawing, bottom + 24)
    return drawing.to_svg()


def _draw_months(
    drawing: Drawing, first: date, last: date, begin: float, per_day: float, bottom: float
) -> None:
    written = float("-inf")
    for month in _months(first, last):
        x = begin + (month - first).days * per_day
        drawing.draw_line([(x, _HEAD - 8), (x, bottom)], stroke=_GRID)
        if x - written >= _MONTH_LABEL:
            label = format_date(month, "LLLL", locale=locale_of(drawing.language))
            lines = [*fit_lines(label, _MONTH_LABEL * 1.5, 12, 1), str(month.year)]
            drawing.write_lines(lines, x + 3, _HEAD - 32, size=12, fill=PALE)
            written = x


def _draw_entry(drawing: Drawing, entry: Entry, y: float, at: float, length: float) -> None:
    who = entry.responsible
    if entry.holder is not None and entry.holder.name:
        who = f"{who} – {entry.holder.name}"
    dates = f"{entry.starts_on.isoformat()} – {entry.due_on.isoformat()}"
    width = _LABELS - 16
    drawing.open_group(f"{entry.task} ({who}) {dates}")
    drawing.write_lines(fit_lines(entry.task, width, 14, 1), _MARGIN, y + 13, bold=True)
    drawing.write_lines(fit_lines(who, width, 12, 1), _MARGIN, y + 31, size=12, fill=PALE)
    top = y + (_ROW - _BAR) / 2
    fill = _FILLS[entry.status]
    drawing.draw_box(at, top, max(length, 3.0), _BAR, fill=fill, stroke=INK, radius=3)
    drawing.close_group()


def _draw_legend(drawing: Drawing, y: float) -> None:
    texts = document_texts()
    x = _MARGIN
    for status, fill in _FILLS.items():
        drawing.draw_box(x, y - 7, 14, 14, fill=fill, radius=2)
        word = texts.text(f"schedule.status.{status.value}", drawing.language)
        drawing.write_lines([word], x + 20, y, size=12, fill=PALE)
        x += 120


def _months(first: date, last: date) -> Iterator[date]:
    month = first
    while month < last:
        yield month
        month = _month_after(month)


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
