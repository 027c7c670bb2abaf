"""Profiles of advisers: who is given one."""

from __future__ import annotations

import pytest

from services.common import errors
from services.common.personal_data import Erasure
from services.consultations.app import App
from services.consultations.operations import advisers, personal_data
from services.consultations.schemas.advisers import add_adviser
from tests.support.adviser_calendars import adviser_request
from tests.support.bookings import MANAGER, call
from tests.support.consultations import HUDA, know_adviser


@pytest.mark.parametrize("who", ["unknown", "trainer", "disabled", "erased"])
def test_only_who_has_the_role_now_is_given_a_profile(app: App, who: str) -> None:
    know_adviser(app, "trainer", roles=frozenset({"trainer"}))
    know_adviser(app, "disabled", status="disabled")
    know_adviser(app, "erased")
    erasure = Erasure("erased", 2)
    app.database.transact(lambda session: personal_data.erase(app, session, erasure))
    with pytest.raises(errors.Invalid, match=r"consultations\.not_an_adviser") as refused:
        advisers.add_adviser(app, call(MANAGER), add_adviser(adviser_request(who)))
    assert [each.pointer for each in refused.value.errors] == ["/person_id"]
    assert app.advisers.look_up(who) is None


def test_the_same_key_gives_the_profile_of_who_has_lost_the_role_since(app: App) -> None:
    know_adviser(app, HUDA.id)
    command = add_adviser(adviser_request(HUDA.id))
    made = advisers.add_adviser(app, call(MANAGER, "one"), command)
    know_adviser(app, HUDA.id, 2, roles=frozenset())
    assert advisers.add_adviser(app, call(MANAGER, "one"), command) == made
