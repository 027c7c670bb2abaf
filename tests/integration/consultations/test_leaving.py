"""Who has left an organisation, or has the role of an adviser no more, is on no case any more:
in no list, feed, message and link, whatever the case still names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.directory.people import Membership
from services.consultations.app import App
from services.consultations.domain.cases import Case
from services.consultations.operations import (
    attachments,
    case_contacts,
    case_steps,
    notes,
    personal_data,
    ratings,
    referrals,
)
from services.consultations.operations.calendars import calendar_entries
from services.consultations.operations.tasks import close_task, find_tasks
from services.consultations.schemas.attachments import OfAttachment
from services.consultations.schemas.case_steps import PersonOfCase, StepOfCase
from services.consultations.schemas.notes import OfNote
from services.consultations.schemas.ratings import RateByLink
from services.consultations.schemas.referrals import ActOnReferral, ListReferrals
from services.consultations.schemas.tasks import CloseTask, list_tasks
from tests.support.adviser_calendars import agree, make_adviser
from tests.support.bookings import MEMBER, OTHER_MEMBER, RAQQA_DESK, call
from tests.support.case_secrets import attach_file, put_on_case, write_note
from tests.support.consultation_referrals import (
    close,
    given_to_huda,
    know_advisers,
    rating_link,
    refer,
)
from tests.support.consultations import (
    HUDA,
    JAMAL,
    SALMA,
    know_adviser,
    submit,
    submit_confidential,
)

LEFT = replace(MEMBER, organisations={"furat": "member"})
NO_ADVISER = replace(HUDA, roles=frozenset())
AT_THE_DESK = replace(RAQQA_DESK, id=MEMBER.id)


def leave(app: App, person: Caller = MEMBER) -> None:
    """The news has arrived that a person has left the organisation."""
    gone = Membership("amal", person.id, 2, "member", active=False)
    app.database.transact(lambda session: app.directory.put_memberships(session, [gone]))


def recipients(app: App) -> set[str]:
    return {each.recipient_id for each in app.news.page()} - {SALMA.id}


@pytest.fixture
def case(app: App) -> Case:
    """A sealed case that Huda has, with an appointment."""
    make_adviser(app)
    found = given_to_huda(app, submit_confidential(app))
    agree(app, found)
    return app.cases.get(found.id)


class TestTheCalendar:
    def test_shows_the_meetings_of_who_is_on_the_case_now(self, app: App, case: Case) -> None:
        for caller in (MEMBER, HUDA):
            assert len(calendar_entries(app, call(caller), "ar")) == 1
        for caller in (LEFT, NO_ADVISER):
            assert calendar_entries(app, call(caller), "ar") == []

    def test_shows_no_meeting_of_a_case_to_an_adviser_who_is_not_on_it_any_more(
        self, app: App, case: Case
    ) -> None:
        after = replace(
            case,
            people=frozenset({MEMBER.id, JAMAL.id}),
            adviser_ids=frozenset({JAMAL.id}),
            adviser_id=JAMAL.id,
            version=case.version + 1,
        )
        app.database.transact(lambda session: app.cases.save(session, after, case.version))
        assert calendar_entries(app, call(HUDA), "ar") == []


class TestTasks:
    def test_are_for_who_is_on_the_case_now(self, app: App) -> None:
        case = put_on_case(app, submit_confidential(app), HUDA)
        (task,) = app.tasks.page({"case_id": case.id})
        people = frozenset({HUDA.id, MEMBER.id})
        seen = replace(task, people=people, version=2)
        app.database.transact(lambda session: app.tasks.save(session, seen, 1))
        for caller in (MEMBER, HUDA):
            assert len(find_tasks(app, call(caller), list_tasks({}))) == 1
        for caller in (LEFT, NO_ADVISER):
            assert find_tasks(app, call(caller), list_tasks({})) == []
            with pytest.raises(errors.NotFound):
                close_task(app, call(caller), CloseTask(task.id, 2))


class TestNews:
    def test_is_not_sent_to_who_has_left_the_organisation(self, app: App, case: Case) -> None:
        leave(app)
        put_on_case(app, case, OTHER_MEMBER)
        app.news.collection.delete_many({})
        write_note(app, app.cases.get(case.id), HUDA)
        assert recipients(app) == {OTHER_MEMBER.id}

    def test_is_not_sent_to_who_has_the_role_of_an_adviser_no_more(
        self, app: App, case: Case
    ) -> None:
        know_adviser(app, HUDA.id, 2, roles=frozenset())
        app.news.collection.delete_many({})
        write_note(app, case, MEMBER)
        assert recipients(app) == set()

    def test_is_sent_to_who_is_not_known_yet(self, app: App) -> None:
        """News of a membership and of a role may be late."""
        new = Caller("new", organisations={"amal": "member"})
        case = put_on_case(app, submit_confidential(app), new)
        put_on_case(app, case, JAMAL)
        app.news.collection.delete_many({})
        write_note(app, app.cases.get(case.id), MEMBER)
        assert {new.id, JAMAL.id} <= recipients(app)


class TestWhatIsSealedInAnOpenCase:
    def test_is_not_for_who_has_left_and_works_at_the_desk(self, app: App) -> None:
        """Such a person sees the open case, as its staff do."""
        case = submit(app)
        note = write_note(app, case, sealed=True)
        file = attach_file(app, app.cases.get(case.id), note_id=note.id)
        assert notes.get_note(app, call(MEMBER), OfNote(case.id, note.id)).id == note.id
        with pytest.raises(errors.NotFound):
            notes.get_note(app, call(AT_THE_DESK), OfNote(case.id, note.id))
        with pytest.raises(errors.NotFound):
            attachments.read_attachment(app, call(AT_THE_DESK), OfAttachment(case.id, file.id))
        with pytest.raises(errors.NotFound):
            case_contacts.get_contact(app, call(AT_THE_DESK), case.id)

    def test_the_requester_who_has_left_decides_nothing(self, app: App) -> None:
        case = submit(app)
        for step in (case_steps.withdraw_case, case_steps.resume_case):
            with pytest.raises(errors.Forbidden):
                step(app, call(AT_THE_DESK), StepOfCase(case.id, case.version))
        with pytest.raises(errors.Forbidden):
            case_steps.add_person(
                app, call(AT_THE_DESK), PersonOfCase(case.id, case.version, OTHER_MEMBER.id)
            )


class TestAnAdviserWhoIsAMemberToo:
    def test_is_not_on_the_case_of_an_organisation_that_was_left(self, app: App) -> None:
        both = replace(MEMBER, roles=frozenset({"adviser"}))
        case = submit(app, both)
        made = submit_confidential(app, MEMBER)
        assert app.cases.ids_of(both) == sorted([case.id, made.id])
        assert app.cases.ids_of(replace(both, organisations={})) == []

    def test_is_on_the_case_that_the_adviser_has_written_down_for_others(self, app: App) -> None:
        case = submit(app, HUDA, requester_id=MEMBER.id)
        assert app.cases.ids_of(HUDA) == [case.id]
        assert app.cases.ids_of(MEMBER) == [case.id]
        assert write_note(app, case, HUDA).case_id == case.id


class TestReferrals:
    def test_who_accepted_one_and_is_not_on_the_case_any_more_reads_nothing(self, app: App) -> None:
        know_advisers(app)
        case = given_to_huda(app, submit_confidential(app))
        made = refer(app, case, body=None, adviser_id=JAMAL.id)
        assert referrals.get_referral(app, call(JAMAL), made.id).id == made.id
        accepted = referrals.accept_referral(app, call(JAMAL), ActOnReferral(made.id, 1))
        own = ListReferrals(None, 20, None)
        assert [each.id for each in referrals.find_referrals(app, call(JAMAL), own)] == [made.id]
        stored = app.cases.get(case.id)
        after = replace(
            stored,
            people=stored.people - {JAMAL.id},
            adviser_ids=stored.adviser_ids - {JAMAL.id},
            version=stored.version + 1,
        )
        app.database.transact(lambda session: app.cases.save(session, after, stored.version))
        assert referrals.find_referrals(app, call(JAMAL), own) == []
        with pytest.raises(errors.NotFound):
            referrals.get_referral(app, call(JAMAL), made.id)
        with pytest.raises(errors.NotFound):
            referrals.withdraw_referral(app, call(JAMAL), ActOnReferral(made.id, accepted.version))
        assert app.news.of_recipient(JAMAL.id)

    def test_who_has_the_role_no_more_lists_none(self, app: App) -> None:
        know_advisers(app)
        refer(app, given_to_huda(app, submit(app)), body=None, adviser_id=JAMAL.id)
        own = ListReferrals(None, 20, None)
        assert len(referrals.find_referrals(app, call(JAMAL), own)) == 1
        former = replace(JAMAL, roles=frozenset())
        assert referrals.find_referrals(app, call(former), own) == []


class TestLinks:
    def test_a_link_to_a_rating_is_void_when_its_person_has_left(self, app: App) -> None:
        case = close(app, given_to_huda(app, submit(app)))
        token = rating_link(app, case)
        assert ratings.open_rating(app, call(VISITOR), token).score is None
        leave(app)
        for act in (
            lambda: ratings.open_rating(app, call(VISITOR), token),
            lambda: ratings.rate_by_link(app, call(VISITOR), RateByLink(token, 5, None)),
        ):
            with pytest.raises(errors.NotFound, match="rating_link_unknown"):
                act()
        other = rating_link(app, case, OTHER_MEMBER)
        assert ratings.rate_by_link(app, call(VISITOR), RateByLink(other, 5, None)).score == 5


class TestOnesOwnExport:
    def test_has_no_change_of_a_case_that_the_person_is_not_on_any_more(
        self, app: App, case: Case
    ) -> None:
        write_note(app, case, sealed=True)
        write_note(app, case, HUDA)
        mine = submit(app, HUDA, requester_id=MEMBER.id)
        for person, gone in ((MEMBER, LEFT), (HUDA, NO_ADVISER)):
            found = personal_data.export(app, call(person), person.id, None)
            subjects = {str(each["subject"]).partition("/")[0] for each in found["changes"]}
            assert "note" in subjects
            assert case.id in str(found)
            found = personal_data.export(app, call(gone), person.id, None)
            ids = {case.id, mine.id, *(each.id for each in app.notes.page())}
            assert not [id for id in ids if id in str(found)]
