"""Ids that tests sort by."""

from __future__ import annotations

import uuid

from tests.support.ids import in_order


def test_each_sorts_after_the_one_before_and_is_a_uuid_7() -> None:
    new_id = in_order()
    made = [new_id() for _ in range(1000)]
    assert made == sorted(set(made))
    assert {uuid.UUID(each).version for each in made} == {7}


def test_two_that_make_them_do_not_meet() -> None:
    first, second = in_order(), in_order()
    assert {first() for _ in range(100)}.isdisjoint({second() for _ in range(100)})
