"""Situations of what only some may know of a case: notes, files, seals, grants and news."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from services.common.context import Caller
from services.common.ids import new_id
from services.consultations.app import App
from services.consultations.domain.attachments import Attachment
from services.consultations.domain.cases import Case
from services.consultations.domain.news import News
from services.consultations.domain.notes import Note
from services.consultations.operations import attachments, notes, sealing
from services.consultations.schemas.attachments import AddAttachment
from services.consultations.schemas.case_steps import StepOfCase
from services.consultations.schemas.notes import AddNote
from tests.support.bookings import MEMBER, call


def write_note(
    app: App, case: Case, caller: Caller = MEMBER, *, text: str = "ملاحظة", sealed: bool = False
) -> Note:
    """A note that one of its people has written."""
    command = AddNote(case.id, text, sealed)
    return notes.add_note(app, call(caller, key=new_id()), command)


def attach_file(
    app: App,
    case: Case,
    caller: Caller = MEMBER,
    *,
    name: str = "عقد.txt",
    content: bytes = b"a contract",
    note_id: str | None = None,
) -> Attachment:
    """A file that one of its people has added."""
    command = AddAttachment(case.id, name, note_id, content)
    return attachments.add_attachment(app, call(caller, key=new_id()), command)


def seal(app: App, case: Case, caller: Caller = MEMBER, **more: Any) -> Case:
    """The case after one of its people has sealed it."""
    return sealing.seal_case(app, call(caller), StepOfCase(case.id, case.version, **more))


def unseal(app: App, case: Case, caller: Caller = MEMBER, **more: Any) -> Case:
    """The case after one of its people has opened it again."""
    return sealing.unseal_case(app, call(caller), StepOfCase(case.id, case.version, **more))


def put_on_case(app: App, case: Case, *people: Caller) -> Case:
    """The case with more people on it; as advisers, if that is what they are."""
    added = frozenset(each.id for each in people)
    advisers = frozenset(each.id for each in people if "adviser" in each.roles)
    after = replace(
        case,
        people=case.people | added,
        adviser_ids=case.adviser_ids | advisers,
        version=case.version + 1,
    )
    app.database.transact(lambda session: app.cases.save(session, after, case.version))
    return after


def tell(app: App, case: Case, recipient: Caller) -> News:
    """A piece of news of a case whose recipient is on it."""
    stored = app.cases.get(case.id)
    if recipient.id not in stored.people:
        put_on_case(app, stored, recipient)
    news = News(app.random_id(), recipient.id, case.id, "resolved", "system", app.clock.now())
    app.database.transact(partial(app.news.add_many, aggregates=[news]))
    return news
