"""Why a booking was cancelled or moved, in the language of its reader."""

from __future__ import annotations

import pytest

from services.common.catalogue import Catalogue
from services.notifications.schemas import facts_of
from services.notifications.wording import LOCALE_FOLDER, Wording
from services.notifications.wording.words import Names
from tests.support.notifications import cancelled, rescheduled

WORDING = Wording(Catalogue(LOCALE_FOLDER))
REASONS = {"ar": "صيانة الكهرباء", "en": "Electrical maintenance"}


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_reason_given_in_both_languages_is_told_in_the_readers(language: str) -> None:
    facts = facts_of(cancelled(reason=REASONS["ar"], reasons=REASONS))
    text = WORDING.write("booking_cancelled", facts, Names(), language)
    other = REASONS["en" if language == "ar" else "ar"]
    assert REASONS[language] in text.body
    assert other not in text.body


def test_a_move_gives_its_reason_where_there_is_one() -> None:
    facts = facts_of(rescheduled(reason="Painters"))
    assert "Painters" in WORDING.write("booking_rescheduled", facts, Names(), "en").body
    without = WORDING.write("booking_rescheduled", facts_of(rescheduled()), Names(), "en")
    assert "Reason" not in without.body
