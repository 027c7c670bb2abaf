"""What people read about their way to a seat: why, until when, and when the course starts."""

from __future__ import annotations

import pytest

from services.common.catalogue import Catalogue
from services.common.contracts.trainings import events as facts
from services.common.events.envelope import CloudEvent
from services.notifications.domain import rules
from services.notifications.domain.messages import Text
from services.notifications.schemas import facts_of
from services.notifications.wording import LOCALE_FOLDER, Wording
from services.notifications.wording.words import Names
from services.trainings.domain.applications import DeclineReason
from services.trainings.domain.certificates import RevocationReason
from services.trainings.domain.roster import Reason
from tests.support import training_events as given

CATALOGUE = Catalogue(LOCALE_FOLDER)
WORDING = Wording(CATALOGUE)
# Why a roster lets an applicant wait, or gives no seat for good.
LEAVES_OUT = {
    Reason.FULL,
    Reason.ORGANISATION_CAP,
    Reason.RESERVED_SEATS,
    Reason.GROUP_DOES_NOT_FIT,
    Reason.COHORT_STARTED,
}


def write(template: str, event: CloudEvent, language: str = "ar") -> Text:
    return WORDING.write(template, facts_of(event), Names(), language)


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("reason", [*LEAVES_OUT, *DeclineReason], ids=str)
def test_who_gets_no_seat_reads_why(reason: Reason | DeclineReason, language: str) -> None:
    if reason is DeclineReason.OTHER:
        # Staff wrote it down beside the application, where the person reads it.
        assert not CATALOGUE.has(f"why.{reason}", language)
        return
    why = CATALOGUE.text(f"why.{reason}", language)
    text = write("declined", given.declined(reason=reason.value), language)
    assert why in text.body
    assert why in dict(text.details).values()


def test_a_reason_that_is_new_to_us_is_left_out() -> None:
    text = write("declined", given.declined(reason="moon_phase"), "en")
    assert "moon_phase" not in text.body
    assert "Reason" not in dict(text.details)


def test_an_offer_says_until_when_by_the_clock_of_the_centre() -> None:
    text = write("seat_offered", given.offered(), "en")
    assert "until Tuesday, 24 November 2026, 12:00" in text.body
    assert "A seat has become free, and it is your turn." in text.body
    assert "The course starts on Tuesday, 24 November 2026, 12:00." in text.body
    assert dict(text.details)["Accept before"] == "Tuesday, 24 November 2026, 12:00"
    arabic = write("seat_offered", given.offered())
    assert "حتى الثلاثاء، 24 تشرين الثاني 2026، الساعة 12:00\u00a0م" in arabic.body
    assert arabic.page == f"/applications/{given.APPLICATION}"


def test_a_seat_that_was_free_at_once_is_nobodys_turn() -> None:
    assert "turn" not in write("seat_offered", given.offered(reason="free_seat"), "en").body


def test_a_cohort_without_a_first_session_leaves_no_hole() -> None:
    text = write("enrolled", given.enrolled(starts_at=None), "en")
    assert "starts" not in text.body
    assert "Start of the course" not in dict(text.details)


def test_a_cancelled_cohort_gives_the_reason_in_the_readers_language() -> None:
    for language, reason in given.CANCELLED_BECAUSE.items():
        assert write("cohort_cancelled", given.off(), language).body.endswith(reason)


def test_who_nominated_passes_the_news_on_to_a_person_without_an_account() -> None:
    alone = write("nominee_offered", given.nominee(given.offered()), "en")
    assert alone.body.endswith("please pass the news on.")
    known = given.nominee(given.offered(), person_id="sara")
    assert "pass the news on" not in write("nominee_offered", known, "en").body


def test_a_session_says_where_it_was_and_where_it_is() -> None:
    text = write("session_moved", given.session_moved(reason="مرض المدرّبة"))
    assert "أصبحت: الثلاثاء، 24 تشرين الثاني 2026" in text.body
    assert "في مركز الرقة. وكانت سابقاً: الاثنين، 23 تشرين الثاني 2026" in text.body
    assert text.body.endswith("السبب: مرض المدرّبة")
    assert dict(text.details)["المكان السابق"] == "مقر المنظمة"


def test_another_room_is_named_with_its_centre() -> None:
    rooms = {
        "previous_elsewhere": None,
        "previous_room": {"ar": "غرفة الاجتماعات", "en": "Meeting room"},
        "room": {"ar": "القاعة الكبيرة", "en": "Main hall"},
    }
    text = write("session_moved", given.session_moved(**rooms))
    assert "في القاعة الكبيرة، مركز الرقة" in text.body
    english = write("session_moved", given.session_moved(**rooms), "en")
    assert dict(english.details)["Previous place"] == "in Meeting room, Raqqa centre"


@pytest.mark.parametrize(
    ("event", "is_message"),
    [
        (given.submitted(), True),
        (given.submitted(mode="first_come"), False),
        (given.offer_shortened(), True),
        (given.offer_shortened(status="waitlisted", reason="full"), False),
    ],
)
def test_what_is_decided_at_once_and_a_new_rank_are_no_message(
    event: CloudEvent, is_message: bool
) -> None:
    assert rules.is_unannounced(event.type, dict(event.data)) is not is_message
    # A new rank takes nothing back of what was said.
    ends_what_was_said = rules.overtakes(event.type, dict(event.data))
    assert ends_what_was_said is (is_message or event.data["status"] == "submitted")


@pytest.mark.parametrize(
    ("count", "arabic", "english"),
    [
        (1, "جلسة واحدة", "1 session"),
        (2, "جلستان", "2 sessions"),
        (3, "3 جلسات", "3 sessions"),
        (11, "11 جلسة", "11 sessions"),
    ],
)
def test_a_trainer_reads_how_many_sessions_it_is_about(
    count: int, arabic: str, english: str
) -> None:
    asked = given.assignment(facts.ASSIGNMENT_OFFERED, 1, sessions=count)
    assert (
        f"الجلسات المعنية: {arabic}. الموعد الأول: الثلاثاء"
        in write("assignment_offered", asked).body
    )
    assert f"The sessions concerned: {english};" in write("assignment_offered", asked, "en").body


def test_an_assignment_without_a_session_yet_leaves_no_hole() -> None:
    asked = given.assignment(facts.ASSIGNMENT_OFFERED, 1, sessions=0)
    assert write("assignment_offered", asked, "en").body.endswith("accept or decline in Masaha.")


def test_a_certificate_says_of_which_kind_it_is_and_until_when_it_counts() -> None:
    issued = given.certificate(
        facts.CERTIFICATE_ISSUED, kind="attendance", expires_at=given.OFFER_ENDS
    )
    text = write("certificate_issued", issued, "en")
    assert text.body.startswith("Your certificate of attendance for the course")
    assert dict(text.details)["Expires on"] == "24 November 2026"
    assert "earlier" not in text.body
    again = given.certificate(facts.CERTIFICATE_ISSUED, supersedes=given.COHORT)
    assert "حلّت هذه الشهادة محلّ شهادة سابقة" in write("certificate_issued", again).body


@pytest.mark.parametrize("reason", RevocationReason, ids=str)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_revoked_certificate_says_why(reason: RevocationReason, language: str) -> None:
    revoked = given.certificate(facts.CERTIFICATE_REVOKED, 2, reason=reason.value)
    text = write("certificate_revoked", revoked, language)
    assert text.body.endswith(CATALOGUE.text(f"why.{reason}", language))


@pytest.mark.parametrize("what", ["rooms_refused", "rooms_lost", "rooms_unanswered"])
def test_the_front_desk_reads_why_sessions_have_no_room(what: str) -> None:
    text = write("rooms_missing", given.task_opened(what))
    assert text.body.startswith(CATALOGUE.text(f"task.{what}", "ar"))
    assert "الجلسات المعنية: جلستان." in text.body
