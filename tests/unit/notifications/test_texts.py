"""The texts: complete in both languages, filled in, escaped, and safe in a mail's header."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.message import Message as Mail
from email.policy import default
from html import escape
from string import Formatter
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from services.common.bidi import isolated, one_line
from services.common.catalogue import Catalogue
from services.common.clock import FixedClock
from services.common.contracts.consultations.events import (
    ASSESSMENT_AGREED,
    ASSESSMENT_VERIFIED,
    CAMPAIGN_REQUEST_REMINDED,
)
from services.common.contracts.trainings import events as facts
from services.common.directory.people import Person
from services.notifications.channels.email import EmailChannel, add_header
from services.notifications.channels.outgoing import Unreachable
from services.notifications.channels.smtp import Pace
from services.notifications.domain.delivery import Delivery, State
from services.notifications.domain.messages import Text
from services.notifications.domain.rules import RULES
from services.notifications.schemas import facts_of
from services.notifications.wording import LOCALE_FOLDER, Wording
from services.notifications.wording.words import Names
from tests.support import notifications as given_
from tests.support import training_events as trainings

CATALOGUE = Catalogue(LOCALE_FOLDER)
WORDING = Wording(CATALOGUE)
CHANNEL = EmailChannel(Mock(), FixedClock(given_.NOW), WORDING, given_.MAIL)
NAMES = Names({"ar": "جمعية الأمل", "en": "Hope Association"}, {"ar": "سارة", "en": "Sara"})
EVENTS = {
    "booking_confirmed": given_.confirmed(),
    "booking_changed": given_.changed(),
    "booking_rescheduled": given_.rescheduled(),
    "booking_cancelled": given_.cancelled(),
    "booking_requested": given_.requested(),
    "booking_to_approve": given_.requested(),
    "booking_rejected": given_.rejected(),
    "booking_expired": given_.expired(),
    "booking_no_show": given_.no_show(),
    "check_in_undone": given_.check_in_undone(),
    "booking_end_changed": given_.end_changed(),
    "booking_ended": given_.ended(),
    "booking_left_outside": given_.left_outside(),
    "no_show_corrected": given_.no_show_corrected(),
    "series_created": given_.series_created(),
    "series_changed": given_.series_changed(),
    "series_cancelled": given_.series_cancelled(),
    "waitlist_offered": given_.waitlist_offered(),
    "waitlist_withdrawn": given_.waitlist_withdrawn(),
    "waitlist_expired": given_.waitlist_expired(),
    "invitation_sent": given_.invited(),
    "invitation_changed": given_.meeting_moved(),
    "invitation_off": given_.meeting_off(),
    "invitation_revoked": given_.invitation_revoked(),
    "invitation_replied": given_.replied(),
    "assessment_agreed": given_.assessed(ASSESSMENT_AGREED),
    "assessment_verified": given_.assessed(ASSESSMENT_VERIFIED),
    "recommendation_approved": given_.recommended(),
    "case_news": given_.case_news(),
    "consultation_offered": given_.consultation_offered(),
    "campaign_opened": given_.campaign_request(),
    "campaign_closes_soon": given_.campaign_request(CAMPAIGN_REQUEST_REMINDED),
    "consultation_task": given_.consultation_task(),
    "membership_offered": given_.asked_to_join(),
    "membership_accepted": given_.join_answered(),
    "membership_declined": given_.join_answered(accepted=False),
    "application_received": trainings.submitted(),
    "shortlisted": trainings.application(facts.APPLICATION_SHORTLISTED),
    "waitlisted": trainings.waitlisted(),
    "seat_offered": trainings.offered(),
    "offer_changed": trainings.offer_shortened(),
    "enrolled": trainings.enrolled(),
    "declined": trainings.declined(),
    "withdrawn": trainings.application(facts.APPLICATION_WITHDRAWN),
    "offer_expired": trainings.application(facts.APPLICATION_OFFER_EXPIRED),
    "offer_declined": trainings.application(facts.APPLICATION_OFFER_DECLINED),
    "cohort_cancelled": trainings.off(),
    "course_completed": trainings.application(facts.APPLICATION_COMPLETED),
    "course_not_completed": trainings.application(facts.APPLICATION_NOT_COMPLETED),
    "nominee_waitlisted": trainings.nominee(trainings.waitlisted()),
    "nominee_offered": trainings.nominee(trainings.offered()),
    "nominee_enrolled": trainings.nominee(trainings.enrolled()),
    "nominee_declined": trainings.nominee(trainings.declined()),
    "nominee_expired": trainings.nominee(trainings.application(facts.APPLICATION_OFFER_EXPIRED)),
    "nominee_cancelled": trainings.nominee(trainings.off()),
    "assignment_offered": trainings.assignment(facts.ASSIGNMENT_OFFERED, 1),
    "assignment_changed": trainings.assignment(facts.ASSIGNMENT_CHANGED),
    "assignment_withdrawn": trainings.assignment(facts.ASSIGNMENT_WITHDRAWN),
    "assignment_accepted": trainings.assignment(facts.ASSIGNMENT_ACCEPTED),
    "assignment_declined": trainings.assignment(facts.ASSIGNMENT_DECLINED),
    "certificate_issued": trainings.certificate(facts.CERTIFICATE_ISSUED),
    "certificate_revoked": trainings.certificate(facts.CERTIFICATE_REVOKED, 2),
    "feedback_asked": trainings.feedback_asked(),
    "review_assigned": trainings.review_assigned(),
    "rooms_missing": trainings.task_opened(),
    "session_added": trainings.session_added(),
    "session_moved": trainings.session_moved(),
    "session_removed": trainings.session_removed(reason="مرض المدرّبة"),
}

HEADERS = {
    "Message-ID",
    "Date",
    "From",
    "To",
    "Subject",
    "List-Id",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
}


def written(template: str, language: str, names: Names = NAMES, **changes: Any) -> Text:
    facts = {**facts_of(EVENTS[template]), **changes}
    return WORDING.write(template, facts, names, language, stamped_at=given_.NOW)


def is_about_a_space(template: str) -> bool:
    return "centre_name" in EVENTS[template].data


def names_no_organisation(template: str) -> bool:
    """What people apply for is theirs, and nobody is to see whose a case is."""
    return EVENTS[template].type.startswith(
        ("trainings.", "consultations.news.", "consultations.task.")
    )


def is_titled_by_language(template: str) -> bool:
    return isinstance(EVENTS[template].data.get("title"), dict)


def mail_of(
    text: Text, language: str = "ar", *, email: str = "sara@example.org", **name: str
) -> EmailMessage:
    """The mail as a receiving program reads it."""
    delivery = Delivery(
        id="d1",
        recipient_id="sara",
        event_id="e1",
        event_type="bookings.booking.confirmed",
        subject_id=given_.BOOKING,
        channel="email",
        category="bookings",
        language=language,
        text=text,
        state=State.QUEUED,
        attempts=0,
        version=0,
        occurred_at=given_.NOW,
        queued_at=given_.NOW,
        aggregate=f"booking:{given_.BOOKING}",
        aggregate_version=1,
        traceparent=None,
    )
    contact = Person("sara", 1, name or {"ar": "سارة", "en": "Sara"}, email, language)
    raw = CHANNEL.compose(delivery, contact)
    assert raw.isascii(), "some servers take seven bits only"
    assert max(map(len, raw.split(b"\r\n"))) <= 998, "the longest line that RFC 5322 allows"
    return message_from_bytes(raw, _class=EmailMessage, policy=default)


def shown_in_html(text: str) -> str:
    """A text as a mail's HTML has it: escaped, and isolated by elements."""
    return (
        escape(text)
        .replace("\u2068", "<bdi>")
        .replace("\u2069", "</bdi>")
        .replace("&#x27;", "&#39;")
    )


def calendar_of(mail: EmailMessage) -> tuple[str, Event]:
    """The method of a mail's calendar file, and its one event."""
    (file,) = (each for each in mail.walk() if each.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(file.get_content())
    assert file.get_param("method") == calendar["METHOD"]
    assert file.get_filename() == "meeting.ics"
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    assert body is not None
    return str(body.get_content())


class TestCatalogue:
    def test_every_row_of_the_rule_table_has_its_texts(self) -> None:
        for rule in RULES:
            for language in CATALOGUE.languages:
                assert CATALOGUE.has(f"{rule.template}.title", language)
                assert CATALOGUE.has(f"{rule.template}.body", language)

    def test_every_template_of_the_rule_table_is_written_here(self) -> None:
        assert set(EVENTS) == {rule.template for rule in RULES}, (
            "name an event for each template in EVENTS: the tests below write it in every language"
        )

    def test_arabic_is_arabic(self) -> None:
        latin = set(string.ascii_letters)
        for key in CATALOGUE.keys("ar"):
            for form in CATALOGUE.forms(key, "ar"):
                words = "".join(text for text, *_ in Formatter().parse(form))
                assert not latin & set(words), key


class TestWords:
    def test_english(self) -> None:
        text = written("booking_confirmed", "en")
        assert text.title == "Booking confirmed: Main hall, 24 November 2026"
        assert text.body == (
            "Main hall at Raqqa centre is booked for Hope Association: "
            "Tuesday, 24 November 2026, from 12:00 to 14:00."
        )

    def test_arabic_with_the_months_of_syria_and_the_centres_clock(self) -> None:
        text = written("booking_confirmed", "ar")
        assert text.title == "تم تأكيد الحجز: القاعة الكبرى، 24 تشرين الثاني 2026"
        assert text.body == (
            "تم حجز القاعة الكبرى في مركز الرقة باسم جمعية الأمل: "
            "الثلاثاء، 24 تشرين الثاني 2026، من الساعة 12:00\u00a0م إلى الساعة 2:00\u00a0م."
        )

    def test_a_cancellation_gives_its_reason(self) -> None:
        assert written("booking_cancelled", "ar").body.endswith("السبب: صيانة")
        assert "Reason" not in written("booking_cancelled", "en", reason=None).body

    def test_a_rejection_gives_its_reason(self) -> None:
        assert written("booking_rejected", "ar").body.endswith("السبب: تدريب في ذلك اليوم")

    @pytest.mark.parametrize(
        ("language", "sentence"),
        [("ar", "لذلك لا يُحتسب هذا عليكم."), ("en", "so this is not held against you.")],
    )
    def test_a_no_show_that_is_not_counted_says_so(self, language: str, sentence: str) -> None:
        assert written("booking_no_show", language, counted=False).body.endswith(sentence)
        for counted in ({"counted": True}, {}):
            assert sentence not in written("booking_no_show", language, **counted).body

    @pytest.mark.parametrize("template", ["series_created", "series_changed"])
    def test_a_series_says_how_many_of_its_occurrences_wait_for_approval(
        self, template: str
    ) -> None:
        english = written(template, "en", pending=2)
        assert "Waiting for the front desk’s approval: 2." in english.body
        assert dict(english.details)["Waiting for approval"] == "2"
        assert isolated("2", "rtl") in written(template, "ar", pending=2).body
        for none in ({"pending": 0}, {}):
            assert "approval" not in written(template, "en", **none).body

    def test_what_time_has_done_names_nobody_who_did_it(self) -> None:
        facts = facts_of(EVENTS["booking_no_show"])
        text = WORDING.write("booking_no_show", facts, Names(NAMES.organisation), "en")
        assert text.title == "Nobody came: Main hall, 24 November 2026"
        assert "Done by" not in dict(text.details)

    def test_a_move_says_where_it_was(self) -> None:
        text = written("booking_rescheduled", "en")
        assert "Previously it was in Main hall: Monday, 23 November 2026" in text.body
        assert dict(text.details)["Time before"].startswith("Monday, 23 November 2026")

    def test_a_booking_over_midnight_names_both_days(self) -> None:
        text = written("booking_confirmed", "en", ends_at=given_.STARTS + timedelta(hours=13))
        assert "24 November 2026, 12:00 to Wednesday, 25 November 2026, 01:00" in text.body

    def test_an_unknown_organisation_and_actor_leave_no_hole(self) -> None:
        facts = facts_of(EVENTS["booking_confirmed"])
        text = WORDING.write("booking_confirmed", facts, Names(), "ar")
        assert "باسم منظمتكم" in text.body
        assert "تم بواسطة" not in dict(text.details)

    def test_a_latin_name_in_an_arabic_sentence_is_isolated(self) -> None:
        text = written("booking_confirmed", "ar", space_name={"ar": "Hall A"})
        assert "\u2068Hall A\u2069" in text.title

    def test_the_answer_to_an_invitation_names_who_gave_it(self) -> None:
        assert "was accepted by Sara" in written("membership_accepted", "en").body
        unnamed = written("membership_declined", "en", Names())
        assert "was declined by the person you invited" in unnamed.body
        assert "سارة" in written("membership_declined", "ar").body

    def test_a_value_is_never_read_as_a_placeholder(self) -> None:
        text = written("booking_cancelled", "en", title="{reason} {0} %s $title")
        assert "{reason} {0} %s $title" in text.body

    @pytest.mark.parametrize("wanted", ["ku", "", None])
    def test_a_language_without_texts_becomes_arabic(self, wanted: str | None) -> None:
        assert WORDING.language(wanted) == "ar"

    @settings(deadline=None)  # a busy machine is no fault of ours
    @given(
        st.sampled_from(sorted(EVENTS)),
        st.sampled_from(["ar", "en"]),
        st.text(min_size=1, max_size=120),
        st.datetimes(
            datetime(2018, 3, 1),  # noqa: DTZ001 - hypothesis adds the zone
            datetime(2099, 1, 1),  # noqa: DTZ001
            timezones=st.just(UTC),
        ),
    )
    def test_whatever_is_booked_the_title_is_one_line(
        self, template: str, language: str, name: str, start: datetime
    ) -> None:
        text = written(
            template,
            language,
            title={"ar": name} if is_titled_by_language(template) else name,
            space_name={"ar": name},
            starts_at=start,
            ends_at=start + timedelta(hours=1),
        )
        assert len(text.title.splitlines()) == 1
        assert text.body
        assert all(len(value.splitlines()) <= 1 for _, value in text.details)


class TestCalendarFile:
    def test_booked_moved_and_cancelled_are_one_event_that_rises(self) -> None:
        story = [
            calendar_of(mail_of(written(template, "en"), "en"))
            for template in ("booking_confirmed", "booking_rescheduled", "booking_cancelled")
        ]
        assert [method for method, _ in story] == ["REQUEST", "REQUEST", "CANCEL"]
        events = [event for _, event in story]
        assert {str(event["UID"]) for event in events} == {f"{given_.BOOKING}@masaha"}
        assert [int(event["SEQUENCE"]) for event in events] == [0, 1, 1]
        assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
        first = events[0]
        assert (first["DTSTART"].dt, first["DTEND"].dt) == (
            given_.STARTS,
            given_.STARTS + timedelta(hours=2),
        )
        assert (str(first["SUMMARY"]), str(first["LOCATION"])) == (
            isolated("اجتماع التنسيق", "ltr"),
            "Main hall, Raqqa centre",
        )
        assert str(first["ATTENDEE"]) == "mailto:sara@example.org"
        assert str(first["ORGANIZER"]) == "mailto:no-reply@masaha.example"

    def test_an_invitation_that_is_taken_back_and_sent_again_rises_each_time(self) -> None:
        sequences, methods = [], []
        for second, template in enumerate(
            [
                "invitation_sent",
                "invitation_changed",
                "invitation_revoked",
                "invitation_sent",
                "invitation_off",
            ]
        ):
            facts = facts_of(EVENTS[template])
            at = given_.NOW + timedelta(seconds=second)
            text = WORDING.write(template, facts, NAMES, "ar", "/x", stamped_at=at)
            method, event = calendar_of(mail_of(text))
            assert str(event["UID"]) == f"{given_.BOOKING}@masaha"
            sequences.append(int(event["SEQUENCE"]))
            methods.append(method)
        assert sequences == sorted(set(sequences))
        assert methods == ["REQUEST", "REQUEST", "CANCEL", "REQUEST", "CANCEL"]

    def test_a_meeting_that_waits_again_is_tentative_and_goes_where_it_is_turned_down(self) -> None:
        moved = mail_of(written("booking_rescheduled", "ar", status="pending"))
        _, waiting = calendar_of(moved)
        assert str(waiting["STATUS"]) == "TENTATIVE"
        for template in ("booking_rejected", "booking_expired"):
            method, event = calendar_of(mail_of(written(template, "ar")))
            assert (method, str(event["STATUS"])) == ("CANCEL", "CANCELLED")

    @pytest.mark.parametrize("template", sorted(EVENTS))
    def test_only_what_is_about_one_time_has_one(self, template: str) -> None:
        has_one = written(template, "ar").appointment is not None
        ends_or_begins = {
            "confirmed",
            "rescheduled",
            "cancelled",
            "rejected",
            "expired",
            "sent",
            "changed",
            "off",
            "revoked",
        }
        expected = template.startswith(("booking_", "invitation_")) and (
            template.partition("_")[2] in ends_or_begins
        )
        assert has_one is (expected and template != "booking_changed")

    def test_a_title_adds_no_line_to_the_file(self) -> None:
        evil = "Hall\r\nATTENDEE:mailto:x@evil.example;,\\n"
        _, event = calendar_of(mail_of(written("booking_confirmed", "en", title=evil), "en"))
        assert str(event["ATTENDEE"]) == "mailto:sara@example.org"


class TestMail:
    @pytest.mark.parametrize("language", ["ar", "en"])
    @pytest.mark.parametrize("template", sorted(EVENTS))
    def test_every_message_reads_the_same_after_the_journey(
        self, template: str, language: str
    ) -> None:
        text = written(template, language)
        mail = mail_of(text, language)
        assert mail["Subject"] == text.title
        assert text.body in part(mail, "plain")
        assert shown_in_html(text.title) in part(mail, "html")
        assert shown_in_html(text.body) in part(mail, "html")
        for label, value in text.details:
            assert f"{label}: {value}" in part(mail, "plain")

    def test_the_headers_say_what_it_is(self) -> None:
        mail = mail_of(written("booking_confirmed", "ar"))
        assert mail["Message-ID"] == "<d1@masaha.example>"
        assert mail["From"] == "Masaha <no-reply@masaha.example>"
        assert mail["To"] == "سارة <sara@example.org>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Id"] == "<bookings.notifications.masaha.example>"
        assert mail["Date"].datetime == given_.NOW
        assert mail["Content-Language"] == "ar"
        assert mail.get_content_type() == "multipart/mixed"
        (words, calendar) = mail.iter_parts()
        assert words.get_content_type() == "multipart/alternative"
        assert calendar.get_content_type() == "text/calendar"

    def test_arabic_reads_from_right_to_left(self) -> None:
        assert '<html lang="ar" dir="rtl">' in part(
            mail_of(written("booking_confirmed", "ar")), "html"
        )
        assert '<html lang="en" dir="ltr">' in part(
            mail_of(written("booking_confirmed", "en"), "en"), "html"
        )

    @pytest.mark.parametrize("template", sorted(EVENTS))
    def test_a_latin_name_in_an_arabic_mail_is_isolated_in_both_parts(self, template: str) -> None:
        name = {"ar": "Hall B 2"}
        title: Any = name if is_titled_by_language(template) else "Hall B 2"
        changes = {"title": title, "space_name": name, "centre_name": name}
        text = written(template, "ar", Names({"ar": "Hope 3"}), **changes)
        mail = mail_of(text, ar="Omar")
        html, plain = part(mail, "html"), part(mail, "plain")
        named = {
            "Omar": True,
            "Hope 3": not names_no_organisation(template),
            "Hall B 2": is_about_a_space(template),
        }
        for shown in (name for name, is_named in named.items() if is_named):
            assert f"<bdi>{shown}</bdi>" in html
            assert f"\u2068{shown}\u2069" in plain
        assert "\u2068" not in html[html.index("<body") :]

    @pytest.mark.parametrize("language", ["ar", "en"])
    @pytest.mark.parametrize("template", sorted(EVENTS))
    def test_a_mail_does_not_speak_of_itself(self, template: str, language: str) -> None:
        mail = mail_of(written(template, language), language)
        for kind in ("plain", "html"):
            text = part(mail, kind)
            for phrase in (
                "automatically",
                "e-mail",
                "do not reply",
                "تلقائياً",
                "البريد الإلكتروني",
            ):
                assert phrase not in text

    def test_the_link_leads_to_the_page_of_what_it_is_about(self) -> None:
        booked = mail_of(written("booking_confirmed", "en"), "en")
        page = f"https://masaha.example/bookings/{given_.BOOKING}?language=en"
        assert page in part(booked, "plain")
        assert f'href="{page}"' in part(booked, "html")
        series = mail_of(written("series_created", "ar"))
        assert f"/series/{given_.SERIES}?language=ar" in part(series, "plain")
        waits = mail_of(written("waitlist_offered", "ar"))
        assert f"/waitlist/{given_.ENTRY}?language=ar" in part(waits, "plain")

    def test_html_in_a_title_is_text(self) -> None:
        text = written("booking_cancelled", "en", title="<script>alert('x')</script>&amp;")
        html = part(mail_of(text, "en", ar='<img src="x">'), "html")
        assert "<script" not in html
        assert "<img" not in html
        assert "&lt;script&gt;" in html
        assert "&amp;amp;" in html

    def test_a_line_break_in_a_name_starts_no_header(self) -> None:
        evil = "Hall\r\nBcc: everybody@example.org\r\n\r\nbody"
        mail = mail_of(
            written("booking_confirmed", "en", space_name={"ar": evil}), "en", ar=f"Sara{evil}"
        )
        assert mail["Bcc"] is None
        # Nor is what it says a link.
        subject = mail["Subject"].replace("\u2060", "")
        assert "Hall Bcc: everybody@example.org body" in subject
        assert "everybody@example.org" not in mail["Subject"]
        assert [address.addr_spec for address in mail["To"].addresses] == ["sara@example.org"]

    @pytest.mark.parametrize("place", ["name", "title", "both"])
    @pytest.mark.parametrize(
        "value",
        [
            # CRLF, a Subject, a Reply-To, an empty line and a body.
            "=?utf-8?b?DQpTdWJqZWN0OiBQYXkgbm93DQpSZXBseS1UbzogYUBldmlsLmV4YW1wbGUNCg0KSGk=?=",
            "=?utf-8?q?=0D=0ABcc:_a@evil.example?=",
            "=?us-ascii?Q?=0ABcc:_a@evil.example?= Sara",
            "سارة =?utf-8?q?=0D=0A=0D=0AHi?=",
            '=?us-ascii?B?gA==?="',
            "=?unknown?q?=0D=0A?=",
            "=?utf-8?b?",
            '"Sara" <x@evil.example>, \\',
            "a" * 3000,
            "word " * 300 + "end",
        ],
    )
    def test_a_value_that_looks_like_an_encoded_word_is_shown_as_it_is(
        self, value: str, place: str
    ) -> None:
        name = "Sara" if place == "title" else value
        title = "Hello" if place == "name" else value
        mail = mail_of(Text(title, "b"), "en", ar=name)
        assert mail["Reply-To"] is None
        assert mail["Bcc"] is None
        assert part(mail, "plain").startswith(f"Hello {isolated(name, 'ltr')},")
        assert mail["Subject"] == one_line(title)
        [to] = mail["To"].addresses
        assert to.addr_spec == "sara@example.org"
        assert "".join(to.display_name.split()) == "".join(name.split())

    @pytest.mark.parametrize("title", ["a\r\nBcc: x@example.org", "a\nb", "a\rb", "\n", "\udc80"])
    def test_a_header_holds_no_line_break_whatever_it_is_given(self, title: str) -> None:
        try:
            mail = mail_of(Text(title, "b"))
        except Unreachable:
            return
        assert mail["Bcc"] is None
        assert set(mail.keys()) == HEADERS

    @pytest.mark.parametrize("value", ["a\r\nBcc: b", "a\r\n\r\nHi", "a\nb", "a\rb", "a\r\n"])
    def test_a_folded_header_with_a_line_break_makes_no_mail(self, value: str) -> None:
        with pytest.raises(Unreachable):
            add_header(Mail(), "Subject", value)

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "=?utf-8?b?DQpCY2M6IGE=?=@example.org",
            "sara",
            "@example.org",
            "sara@",
            "sara@example.org\r\nBcc: x@example.org",
            "sara@example.org, x@example.org",
            "a b@example.org",
            "sara@example.org\x00",
            "سارة@example.org",
        ],
    )
    def test_an_address_that_is_none_is_not_written_to(self, address: str) -> None:
        with pytest.raises(Unreachable):
            mail_of(Text("t", "b"), email=address)

    @settings(deadline=None)  # a busy machine is no fault of ours
    @given(st.text(max_size=200), st.text(max_size=200))
    def test_no_text_breaks_the_headers(self, title: str, name: str) -> None:
        text = written("booking_cancelled", "ar", space_name={"ar": title or "-"})
        mail = mail_of(text, ar=name)
        assert set(mail.keys()) == HEADERS
        assert [address.addr_spec for address in mail["To"].addresses] == ["sara@example.org"]
        assert mail["Subject"] == text.title
        # Python's reader leaves a space between two encoded words of a long name (RFC 2047, 6.2).
        shown = mail["To"].addresses[0].display_name
        assert "".join(shown.split()) == "".join((one_line(name) or "").split())


def test_a_sender_that_is_no_mailbox_stops_the_start() -> None:
    with pytest.raises(ValueError, match="MAIL_FROM"):
        EmailChannel(Mock(), FixedClock(given_.NOW), WORDING, replace(given_.MAIL, sender="Masaha"))


def test_the_pace_lets_through_so_many_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("services.notifications.channels.smtp.time.monotonic", lambda: 100.0)
    monkeypatch.setattr("services.notifications.channels.smtp.time.sleep", slept.append)
    pace = Pace(10)
    for _ in range(3):
        pace.wait()
    assert slept == pytest.approx([0.1, 0.2])
    slept.clear()
    unlimited = Pace(0)
    for _ in range(3):
        unlimited.wait()
    assert slept == []
