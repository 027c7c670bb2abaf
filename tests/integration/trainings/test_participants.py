"""Participants: found, corrected, proposed as duplicates, merged."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from marshmallow import ValidationError

from services.common import errors
from services.common.history.changes import Change
from services.common.history.wire import ListHistory
from services.common.personal_data import Erasure
from services.trainings.app import App
from services.trainings.domain.admissions import enrol
from services.trainings.domain.participants import Participant, Sex
from services.trainings.operations import merging, participants
from services.trainings.operations.personal_data import erase
from services.trainings.schemas.participants import (
    ListDuplicates,
    MarkDifferent,
    change_participant,
    duplicate_page,
    list_duplicates,
    list_participants,
    merge_participants,
)
from tests.integration.trainings.test_roster_changes import check_sound, put_on_roster
from tests.support.bookings import MANAGER, RAQQA_DESK, call
from tests.support.trainings import events_of, open_cohort, register


def change(app: App, participant: Participant, **changes: Any) -> Participant:
    request = {"id": participant.id, "expected_version": participant.version, **changes}
    return participants.change_participant(app, call(RAQQA_DESK), change_participant(request))


def found(app: App, **query: Any) -> list[str]:
    listed = participants.find_participants(app, call(RAQQA_DESK), list_participants(query))
    return [each.id for each in listed]


def proposed(app: App) -> list[tuple[str, set[str]]]:
    pairs, _ = participants.find_duplicates(app, call(RAQQA_DESK), ListDuplicates())
    return [(each.reason.value, set(each.pair)) for each in pairs]


def history_of(app: App, participant_id: str) -> list[Change]:
    query = ListHistory(participant_id)
    return participants.participant_history(app, call(RAQQA_DESK), query)


def merge(app: App, kept: Participant, merged: Participant) -> Any:
    request = {"id": kept.id, "expected_version": kept.version, "merged_id": merged.id}
    return merging.merge_participants(app, call(MANAGER), merge_participants(request))


@pytest.mark.parametrize("words", ["فاطمه", "أحمد", "احمد فاط"])
def test_a_person_is_found_by_words_of_any_spelling(app: App, words: str) -> None:
    person = register(app, "فاطمة أحمد")
    register(app, "هبة")
    assert found(app, search=words) == [person.id]


def test_a_person_is_found_by_organisation(app: App) -> None:
    person = register(app, "هبة", organisation_id="hope")
    register(app, "هبة")
    assert found(app, organisation_id="hope") == [person.id]


def test_a_correction_is_in_the_history_and_its_event_names_nobody(app: App) -> None:
    person = register(app, "هبه")
    after = change(app, person, name="هبة", phone="٠٩٤٤ ١٢٣ ٤٥٦", sex="female")
    assert (after.name, after.phone, after.sex) == ("هبة", "+963944123456", Sex.FEMALE)
    assert app.participants.get(person.id) == after
    (entry,) = history_of(app, person.id)
    assert entry.changes["name"] == ("هبه", "هبة")
    (event,) = events_of(app, person.id)
    assert event["data"] == {
        "participant_id": person.id,
        "version": 2,
        "changed_by": RAQQA_DESK.id,
    }


def test_a_correction_of_an_old_version_is_stale(app: App) -> None:
    person = register(app, "هبة")
    change(app, person, birth_year=1990)
    with pytest.raises(errors.Stale):
        change(app, person, birth_year=1991)
    assert app.participants.get(person.id).birth_year == 1990


def test_what_is_no_telephone_number_is_refused(app: App) -> None:
    person = register(app, "هبة")
    with pytest.raises(ValidationError) as refused:
        change(app, person, phone="12")
    assert refused.value.messages == {"phone": ["phone"]}


def test_duplicates_are_proposed_the_strongest_first(app: App) -> None:
    one = register(app, "عبد الله علي", phone="+963944123456")
    other = register(app, "عبدالله علي", phone="+963944123456", organisation_id="hope")
    namesakes = {register(app, "فاطمة أحمد", organisation_id="hope").id for _ in range(2)}
    register(app, "فاطمة أحمد", organisation_id="peace")
    assert proposed(app) == [
        ("name_and_phone", {one.id, other.id}),
        ("name_and_organisation", namesakes),
    ]


def test_a_list_of_duplicates_goes_on_where_its_page_ended(app: App) -> None:
    for _ in range(3):
        register(app, "فاطمة أحمد", organisation_id="hope")
    pages, after = [], None
    while True:
        query = list_duplicates({"limit": 2, "after": after})
        page = duplicate_page(*participants.find_duplicates(app, call(RAQQA_DESK), query), 2)
        pages.append([{each["id"] for each in item["participants"]} for item in page["items"]])
        after = page["next"]
        if after is None:
            break
    assert [len(page) for page in pages] == [2, 1]
    assert [pair for page in pages for pair in page] == [pair for _, pair in proposed(app)]


def test_namesakes_who_are_two_people_are_proposed_and_merged_no_more(app: App) -> None:
    one = register(app, "فاطمة أحمد", phone="+963944111111", organisation_id="hope")
    other = register(app, "فاطمة أحمد", phone="+963944222222", organisation_id="hope")
    assert [pair for _, pair in proposed(app)] == [{one.id, other.id}]
    decisions = [
        participants.mark_different(app, call(who), MarkDifferent(other.id, one.id))
        for who in (RAQQA_DESK, MANAGER)
    ]
    assert {each.decided_by for each in decisions} == {RAQQA_DESK.id}
    assert proposed(app) == []
    with pytest.raises(errors.Conflict, match=r"trainings\.known_as_different"):
        merge(app, one, other)
    with pytest.raises(errors.Invalid, match=r"trainings\.same_record"):
        merge(app, one, one)


def test_a_merge_leaves_one_record_with_what_both_know(app: App) -> None:
    kept = register(app, "فاطمة أحمد", phone="+963944123456")
    merged = register(app, "فاطمة أحمد", phone="+963944123456", sex=Sex.FEMALE, birth_year=1991)
    third = register(app, "فاطمة أحمد")
    participants.mark_different(app, call(RAQQA_DESK), MarkDifferent(merged.id, third.id))
    after, moves = merge(app, kept, merged)
    assert moves == ()
    assert (after.sex, after.birth_year, after.version) == (Sex.FEMALE, 1991, 2)
    assert app.participants.get(merged.id).merged_into == kept.id
    assert set(found(app)) == {kept.id, third.id}
    assert [each["type"] for each in events_of(app, merged.id)] == ["trainings.participant.merged"]
    # The decision holds for the record that stays.
    with pytest.raises(errors.Conflict, match=r"trainings\.known_as_different"):
        merge(app, after, third)
    for gone in (merge, lambda app, one, other: merge(app, other, one)):
        with pytest.raises(errors.Conflict, match=r"trainings\.participant_gone"):
            gone(app, after, app.participants.get(merged.id))


def test_a_record_with_an_account_stays(app: App) -> None:
    kept = register(app, "هبة")
    account = register(app, "هبة", has_account=True)
    with pytest.raises(errors.Conflict, match=r"trainings\.account_stays"):
        merge(app, kept, account)
    assert found(app) == sorted([kept.id, account.id])
    merge(app, account, kept)
    assert found(app) == [account.id]


def test_a_merge_is_refused_on_an_old_version(app: App) -> None:
    kept, merged = register(app, "هبة"), register(app, "هبة")
    change(app, kept, birth_year=1990)
    with pytest.raises(errors.Stale):
        merge(app, kept, merged)
    assert app.participants.get(merged.id) == merged


def test_a_person_who_is_erased_remains_as_a_number(app: App) -> None:
    cohort = open_cohort(app, capacity=1)
    person = register(app, "غيث", has_account=True, sex=Sex.MALE, birth_year=1990)
    spare = register(app, "غيث", phone="+963944123456")
    put_on_roster(app, cohort, spare.id, "next", by=enrol)
    person, _ = merge(app, person, spare)
    for _ in range(2):
        app.database.transact(lambda session: erase(app, session, Erasure(person.id, 9)))
        roster = check_sound(app, cohort)
        assert [(each.person_id, each.takes_seat) for each in roster.entries] == [("next", True)]
        assert sum(each.people for each in roster.erased) == 1
    for each in (person.id, spare.id):
        left = app.participants.get(each)
        assert (left.name, left.phone, left.erased) == ("", None, True)
        assert all(not entry.changes for entry in history_of(app, each))
    assert app.participants.get(person.id).birth_year == 1990
    assert found(app) == []
    assert "غيث" not in str(list(app.database.collection("history").find()))
    (application,) = app.applications.of_participant(person.id)
    assert application.status.value == "erased"


def test_a_merge_and_a_decision_for_two_people_at_once_do_not_both_win(app: App) -> None:
    rounds = 25
    pairs = [(register(app, "فاطمة أحمد"), register(app, "فاطمة أحمد")) for _ in range(rounds)]

    def outcome(run: Callable[[], Any]) -> str:
        start.wait(timeout=30)
        try:
            run()
        except errors.Conflict as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        for one, other in pairs:
            start = Barrier(2)
            wanted = MarkDifferent(one.id, other.id)
            merged = pool.submit(outcome, partial(merge, app, one, other))
            different = pool.submit(
                outcome, partial(participants.mark_different, app, call(RAQQA_DESK), wanted)
            )
            assert (merged.result(), different.result()) in (
                ("done", "trainings.participant_gone"),
                ("trainings.known_as_different", "done"),
            )
            known = app.different_people.of([one.id, other.id])
            assert len(known) == (different.result() == "done")


def test_a_record_that_was_merged_or_erased_is_no_other_person(app: App) -> None:
    one, other, third = (register(app, "فاطمة أحمد") for _ in range(3))
    merge(app, one, other)
    for pair in ((one.id, other.id), (other.id, third.id), (third.id, other.id)):
        with pytest.raises(errors.Conflict, match=r"trainings\.participant_gone"):
            participants.mark_different(app, call(RAQQA_DESK), MarkDifferent(*pair))
    assert app.different_people.of([one.id, other.id, third.id]) == []
