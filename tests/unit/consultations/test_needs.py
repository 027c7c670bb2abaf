"""Ranked needs: means, ranks, and what small groups hide."""

from __future__ import annotations

from typing import Any

import pytest

from services.consultations.domain.needs import (
    GroupedBy,
    NeedsOfGroup,
    OtherQuestion,
    RankedNeed,
    RankedNeeds,
    compare_needs,
    in_hundredths,
    rank_needs,
)
from tests.support.needs import (
    a_choice,
    a_needs_form,
    a_scale,
    a_study,
    named,
    some_answers,
)

FORM, STUDY = a_needs_form(), a_study()


def ranked(*answers: dict[str, Any]) -> RankedNeeds:
    return rank_needs(STUDY, FORM, answers)


def shown(needs: tuple[RankedNeed, ...]) -> list[tuple[str, int | None, int | None, int | None]]:
    return [(each.question_id, each.people, each.need, each.rank) for each in needs]


def groups(found: RankedNeeds, by: GroupedBy) -> dict[str, NeedsOfGroup]:
    return {each.group: each for each in found.groups[by.value]}


def test_the_greatest_mean_comes_first_and_equal_ones_share_a_rank() -> None:
    found = ranked(
        *some_answers(3, planning=2, finance=4, law=4),
        *some_answers(3, planning=3, finance=3, law=3),
    )
    assert (found.least, found.most, found.people) == (1, 4, 6)
    assert shown(found.needs) == [
        ("finance", 6, 350, 1),
        ("law", 6, 350, 1),
        ("planning", 6, 250, 3),
    ]
    assert [each.topic_id for each in found.needs] == [
        "financial-management",
        None,
        "strategic-planning",
    ]
    assert found.needs[1].case_kind == "legal"


def test_to_whom_it_does_not_apply_is_in_no_mean() -> None:
    found = ranked(
        *some_answers(5, planning=4, finance=1, law="not_applicable"),
        *some_answers(5, planning="not_applicable", finance=2),
    )
    assert shown(found.needs) == [
        ("planning", 5, 400, 1),
        ("finance", 10, 150, 2),
        ("law", 0, None, None),
    ]


def test_a_need_that_fewer_than_five_speak_of_is_hidden() -> None:
    found = ranked(*some_answers(4, planning=4, finance=1), *some_answers(6, finance=1))
    assert shown(found.needs)[0] == ("finance", 10, 100, 1)
    assert ("planning", None, None, None) in shown(found.needs)


@pytest.mark.parametrize("people", [0, 1, 4])
def test_of_fewer_than_five_people_nothing_is_shown(people: int) -> None:
    assert ranked(*some_answers(people, planning=4)) == RankedNeeds(1, 4, None)


def test_a_small_centre_hides_another_that_would_give_it_away() -> None:
    found = groups(
        ranked(
            *some_answers(9, centre="raqqa", planning=4, finance=1, law=1),
            *some_answers(3, centre="tabqa", planning=1, finance=1, law=1),
        ),
        GroupedBy.CENTRE,
    )
    assert (found["raqqa"].people, found["raqqa"].needs) == (None, ())
    assert (found["tabqa"].people, found["tabqa"].needs) == (None, ())
    assert found["unknown"].people == 0


def test_large_centres_are_shown_each_by_its_own_ranks() -> None:
    answers = (
        *some_answers(6, centre="raqqa", planning=4, finance=1, law=2),
        *some_answers(5, centre="tabqa", planning=1, finance=3, law=2),
    )
    found = groups(ranked(*answers), GroupedBy.CENTRE)
    assert shown(found["raqqa"].needs)[0] == ("planning", 6, 400, 1)
    assert shown(found["tabqa"].needs)[0] == ("finance", 5, 300, 1)
    assert found["unknown"] == NeedsOfGroup("unknown", None, 0, found["unknown"].needs)
    whole = ranked(*answers)
    assert whole.of_group(GroupedBy.CENTRE, "raqqa") == found["raqqa"]
    assert whole.of_group(GroupedBy.CENTRE, "nowhere") is None


def test_a_need_that_few_of_one_centre_speak_of_is_hidden_in_all_that_would_give_it_away() -> None:
    found = groups(
        ranked(
            *some_answers(6, centre="raqqa", planning=4, finance=1),
            *some_answers(2, centre="tabqa", planning=1, finance=2),
            *some_answers(6, centre="tabqa", finance=2),
        ),
        GroupedBy.CENTRE,
    )
    for centre in ("raqqa", "tabqa"):
        assert ("planning", None, None, None) in shown(found[centre].needs)
    assert shown(found["raqqa"].needs)[0] == ("finance", 6, 100, 1)
    assert shown(found["tabqa"].needs)[0] == ("finance", 8, 200, 1)


def test_a_study_that_asks_for_no_centre_has_no_groups_by_it() -> None:
    study = a_study(centre_question=None)
    found = rank_needs(study, FORM, some_answers(5, kind="team", planning=2))
    assert set(found.groups) == {"organisation_kind"}


@pytest.mark.parametrize(
    ("levels", "need"),
    [((1, 1, 2), 133), ((1, 2, 2), 167), ((1, 1, 1, 1, 1, 1, 1, 2), 113), ((4,), 400)],
)
def test_a_mean_is_rounded_once(levels: tuple[int, ...], need: int) -> None:
    found = ranked(*[{"planning": level} for level in levels * 5])
    assert found.needs[0].need == need


def test_no_mean_is_no_number() -> None:
    assert in_hundredths(None) is None


def test_two_campaigns_are_compared_question_by_question() -> None:
    earlier = ranked(*some_answers(5, planning=2, finance=3))
    later = ranked(*some_answers(6, planning=4, finance=2, law=1))
    found = {each.question_id: each for each in compare_needs(earlier, later)}
    assert (found["planning"].before, found["planning"].now, found["planning"].change) == (
        200,
        400,
        200,
    )
    assert (found["planning"].rank_before, found["planning"].rank_now) == (2, 1)
    assert found["finance"].change == -100
    assert (found["law"].before, found["law"].now, found["law"].change) == (None, 100, None)


def test_needs_on_another_scale_are_not_compared() -> None:
    wide = a_needs_form()
    questions = tuple(
        a_scale(each.id, maximum=10) if each.id in ("planning", "finance", "law") else each
        for each in wide.questions
    )
    later = rank_needs(
        STUDY, type(wide)(wide.id, named("Needs"), questions), some_answers(5, planning=9)
    )
    earlier = ranked(*some_answers(5, planning=3))
    assert [each.change for each in compare_needs(earlier, later)] == [None, None, None]


def test_other_questions_are_counted_and_small_counts_hidden() -> None:
    form = a_needs_form(more=(a_choice("role", "leads", "works", "other"),))
    answers = (
        *some_answers(6, planning=2, role="leads"),
        *some_answers(8, planning=2, role="works"),
        *some_answers(1, planning=2, role="other"),
        *some_answers(3, planning=2),
    )
    [role] = rank_needs(STUDY, form, answers).others
    assert (role.question_id, role.people) == ("role", 15)
    assert [(each.answer, each.people) for each in role.counts] == [
        ("leads", 6),
        ("works", None),
        ("other", None),
    ]


def test_a_question_that_few_have_answered_shows_nothing() -> None:
    form = a_needs_form(more=(a_choice("role", "leads"),))
    answers = (*some_answers(4, planning=2, role="leads"), *some_answers(3, planning=2))
    assert rank_needs(STUDY, form, answers).others == (OtherQuestion("role", named("role"), None),)
