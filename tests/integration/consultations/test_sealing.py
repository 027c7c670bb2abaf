"""Cases and notes that are sealed: who reads them, what others see, what the database holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import bson
import pytest

from services.common import errors
from services.common.context import Caller
from services.common.contracts.consultations import events
from services.common.history.wire import ListHistory
from services.common.lists import page_of
from services.consultations.app import App
from services.consultations.domain.case_access import Reading, Way
from services.consultations.domain.cases import Case, Contact
from services.consultations.operations import (
    access_log,
    attachments,
    break_glass,
    case_contacts,
    cases,
    news,
    notes,
    sealing,
)
from services.consultations.operations.tasks import close_task, find_tasks
from services.consultations.schemas.attachments import OfAttachment
from services.consultations.schemas.case_contacts import SetContact
from services.consultations.schemas.case_steps import StepOfCase
from services.consultations.schemas.cases import list_cases
from services.consultations.schemas.notes import ListNotes, OfNote, VersionOfNote
from services.consultations.schemas.sealing import BreakGlass, ListAccess
from services.consultations.schemas.tasks import CloseTask, list_tasks
from services.consultations.steps.case_events import save_case
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, REPRESENTATIVE, call
from tests.support.case_secrets import attach_file, put_on_case, seal, unseal, write_note
from tests.support.consultations import (
    HUDA,
    JAMAL,
    SALMA,
    advance,
    confidential_request,
    events_of,
    submit,
    submit_confidential,
)

ANOTHER_MANAGER = Caller("another-manager", roles=frozenset({"manager"}))
OUTSIDERS = (MANAGER, RAQQA_DESK, REPRESENTATIVE, JAMAL)


def open_glass(
    app: App, case: Case, caller: Caller = MANAGER, minutes: int = 60, reason: str = "خطر على حياة"
) -> None:
    command = BreakGlass(case.number, reason, timedelta(minutes=minutes))
    break_glass.break_glass(app, call(caller), command)


def readings(app: App, case: Case, caller: Caller = MEMBER) -> list[tuple[str, Reading, Way]]:
    found = access_log.list_access(app, call(caller), ListAccess(case.id, 50, None))
    return [(each.person_id, each.what, each.way) for each in reversed(found)]


def listed(app: App, caller: Caller, limit: int = 20, after: str | None = None) -> list[str]:
    query = list_cases({"limit": limit, "after": None if after is None else [after]})
    return [each.id for each in cases.find_cases(app, call(caller), query)]


class TestSealingACase:
    def test_from_then_on_only_its_people_know_of_it(self, app: App) -> None:
        case = put_on_case(app, submit(app), HUDA)
        seal(app, case, HUDA)
        for caller in (MEMBER, HUDA):
            assert cases.get_case(app, call(caller), case.id).sealed
            assert listed(app, caller) == [case.id]
        for caller in OUTSIDERS:
            with pytest.raises(errors.NotFound):
                cases.get_case(app, call(caller), case.id)
            assert listed(app, caller) == []
            assert find_tasks(app, call(caller), list_tasks({})) == []

    def test_its_closed_tasks_go_with_it_and_come_back(self, app: App) -> None:
        """Who finds a task finds the id of a case that is not to be found."""
        case = submit(app)
        (task,) = app.tasks.page({"case_id": case.id})
        close_task(app, call(RAQQA_DESK), CloseTask(task.id, task.version))
        sealed = seal(app, case)
        for caller in OUTSIDERS:
            assert find_tasks(app, call(caller), list_tasks({})) == []
            with pytest.raises(errors.NotFound):
                close_task(app, call(caller), CloseTask(task.id, 2**40))
        assert [each.id for each in find_tasks(app, call(MEMBER), list_tasks({}))] == [task.id]
        unseal(app, sealed)
        assert [each.id for each in find_tasks(app, call(RAQQA_DESK), list_tasks({}))] == [task.id]

    def test_an_adviser_who_leaves_it_hands_its_tasks_on(self, app: App) -> None:
        case = submit_confidential(app)
        (task,) = find_tasks(app, call(SALMA), list_tasks({}))
        given = put_on_case(app, case, HUDA)
        assert task.case_id == given.id
        assert find_tasks(app, call(SALMA), list_tasks({})) != []
        people = (given.people - {SALMA.id}) | {JAMAL.id}
        after = replace(
            given, people=people, adviser_ids=frozenset({JAMAL.id}), version=given.version + 1
        )
        app.database.transact(
            lambda session: save_case(
                app, session, HUDA, events.CASE_CHANGED, given, after, action="assigned"
            )
        )
        assert find_tasks(app, call(SALMA), list_tasks({})) == []
        assert [each.id for each in find_tasks(app, call(JAMAL), list_tasks({}))] == [task.id]

    def test_who_has_left_the_organisation_or_has_the_role_no_more_is_not_on_it(
        self, app: App
    ) -> None:
        case = put_on_case(app, submit_confidential(app), HUDA)
        waits = replace(MEMBER, organisations={}, not_approved=frozenset({"amal"}))
        for caller in (MEMBER, waits, HUDA):
            assert listed(app, caller) == [case.id]
        left = replace(MEMBER, organisations={"furat": "member"})
        for caller in (left, replace(HUDA, roles=frozenset())):
            assert listed(app, caller) == []
            with pytest.raises(errors.NotFound):
                cases.get_case(app, call(caller), case.id)

    def test_the_open_log_ends_with_its_going_and_its_tasks_are_closed_there(
        self, app: App
    ) -> None:
        case = submit(app)
        (task,) = app.tasks.page({"case_id": case.id})
        sealed = seal(app, case)
        told = [each["type"] for each in events_of(app, case.id)]
        assert told == ["consultations.case.submitted", "consultations.case.gone"]
        assert events_of(app, case.id)[-1]["data"] == {"case_id": case.id, "version": 2}
        assert [each["type"].rpartition(".")[2] for each in events_of(app, task.id)] == [
            "opened",
            "closed",
        ]
        put_on_case(app, sealed, HUDA)
        assert len(events_of(app, case.id)) == 2

    def test_a_legal_case_has_no_event_at_all_and_cannot_be_opened(self, app: App) -> None:
        case = submit_confidential(app)
        assert events_of(app, case.id) == []
        with pytest.raises(errors.Conflict) as refused:
            unseal(app, case)
        assert refused.value.code == "consultations.kind_stays_sealed"

    @pytest.mark.parametrize("caller", OUTSIDERS)
    def test_others_than_its_people_seal_nothing(self, app: App, caller: Caller) -> None:
        case = submit(app)
        with pytest.raises((errors.Forbidden, errors.NotFound)):
            seal(app, case, caller)
        assert not app.cases.get(case.id).sealed

    def test_access_is_looked_at_before_the_version(self, app: App) -> None:
        case = submit_confidential(app)
        with pytest.raises(errors.NotFound):
            sealing.seal_case(app, call(MANAGER), StepOfCase(case.id, 2**40))


def test_co11_sealing_a_case_and_sealing_a_note_are_two_acts(app: App) -> None:
    case = submit(app)
    note = write_note(app, case, sealed=True)
    case = unseal(app, seal(app, case, reason="أسماء شهود"), reason="انتهى السبب")
    assert not cases.get_case(app, call(MANAGER), case.id).sealed
    assert app.notes.get(note.id).sealed
    with pytest.raises(errors.NotFound):
        notes.get_note(app, call(MANAGER), OfNote(case.id, note.id))
    history = cases.case_history(app, call(MANAGER), ListHistory(case.id))
    assert [(each.action, each.reason) for each in history] == [
        ("submit", None),
        ("seal", "أسماء شهود"),
        ("unseal", "انتهى السبب"),
    ]
    assert [each["type"].rpartition(".")[2] for each in events_of(app, case.id)] == [
        "submitted",
        "gone",
        "unsealed",
    ]


def test_co12_break_glass_opens_a_file_for_an_hour_and_for_one_person(app: App) -> None:
    case = submit_confidential(app)
    note = write_note(app, case, sealed=True)
    file = attach_file(app, case, content=b"a witness", note_id=note.id)
    url = OfAttachment(case.id, file.id)
    open_glass(app, case)
    advance(app, timedelta(minutes=59))
    assert attachments.read_attachment(app, call(MANAGER), url)[1] == b"a witness"
    with pytest.raises(errors.NotFound):
        attachments.read_attachment(app, call(ANOTHER_MANAGER), url)
    advance(app, timedelta(minutes=2))
    with pytest.raises(errors.NotFound):
        attachments.read_attachment(app, call(MANAGER), url)
    assert readings(app, case)[-1] == (MANAGER.id, Reading.ATTACHMENT, Way.BREAK_GLASS)
    assert len([each for each in readings(app, case) if each[0] == MANAGER.id]) == 1


class TestBreakGlass:
    def test_its_people_get_news_and_read_the_reason(self, app: App) -> None:
        case = submit_confidential(app)
        open_glass(app, case, reason="بلاغ عن خطر")
        (told,) = app.news.of_recipient(MEMBER.id)
        found, _ = news.get_news(app, call(MEMBER), told.id)
        assert (found.what, found.by) == ("break_glass", MANAGER.id)
        history = cases.case_history(app, call(MEMBER), ListHistory(case.id))
        assert (history[-1].by, history[-1].reason) == (MANAGER.id, "بلاغ عن خطر")

    def test_it_lets_nobody_write(self, app: App) -> None:
        case = submit_confidential(app)
        open_glass(app, case)
        assert cases.get_case(app, call(MANAGER), case.id).id == case.id
        with pytest.raises(errors.Forbidden):
            write_note(app, case, MANAGER)
        with pytest.raises(errors.Forbidden):
            access_log.list_access(app, call(MANAGER), ListAccess(case.id, 20, None))

    def test_the_last_instant_is_not_within_the_hour(self, app: App) -> None:
        case = submit_confidential(app)
        open_glass(app, case, minutes=1)
        advance(app, timedelta(minutes=1))
        with pytest.raises(errors.NotFound):
            cases.get_case(app, call(MANAGER), case.id)

    def test_a_key_that_comes_again_opens_nothing_anew(self, app: App) -> None:
        case = submit_confidential(app)
        command = BreakGlass(case.id, "خطر", timedelta(minutes=5))
        asked = call(MANAGER, "one-key")
        _, grant = break_glass.break_glass(app, asked, command)
        advance(app, timedelta(minutes=4))
        assert break_glass.break_glass(app, asked, command)[1] == grant
        assert len(app.news.of_recipient(MEMBER.id)) == 1
        advance(app, timedelta(minutes=1))
        with pytest.raises(errors.NotFound):
            break_glass.break_glass(app, asked, command)

    @pytest.mark.parametrize("caller", [HUDA, RAQQA_DESK, MEMBER])
    def test_who_is_no_manager_learns_of_no_case(self, app: App, caller: Caller) -> None:
        case = submit_confidential(app)
        for called in (case.number, "2222-2222"):
            with pytest.raises(errors.Forbidden):
                command = BreakGlass(called, "خطر", timedelta(minutes=5))
                break_glass.break_glass(app, call(caller), command)


def test_co9_pages_are_full_and_nothing_counts_what_is_left_out(app: App) -> None:
    kinds = [submit, submit, submit_confidential, submit, submit_confidential, submit, submit]
    submitted = [each(app) for each in kinds]
    pages: list[list[str]] = []
    after = None
    while True:
        found = cases.find_cases(app, call(MANAGER), list_cases({"limit": 3, "after": after}))
        page = page_of(found, 3, lambda case: [case.id])
        pages.append([case.id for case in page.items])
        if page.next is None:
            break
        after = page.next
    assert [len(page) for page in pages] == [3, 2]
    assert not {each.id for each in submitted if each.sealed}.intersection(*pages[:1], *pages[1:])
    signs = [each.number.replace("-", "") for each in submitted]
    assert signs != sorted(signs)
    assert len({each[:4] for each in signs}) > 1
    # The open log has the open cases alone, and numbers them without a gap.
    versions = list(app.database.collection("outbox").find({"event.type": {"$regex": "case"}}))
    assert len(versions) == 5


def test_co8_a_secret_contact_shows_neither_in_the_history_nor_to_other_advisers(
    app: App,
) -> None:
    case = put_on_case(app, submit(app), HUDA)
    for phone in ("+963944111111", "+963944222222"):
        case = app.cases.get(case.id)
        contact = Contact("ليلى", phone)
        case_contacts.set_contact(app, call(HUDA), SetContact(case.id, case.version, contact))
    history = cases.case_history(app, call(MANAGER), ListHistory(case.id))
    assert [each.action for each in history][-2:] == ["contact_changed"] * 2
    shown = str(history) + str(cases.get_case(app, call(MANAGER), case.id).id)
    assert "+96394" not in shown
    for caller in (MANAGER, RAQQA_DESK, REPRESENTATIVE, JAMAL):
        with pytest.raises(errors.NotFound):
            case_contacts.get_contact(app, call(caller), case.id)
    found = case_contacts.get_contact(app, call(MEMBER), case.id)
    assert found.content.contact.phone == "+963944222222"


class TestNotes:
    def test_a_sealed_note_is_for_the_people_of_the_case(self, app: App) -> None:
        case = submit(app)
        shown = write_note(app, case)
        hidden = write_note(app, case, sealed=True)
        query = ListNotes(case.id, 20, None)
        assert [n.id for n in notes.list_notes(app, call(MEMBER), query)] == [shown.id, hidden.id]
        assert [n.id for n in notes.list_notes(app, call(MANAGER), query)] == [shown.id]

    def test_its_files_are_sealed_and_opened_with_it(self, app: App) -> None:
        case = submit(app)
        note = write_note(app, case)
        file = attach_file(app, case, note_id=note.id)
        url = OfAttachment(case.id, file.id)
        assert attachments.read_attachment(app, call(MANAGER), url)
        note = notes.seal_note(app, call(MEMBER), VersionOfNote(case.id, note.id, note.version))
        with pytest.raises(errors.NotFound):
            attachments.read_attachment(app, call(MANAGER), url)
        notes.unseal_note(app, call(MEMBER), VersionOfNote(case.id, note.id, note.version))
        assert attachments.read_attachment(app, call(MANAGER), url)

    def test_the_same_note_sent_twice_is_one(self, app: App) -> None:
        case = submit(app)
        asked = call(MEMBER, "one-key")
        command = notes.AddNote(case.id, "ملاحظة", sealed=False)
        first = notes.add_note(app, asked, command)
        assert notes.add_note(app, asked, command) == first


class TestReading:
    def test_each_reading_of_a_sealed_case_is_logged_and_of_an_open_one_none(
        self, app: App
    ) -> None:
        for case in (submit(app), submit_confidential(app)):
            write_note(app, case)
            cases.get_case(app, call(MEMBER), case.id)
            cases.case_history(app, call(MEMBER), ListHistory(case.id))
            notes.list_notes(app, call(MEMBER), ListNotes(case.id, 20, None))
            wanted = [Reading.CASE, Reading.HISTORY, Reading.NOTES] if case.sealed else []
            expected = [(MEMBER.id, what, Way.ON_THE_CASE) for what in wanted]
            assert readings(app, case) == expected
        listed(app, MEMBER)
        assert readings(app, case)[-1][1] is Reading.LIST

    def test_a_sealed_note_of_an_open_case_is_logged_too(self, app: App) -> None:
        case = submit(app)
        note = write_note(app, case, sealed=True)
        open_glass(app, case)
        notes.get_note(app, call(MANAGER), OfNote(case.id, note.id))
        assert readings(app, case) == [(MANAGER.id, Reading.NOTE, Way.BREAK_GLASS)]


class TestNews:
    def test_news_of_open_and_sealed_cases_look_alike_outside(self, app: App) -> None:
        for case in (submit(app), submit_confidential(app)):
            write_note(app, put_on_case(app, case, HUDA), MEMBER)
        rows = list(app.database.collection("sealed_outbox").find())
        # The lawyer who looks at the sealed one first has news of it twice.
        recipients = sorted(each["event"]["data"]["recipient_id"] for each in rows)
        assert recipients == [HUDA.id, HUDA.id, SALMA.id, SALMA.id]
        for row in rows:
            event = row["event"]
            assert event["data"].keys() == {"recipient_id", "news_id"}
            assert event["data"]["news_id"] == event["subject"]
            assert (event["actorkind"], "traceparent" in event) == ("system", False)
        open_rows = app.database.collection("outbox").find()
        assert not [each for each in open_rows if "news" in each["event"]["type"]]

    def test_who_loses_access_finds_no_news_any_more(self, app: App) -> None:
        case = submit_confidential(app)
        write_note(app, put_on_case(app, case, HUDA), MEMBER)
        (told,) = app.news.of_recipient(HUDA.id)
        assert news.get_news(app, call(HUDA), told.id)[1].id == case.id
        on_it = app.cases.get(case.id)
        off = replace(on_it, people=on_it.people - {HUDA.id}, version=on_it.version + 1)
        app.database.transact(
            partial(app.cases.save, aggregate=off, expected_version=on_it.version)
        )
        with pytest.raises(errors.NotFound):
            news.get_news(app, call(HUDA), told.id)


def test_no_text_and_no_name_of_a_case_is_in_the_database(app: App) -> None:
    secrets = ("شهادة", "witness", "عقد")
    values = confidential_request() | {"title": "شهادة", "description": "witness of it"}
    case = submit(app, **values)
    note = write_note(app, case, text="شهادة witness", sealed=True)
    attach_file(app, case, name="عقد-شهادة.txt", content=b"the witness said", note_id=note.id)
    case = app.cases.get(case.id)
    case_contacts.set_contact(
        app, call(MEMBER), SetContact(case.id, case.version, Contact("witness", "1"))
    )
    open_glass(app, case, reason="witness in danger")
    names = app.database.collection("x").database.list_collection_names()
    for name in names:
        for document in app.database.collection(name).find():
            raw = bson.encode(document)
            assert not [each for each in secrets if each.encode() in raw], name
    keys = app.database.client.list_database_names()
    assert [each for each in keys if each.endswith("_case_keys")]
