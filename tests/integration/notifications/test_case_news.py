"""News of consultation cases: a vague message for its recipient, and no trace for anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest

from services.common.context import SYSTEM, Call, Caller
from services.common.contracts.consultations.events import (
    CAMPAIGN_REQUEST_REMINDED,
    CAMPAIGN_REQUEST_WITHDRAWN,
    TASK_CLOSED,
)
from services.notifications.app import App
from services.notifications.domain.inbox import VISIBLE
from services.notifications.operations import personal_data
from tests.support.notifications import (
    MAIL,
    NEWS,
    Mailbox,
    an_app,
    arrive,
    campaign_request,
    case_news,
    confirmed,
    consultation_offered,
    consultation_task,
    person,
    send_due,
    two_members_of_hope,
)
from tests.support.stack import Server

OTHER_NEWS = "0190b0a5-7c1e-7000-8000-0000000000e2"


@pytest.fixture
def app(database: Server, port: int) -> Iterator[App]:
    """The application when Sara and Omar, of one organisation, are known."""
    with an_app(database.uri, replace(MAIL, port=port)) as built:
        arrive(built, *two_members_of_hope())
        yield built


def words_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_recipient_reads_that_there_is_news_and_the_others_nothing(
    app: App, mailbox: Mailbox
) -> None:
    assert arrive(app, case_news()) == {}
    (message,) = app.notifications.page("sara", VISIBLE, limit=9, after=None)
    assert (message.title, message.subject_id) == ("جديد بخصوص استشارة", NEWS)
    assert app.notifications.page("omar", VISIBLE, limit=9, after=None) == []
    send_due(app)
    (mail,) = mailbox.mails
    assert mailbox.recipients == ["sara@example.org"]
    assert f"https://masaha.example/m/{NEWS}?language=ar" in words_of(mail)


def test_two_cases_are_told_in_the_same_words(app: App, mailbox: Mailbox) -> None:
    arrive(app, case_news(), case_news(OTHER_NEWS))
    send_due(app)
    texts = {words_of(mail).replace(OTHER_NEWS, NEWS) for mail in mailbox.mails}
    assert len(mailbox.mails) == 2
    assert len(texts) == 1
    assert len({(mail["Subject"], mail["List-Id"]) for mail in mailbox.mails}) == 1


def test_news_that_comes_twice_makes_one_message(app: App) -> None:
    news = case_news()
    for _ in range(2):
        arrive(app, news)
    assert len(app.notifications.page("sara", VISIBLE, limit=9, after=None)) == 1


def test_what_became_of_its_mail_is_published_to_nobody(app: App, mailbox: Mailbox) -> None:
    arrive(app, case_news())
    send_due(app)
    arrive(app, confirmed())
    send_due(app)
    told = [each["event"]["data"] for each in app.database.collection("outbox").find()]
    assert {each["event_type"] for each in told} == {"bookings.booking.confirmed"}
    assert len(mailbox.mails) == 1 + len(told)


def test_an_offer_after_a_training_is_a_message_to_who_completed_it(app: App) -> None:
    assert arrive(app, consultation_offered()) == {}
    (message,) = app.notifications.page("sara", VISIBLE, limit=9, after=None)
    assert "أساسيات الإدارة المالية" in message.body
    assert app.notifications.page("omar", VISIBLE, limit=9, after=None) == []
    assert arrive(app, consultation_offered(None)) == {}


def test_a_campaign_is_answered_by_a_link_that_is_the_persons_own(
    app: App, mailbox: Mailbox
) -> None:
    asked = campaign_request()
    for _ in range(2):
        assert arrive(app, asked) == {}
    [queued] = app.database.collection("deliveries").find()
    token = queued["text"]["link"].removeprefix("/campaign-links/")
    subject = asked.data["request_id"]
    assert app.links.opens(token, "campaign.request", subject, "campaign-1")
    assert not app.links.opens(token, "campaign", subject, "campaign-1")
    [message] = app.notifications.page("sara", VISIBLE, limit=9, after=None)
    assert "احتياجات الربيع" in message.body
    arrive(app, campaign_request(CAMPAIGN_REQUEST_REMINDED))
    send_due(app)
    # Who is reminded before the first mail has left gets one mail, of the later words.
    assert len(mailbox.mails) == 1
    assert len(app.notifications.page("sara", VISIBLE, limit=9, after=None)) == 2
    assert app.notifications.page("omar", VISIBLE, limit=9, after=None) == []


def test_a_campaign_that_is_over_asks_nobody_any_more(app: App, mailbox: Mailbox) -> None:
    arrive(app, campaign_request())
    arrive(app, campaign_request(CAMPAIGN_REQUEST_WITHDRAWN))
    assert app.notifications.page("sara", VISIBLE, limit=9, after=None) == []
    send_due(app)
    assert mailbox.mails == []
    [delivery] = app.database.collection("deliveries").find()
    assert delivery["state"] == "skipped"
    # It came late: nothing is made of it.
    arrive(app, campaign_request(CAMPAIGN_REQUEST_REMINDED))
    assert app.notifications.page("sara", VISIBLE, limit=9, after=None) == []


def test_the_front_desk_of_the_centre_learns_of_a_task_and_of_no_case(app: App) -> None:
    arrive(
        app,
        person("here", roles=["front_desk"], centres=["raqqa"]),
        person("reader", "en", roles=["front_desk"], centres=["raqqa"]),
        person("elsewhere", roles=["front_desk"], centres=["tabqa"]),
    )
    assert arrive(app, consultation_task()) == {}
    told = {
        each: [found.title for found in app.notifications.page(each, VISIBLE, limit=9, after=None)]
        for each in ("here", "reader", "elsewhere", "sara", "omar")
    }
    assert told == {
        "here": ["للمتابعة في الاستشارات: سُحب المكان المحجوز"],
        "reader": ["To be seen to in consultations: a room was taken away"],
        "elsewhere": [],
        "sara": [],
        "omar": [],
    }
    (message,) = app.notifications.page("reader", VISIBLE, limit=9, after=None)
    assert "appointment-1" not in message.body
    assert app.database.collection("deliveries").find_one() is None


@pytest.fixture
def desk(app: App) -> str:
    """A person of the front desk who gets messages about tasks."""
    arrive(app, person("here", roles=["front_desk"], centres=["raqqa"]))
    return "here"


def inbox(app: App, reader: str) -> list[str]:
    return [
        each.subject_id for each in app.notifications.page(reader, VISIBLE, limit=9, after=None)
    ]


def test_a_task_that_is_closed_leaves_the_inbox(app: App, desk: str) -> None:
    """To readers of the open log the tasks of a case that is sealed are closed: no message of
    before is to lead to one."""
    opened, closed = consultation_task(), consultation_task(event_type=TASK_CLOSED)
    arrive(app, opened)
    assert inbox(app, desk) == [opened.subject]
    arrive(app, closed)
    assert inbox(app, desk) == []
    assert opened.subject not in str(app.notifications.export(desk))
    again = replace(opened, id="again", aggregate_version=3, data={**opened.data, "version": 3})
    arrive(app, again)
    assert inbox(app, desk) == [opened.subject]


@pytest.mark.parametrize("together", [True, False])
def test_a_task_that_was_closed_before_its_message_came_is_in_no_inbox(
    app: App, desk: str, together: bool
) -> None:
    opened, closed = consultation_task(), consultation_task(event_type=TASK_CLOSED)
    if together:
        arrive(app, opened, closed)
    else:
        arrive(app, closed)
        arrive(app, opened)
    assert inbox(app, desk) == []


def test_only_the_recipient_has_case_news_in_an_export(app: App) -> None:
    """A manager would learn of a person that there is a case, and when something happened in it."""
    arrive(app, case_news(), confirmed())
    own = personal_data.export(app, Call(caller=Caller("sara")), "sara")
    for reader in (Caller("boss", roles=frozenset({"manager"})), SYSTEM):
        found = personal_data.export(app, Call(caller=reader), "sara")
        for kind in ("messages", "deliveries"):
            assert NEWS in str(own[kind])
            assert NEWS not in str(found[kind])
            assert len(found[kind]) == len(own[kind]) - 1
