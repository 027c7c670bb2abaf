"""Records of one person are proposed; people decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trainings.domain.duplicates import (
    PersonRecord,
    Proposal,
    Reason,
    different_after_merge,
    normalise_phone,
    pair_of,
    propose_duplicates,
)

ORG, OTHER = frozenset({"org"}), frozenset({"other"})


class TestPhones:
    @pytest.mark.parametrize(
        "written",
        [
            *("+963944123456", "00963944123456", "0944123456", "944123456", "963944123456"),
            *("+963 944 123 456", "0944-123-456", "(0944) 123456", "+9630944123456"),
            *("٠٩٤٤١٢٣٤٥٦", "+٩٦٣ ٩٤٤ ١٢٣ ٤٥٦", "۰۹۴۴۱۲۳۴۵۶", "963944123456+"),
            *(" 0944 123 456 ", "\u200f0944123456", "0944\u00a0123456", "＋963944123456"),
        ],
    )
    def test_one_number_in_every_way_to_write_it(self, written: str) -> None:
        assert normalise_phone(written) == "+963944123456"

    @pytest.mark.parametrize(
        ("written", "number"),
        [
            ("+49 151 23456789", "+4915123456789"),
            ("022 123456", "+96322123456"),
            ("+90 532 123 45 67", "+905321234567"),
        ],
    )
    def test_another_country_and_a_landline(self, written: str, number: str) -> None:
        assert normalise_phone(written) == number

    @pytest.mark.parametrize(
        "written", [None, "", "-", "none", "9.63944E+11", "12", "0944 or 0955123456", "1" * 20]
    )
    def test_what_is_no_number(self, written: str | None) -> None:
        assert normalise_phone(written) is None

    @given(st.text(max_size=20))
    def test_a_number_stays_what_it_is(self, text: str) -> None:
        found = normalise_phone(text)
        assert found is None or normalise_phone(found) == found


class TestProposals:
    def test_one_person_in_two_organisations_is_proposed(self) -> None:
        """TR12."""
        found = propose_duplicates(
            [
                PersonRecord("a", "محمد عبد الله أحمد", "0944 123 456", ORG),
                PersonRecord("b", "محمّد عبدالله احمد", "+963944123456", OTHER),
            ]
        )
        assert found == [Proposal(("a", "b"), Reason.NAME_AND_PHONE, across_organisations=True)]

    def test_namesakes_of_one_organisation_are_proposed_and_remembered_as_different(self) -> None:
        """TR12."""
        people = [
            PersonRecord("a", "فاطمة أحمد", "0944123456", ORG),
            PersonRecord("b", "فاطمه احمد", "0955123456", ORG),
        ]
        assert propose_duplicates(people) == [
            Proposal(("a", "b"), Reason.NAME_AND_ORGANISATION, across_organisations=False)
        ]
        assert propose_duplicates(people, {("b", "a")}) == []

    def test_namesakes_of_two_organisations_with_two_telephones_are_not(self) -> None:
        people = [
            PersonRecord("a", "فاطمة أحمد", "0944123456", ORG),
            PersonRecord("b", "فاطمة أحمد", "0955123456", OTHER),
        ]
        assert propose_duplicates(people) == []

    def test_a_shared_telephone_needs_a_first_name_in_common(self) -> None:
        people = [
            PersonRecord("a", "محمد أحمد", "0944123456", ORG),
            PersonRecord("b", "محمد أحمد الصالح", "0944123456", OTHER),
            PersonRecord("wife", "هبة الصالح", "0944123456", ORG),
        ]
        assert propose_duplicates(people) == [
            Proposal(("a", "b"), Reason.PHONE_AND_FIRST_NAME, across_organisations=True)
        ]

    def test_the_strongest_reason_is_said_and_comes_first(self) -> None:
        people = [
            PersonRecord("a", "هبة علي", "0944123456", ORG),
            PersonRecord("b", "هبة علي", None, ORG),
            PersonRecord("c", "هبه علي", "0944123456", ORG),
        ]
        assert [(each.pair, each.reason) for each in propose_duplicates(people)] == [
            (("a", "c"), Reason.NAME_AND_PHONE),
            (("a", "b"), Reason.NAME_AND_ORGANISATION),
            (("b", "c"), Reason.NAME_AND_ORGANISATION),
        ]

    def test_people_without_a_name_are_not_compared(self) -> None:
        people = [PersonRecord(id, " ", "0944123456", ORG) for id in "ab"]
        assert propose_duplicates(people) == []

    @given(
        st.lists(
            st.builds(
                PersonRecord,
                st.uuids().map(str),
                st.sampled_from(["هبة", "هبه علي", "Ali", "علي"]),
                st.sampled_from([None, "0944123456", "0955123456"]),
                st.sampled_from([ORG, OTHER, frozenset()]),
            ),
            max_size=8,
            unique_by=lambda person: person.id,
        )
    )
    def test_the_order_of_the_records_does_not_matter_and_a_decision_removes_one_pair(
        self, people: list[PersonRecord]
    ) -> None:
        found = propose_duplicates(people)
        assert propose_duplicates(people[::-1]) == found
        for each in found:
            assert propose_duplicates(people, {each.pair}) == [p for p in found if p != each]


def test_who_was_different_from_a_merged_record_is_different_from_the_one_that_is_left() -> None:
    different = {pair_of("gone", "x"), pair_of("y", "z")}
    assert different_after_merge(different, "kept", "gone") == {("kept", "x"), ("y", "z")}
