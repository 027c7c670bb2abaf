"""Who may be given time: what a refusal says to the organisation's own people, and to others."""

from __future__ import annotations

import pytest

from services.bookings.domain import permissions
from services.common import errors
from services.common.context import Caller


def test_its_own_people_are_told_that_it_is_not_approved_and_others_nothing() -> None:
    own = Caller("rana", not_approved=frozenset({"amal"}))
    with pytest.raises(errors.Conflict, match="organisation_not_approved"):
        permissions.check_may_book(own, "amal", "raqqa")
    with pytest.raises(errors.Forbidden, match="not_of_organisation"):
        permissions.check_may_book(Caller("omar"), "amal", "raqqa")
