"""What becomes of rejected occurrences, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.bookings.domain.booking import Booking
from services.bookings.domain.new_booking import make_booking
from services.bookings.domain.rejected import Rejected, parted, standing
from services.common.time.period import Period
from tests.support.bookings import NOW, period, space, tomorrow

DAMASCUS = "Asia/Damascus"
HOUR = timedelta(hours=1)


def booking(booking_id: str = "one", **values: Any) -> Booking:
    return make_booking(
        **{
            "id": booking_id,
            "space": space(),
            "organisation_id": "amal",
            "booked_by": "omar",
            "period": period(10, 11),
            "time_zone": DAMASCUS,
            "title": "Weekly",
            "purpose": "meeting",
            "people": None,
            "now": NOW,
            **values,
        }
    )


def rejected(**values: Any) -> Rejected:
    return Rejected(
        **{
            "id": "rejected",
            "space_id": "raqqa-meeting",
            "period": period(12, 13),
            "code": "bookings.space_taken",
            "params": {},
            "alternatives": ({"kind": "other_time"},),
            "rejected_at": NOW,
            "booking_version": 1,
            **values,
        }
    )


def moved(before: Booking, when: Period) -> Booking:
    return before.rescheduled(space(), when, by="omar", now=NOW)


class TestWhatStillStands:
    def test_a_wish_until_its_booking_is_moved(self) -> None:
        here, wish = booking(), rejected(booking_id="one")
        assert standing([wish], [here], NOW) == (wish,)
        assert standing([wish], [here.detailed(space(), by="omar", now=NOW, title="New")], NOW) == (
            wish,
        )
        there = moved(here, period(14, 15))
        assert standing([wish], [there], NOW) == ()
        later = replace(wish, booking_version=there.version)
        assert standing([later], [there], NOW) == (later,)

    def test_one_whose_version_was_not_noted_is_as_old_as_its_instant(self) -> None:
        minute = timedelta(minutes=1)
        there = moved(booking(), period(14, 15))
        for version, at in ((None, NOW), (None, NOW + minute), (there.version, NOW - minute)):
            wish = rejected(booking_id="one", booking_version=version, rejected_at=at)
            assert standing([wish], [there], NOW) == (wish,)
        before = rejected(booking_id="one", booking_version=None, rejected_at=NOW - minute)
        assert standing([before], [there], NOW) == ()

    def test_a_wish_until_its_booking_has_begun_or_is_gone(self) -> None:
        here, wish = booking(), rejected(booking_id="one")
        assert standing([wish], [here], here.period.starts_at) == ()
        gone = here.cancelled(by="omar", reason=None, now=NOW)
        assert standing([wish], [gone], NOW) == ()
        assert standing([wish], [here, gone], NOW) == ()
        assert standing([wish], [], NOW) == ()

    def test_what_has_been_said_of_a_booking_since_is_not_wished_any_more(self) -> None:
        wish = rejected(booking_id="one", details={"title": "Wanted", "people": 6})
        renamed = booking().detailed(space(), by="omar", now=NOW, title="New")
        assert standing([wish], [renamed], NOW) == (replace(wish, details={"people": 6}),)
        only = replace(wish, period=period(10, 11), details={"title": "Wanted"})
        assert standing([only], [renamed], NOW) == ()

    @given(
        st.lists(
            st.tuples(st.sampled_from(["one", "two", None]), st.integers(0, 5), st.integers(11, 15))
        )
    )
    def test_one_at_most_for_each_booking_the_newest(
        self, entries: list[tuple[str | None, int, int]]
    ) -> None:
        every = [
            rejected(
                id=str(number),
                booking_id=booking_id,
                rejected_at=NOW + minutes * timedelta(minutes=1),
                period=period(hour, hour + 1),
            )
            for number, (booking_id, minutes, hour) in enumerate(entries)
        ]
        found = standing(every, [booking("one"), booking("two")], NOW)
        assert [each.period.starts_at for each in found] == sorted(
            each.period.starts_at for each in found
        )
        for booking_id in ("one", "two"):
            its_own = [each for each in every if each.booking_id == booking_id]
            newest = max(its_own, key=lambda each: (each.rejected_at, int(each.id)), default=None)
            kept = [each for each in found if each.booking_id == booking_id]
            assert kept == ([newest] if newest else [])
        planned = {each.id for each in every if each.booking_id is None}
        assert {each.id for each in found if each.booking_id is None} == planned


class TestThePlan:
    def test_it_moves_with_its_series_and_offers_no_old_alternatives(self) -> None:
        plan = rejected()
        there = plan.planned(period(13, 15), "raqqa-hall", NOW)
        assert (there.space_id, there.period) == ("raqqa-hall", period(13, 15))
        assert (there.code, there.params, there.alternatives) == ("bookings.not_tried", {}, ())
        assert plan.planned(plan.period, "raqqa-meeting", NOW) == plan
        assert plan.planned(period(13, 14), None, tomorrow(12)) == plan
        wish = rejected(booking_id="one")
        assert wish.planned(period(13, 14), None, NOW) == wish

    def test_it_follows_by_its_time_and_a_wish_with_its_booking(self) -> None:
        before, after = rejected(), rejected(period=period(13, 14))
        its, others = rejected(booking_id="one"), rejected(booking_id="two", period=period(15, 16))
        following = [booking("one", period=period(13, 14))]
        found = parted([before, after, its, others], following)
        assert found == ([before, others], [after, its])
