"""Messages about invitations: to people without an account, and to other organisations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from services.common import errors
from services.common.context import SYSTEM, Call, Caller
from services.common.errors import NotYet
from services.notifications.app import App
from services.notifications.domain import rules
from services.notifications.domain.rules.audiences import Audience
from services.notifications.operations import personal_data
from services.notifications.operations.identity_events import apply_events
from services.notifications.operations.notify import notify
from tests.support import notifications as given
from tests.support.stack import Server


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    with given.an_app(database.uri) as opened:
        given.arrive(opened, *given.two_members_of_hope())
        given.arrive(
            opened,
            given.organisation("furat", ar="الفرات", en="Euphrates"),
            given.person("ziad", "en", ar="زياد", en="Ziad"),
            given.membership("ziad", "furat"),
        )
        yield opened


def rows(app: App, collection: str, **query: Any) -> list[dict[str, Any]]:
    return list(app.database.collection(collection).find(query).sort("_id", 1))


def test_a_guest_is_written_to_in_their_language_with_the_link(app: App) -> None:
    given.arrive(app, *given.invited_guest("en"))
    (mail,) = rows(app, "deliveries")
    assert mail["recipient_id"] == given.INVITATION
    assert mail["text"]["title"] == "Invitation to a meeting: Main hall, 24 November 2026"
    token = given.LINKS.reply_token(given.INVITATION, given.NONCE)
    assert mail["text"]["link"] == f"/invitations/{token}"
    assert "Hope Association invites you" in mail["text"]["body"]
    assert rows(app, "notifications") == []


def test_an_invitation_waits_for_the_details_of_its_guest(app: App) -> None:
    invitation = given.invited()
    apply_events(app, [invitation])
    assert isinstance(notify(app, [invitation])[invitation.id], NotYet)
    assert rows(app, "deliveries") == []
    given.arrive(app, given.guest("en"), invitation)
    (mail,) = rows(app, "deliveries")
    assert mail["language"] == "en"


def test_a_guest_who_is_erased_is_written_to_no_more(app: App) -> None:
    given.arrive(app, given.guest(version=3, erased=True))
    given.arrive(app, *given.invited_guest(), given.meeting_moved())
    assert rows(app, "deliveries") == []
    (kept,) = rows(app, "people", _id=given.INVITATION)
    assert kept == {
        "_id": given.INVITATION,
        "version": 3,
        "erased": True,
        "until": given.GUEST_UNTIL,
    }


def test_what_waits_for_somebody_who_is_erased_or_disabled_is_not_sent(app: App) -> None:
    given.arrive(app, *given.invited_guest(), given.confirmed())
    given.arrive(app, given.guest(version=2, erased=True))
    given.arrive(app, given.person("omar", "en", version=2, status="disabled"))
    given.arrive(app, given.person("sara", version=2, status="erased"))
    given.send_due(app)
    outcomes = {each["recipient_id"]: each for each in rows(app, "deliveries")}
    assert {who: each["reason"] for who, each in outcomes.items()} == {
        given.INVITATION: "the recipient is erased",
        "omar": "the recipient is disabled",
        "sara": "the recipient is erased",
    }
    assert not any("text" in each for each in outcomes.values())


def test_news_of_a_change_has_the_link_too_and_the_end_of_a_meeting_has_none(app: App) -> None:
    given.arrive(app, *given.invited_guest(), given.meeting_moved(), given.meeting_off())
    links = {mail["event_type"]: mail["text"]["link"] for mail in rows(app, "deliveries")}
    token = given.LINKS.reply_token(given.INVITATION, given.NONCE)
    assert links == {
        "bookings.invitation.issued": f"/invitations/{token}",
        "bookings.invitation.changed": f"/invitations/{token}",
        "bookings.invitation.called_off": None,
    }


def test_the_mail_leads_to_the_answer_and_says_who_invites(app: App) -> None:
    given.arrive(app, *given.invited_guest("en"))
    case = app.deliveries.read_case(rows(app, "deliveries")[0]["_id"])
    assert case is not None
    assert case.contact is not None
    channel = app.channels["email"]
    raw = channel.compose(case.delivery, case.contact)  # type: ignore[attr-defined]
    mail = message_from_bytes(raw, policy=default)
    assert "salma@example.org" in mail["To"]
    plain = mail.get_body(("plain",)).get_content()
    token = given.LINKS.reply_token(given.INVITATION, given.NONCE)
    assert f"Reply to the invitation: https://masaha.example/invitations/{token}" in plain
    assert "Hope Association invites you" in plain


@pytest.mark.parametrize(
    "name",
    [
        "=?utf-8?b?DQpTdWJqZWN0OiBQYXkgbm93DQpSZXBseS1UbzogYUBldmlsLmV4YW1wbGUNCg0KSGk=?=",
        '=?us-ascii?B?gA==?="',
    ],
)
def test_a_guest_whose_name_looks_like_an_encoded_word_gets_our_mail_and_no_other(
    database: Server, port: int, name: str
) -> None:
    with (
        given.a_mail_server(port) as mailbox,
        given.an_app(database.uri, replace(given.MAIL, port=port)) as app,
    ):
        given.arrive(app, *given.two_members_of_hope(), *given.invited_guest("en", name=name))
        given.send_due(app)
        (mail,) = mailbox.mails
        assert mail["Subject"] == "Invitation to a meeting: Main hall, 24 November 2026"
        assert mail["Reply-To"] is None
        # Python's reader leaves a space between two encoded words (RFC 2047, 6.2).
        assert ["".join(to.display_name.split()) for to in mail["To"].addresses] == [name]
        assert name in mail.get_body(("plain",)).get_content()
        assert rows(app, "deliveries")[0]["state"] == "sent"


def test_the_address_is_kept_once_and_not_for_ever(app: App) -> None:
    given.arrive(app, *given.invited_guest())
    (guest,) = rows(app, "people", _id=given.INVITATION)
    assert guest["until"] == given.GUEST_UNTIL
    others = ("deliveries", "notifications", "inbox_events", "outbox")
    assert not any("salma@" in str(rows(app, each)) for each in others)
    for person in ("sara", "ziad"):
        (known,) = rows(app, "people", _id=person)
        assert "until" not in known


@pytest.mark.parametrize(
    ("news", "title"),
    [
        (given.meeting_moved(), "تغيّر اللقاء"),
        (given.meeting_off(), "أُلغي اللقاء"),
        (given.invitation_revoked(), "سُحبت الدعوة"),
    ],
)
def test_a_guest_hears_of_what_becomes_of_the_meeting(app: App, news: Any, title: str) -> None:
    given.arrive(app, *given.invited_guest(), news)
    given.arrive(app, news)
    titles = [mail["text"]["title"] for mail in rows(app, "deliveries")]
    assert sum(each.startswith(title) for each in titles) == 1
    assert len(titles) == 2


def test_who_has_declined_is_left_in_peace(app: App) -> None:
    given.arrive(app, *given.invited_guest(), given.meeting_off(notifies_guest=False))
    assert len(rows(app, "deliveries")) == 1


def test_the_members_of_an_invited_organisation_are_told_and_not_the_hosts(app: App) -> None:
    given.arrive(app, given.invited(organisation_id="furat"))
    (mail,) = rows(app, "deliveries")
    (message,) = rows(app, "notifications")
    assert mail["recipient_id"] == message["recipient_id"] == "ziad"


def test_the_host_hears_the_answer_in_the_inbox(app: App) -> None:
    given.arrive(app, *given.invited_guest(), given.replied("maybe", 0))
    messages = rows(app, "notifications")
    assert {each["recipient_id"] for each in messages} == {"sara", "omar"}
    english = next(each for each in messages if each["recipient_id"] == "omar")
    assert english["title"] == "Reply to your invitation: maybe (24 November 2026)"
    assert "سلمى" in english["body"]


def test_who_is_asked_to_join_an_organisation_is_told_and_nobody_else(app: App) -> None:
    given.arrive(app, given.asked_to_join("ziad"))
    (message,) = rows(app, "notifications")
    (mail,) = rows(app, "deliveries")
    assert message["recipient_id"] == mail["recipient_id"] == "ziad"
    assert message["title"] == "Invitation to join Hope Association"
    assert "accept or decline" in mail["text"]["body"]


def test_an_address_of_nobody_is_written_to_by_nobody(app: App) -> None:
    given.arrive(app, given.asked_to_join(None))
    assert rows(app, "notifications") == rows(app, "deliveries") == []


@pytest.mark.parametrize(("accepted", "word"), [(True, "قبول"), (False, "اعتذار")])
def test_who_has_invited_somebody_gets_the_answer_in_the_inbox(
    app: App, accepted: bool, word: str
) -> None:
    given.arrive(app, given.asked_to_join("ziad"))
    (invitation,) = rows(app, "notifications")
    reply = given.join_answered(accepted, person_id="ziad", changed_by="ziad")
    given.arrive(app, reply, reply)
    (message,) = rows(app, "notifications", _id={"$ne": invitation["_id"]})
    assert (message["recipient_id"], message["category"]) == ("sara", "organisations")
    assert word in message["title"]
    assert "زياد" in message["body"]
    given.send_due(app)
    (mail,) = rows(app, "deliveries")
    assert (mail["recipient_id"], mail["state"]) == ("ziad", "skipped"), "it was answered already"


def test_the_answer_names_nobody_who_is_erased(app: App) -> None:
    given.arrive(app, given.join_answered(person_id="ziad", changed_by="ziad"))
    given.arrive(app, *given.erased("ziad", 2))
    (message,) = rows(app, "notifications", recipient_id="sara")
    assert "زياد" not in message["body"]
    assert "الشخص المدعوّ" in message["body"]


def test_the_representatives_of_an_organisation_are_known_apart(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    given.arrive(app, given.membership("omar", version=2, role="representative"))
    event = given.confirmed()
    (rule, *_) = rules.rules_for(event.type)
    row = replace(rule, audience=Audience.REPRESENTATIVES)
    monkeypatch.setattr(rules, "_BY_TYPE", {event.type: (row,)})
    given.arrive(app, event)
    (message,) = rows(app, "notifications")
    assert message["recipient_id"] == "omar"
    (mail,) = rows(app, "deliveries")
    assert mail["membership"] == "hope.omar"


def test_who_has_invited_and_is_disabled_gets_no_answer(app: App) -> None:
    given.arrive(app, given.person("sara", version=2, status="disabled"), given.join_answered())
    assert rows(app, "notifications") == []


def test_an_answer_names_its_guest_no_more_once_the_guest_is_erased(app: App) -> None:
    given.arrive(app, *given.invited_guest(), given.replied("maybe", 0))
    before = {each["recipient_id"]: each["body"] for each in rows(app, "notifications")}
    given.arrive(app, given.guest(version=2, erased=True))
    after = {each["recipient_id"]: each["body"] for each in rows(app, "notifications")}
    assert all("سلمى" in body for body in before.values())
    assert not any("سلمى" in body for body in after.values())
    assert after["omar"].startswith("a guest has replied")


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_a_guest_who_is_erased_while_messages_are_made_is_named_in_none(
    app: App, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who the messages name is read first: another process may take the erasure in between."""
    given.arrive(app, *given.invited_guest())
    begun: list[str] = []
    at = {
        "before": (type(app.inbox), "apply_once"),
        "meanwhile": (type(app.directory), "lock_named"),
    }
    owner, method = at[moment]
    original = getattr(owner, method)

    def erased_first(*arguments: Any) -> Any:
        if not begun:
            begun.append(moment)
            apply_events(app, [given.guest(version=2, erased=True)])
        return original(*arguments)

    monkeypatch.setattr(owner, method, erased_first)
    notify(app, [given.replied("maybe", 0)])
    assert begun
    found = rows(app, "notifications")
    assert any(each["body"].startswith("a guest has replied") for each in found)
    assert "سلمى" not in str(found + rows(app, "deliveries"))


def test_of_a_person_who_is_erased_nothing_is_left_but_what_became_of_mails(app: App) -> None:
    given.arrive(app, given.confirmed(changed_by="sara"))
    given.send_due(app)
    given.arrive(app, given.rescheduled(changed_by="sara"))
    given.arrive(app, *given.erased("sara", version=5))
    kept = {
        name: str([row for row in rows(app, name) if "sara" in str(row)])
        for name in app.database.collection("x").database.list_collection_names()
    }
    assert not [name for name, found in kept.items() if "Sara" in found or "سارة" in found]
    assert not [name for name, found in kept.items() if "sara@" in found]
    assert rows(app, "notifications", recipient_id="sara") == []
    given.send_due(app)
    states = [each["state"] for each in rows(app, "deliveries", recipient_id="sara")]
    assert states[-1] == "skipped"
    assert not any("text" in each for each in rows(app, "deliveries", recipient_id="sara"))


def test_a_log_that_is_sent_again_erases_again(app: App) -> None:
    by_event = given.erased("sara", version=5)[-1]
    given.arrive(app, by_event, given.person("sara", version=4))
    (kept,) = rows(app, "people", _id="sara")
    assert kept == {"_id": "sara", "version": 5, "erased": True}


def test_a_person_gets_what_is_held_about_them(app: App) -> None:
    given.arrive(app, given.confirmed())
    call = Call(caller=Caller(id="sara"))
    found = personal_data.export(app, call, "sara")
    assert [each.get("email") for each in found["contacts"]] == ["sara@example.org", None]
    assert len(found["messages"]) == len(found["deliveries"]) == 1
    with pytest.raises(errors.Forbidden):
        personal_data.export(app, call, "omar")
    assert personal_data.export(app, Call(caller=SYSTEM), "omar")["messages"]
