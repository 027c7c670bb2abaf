"""One connection for a burst of mails, and what happens when the server ends it in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.headerregistry import Address

import pytest

from services.notifications.channels import smtp
from services.notifications.channels.outgoing import Outcome
from services.notifications.channels.smtp import Transport
from services.notifications.domain.delivery import State
from tests.support.notifications import MAIL, Mailbox, a_mail_server

SENT = Outcome(State.SENT)
SENDER = Address(addr_spec="no-reply@masaha.example")


@contextmanager
def a_sender(port: int) -> Iterator[Transport]:
    transport = Transport(replace(MAIL, port=port), SENDER)
    try:
        yield transport
    finally:
        transport.close_idle()


def send(transport: Transport, to: str = "sara@example.org") -> Outcome:
    return transport.send(b"Subject: news\r\n\r\nread me\r\n", to)


def arrived(mailbox: Mailbox) -> int:
    return len(mailbox.mails)


def test_mails_of_one_burst_share_a_connection_that_ends_with_it(port: int) -> None:
    with a_mail_server(port) as mailbox, a_sender(port) as transport:
        assert [send(transport) for _ in range(3)] == [SENT] * 3
        assert (mailbox.greetings, mailbox.goodbyes) == (1, 0)
        transport.close_idle()
        assert (mailbox.greetings, mailbox.goodbyes) == (1, 1)
        assert send(transport) == SENT
        assert (mailbox.greetings, arrived(mailbox)) == (2, 4)


def test_a_server_that_went_away_in_between_costs_no_attempt(port: int) -> None:
    with a_sender(port) as transport:
        with a_mail_server(port) as before:
            assert send(transport) == SENT
        with a_mail_server(port) as after:
            assert send(transport) == SENT
        assert (arrived(before), arrived(after)) == (1, 1)


@pytest.mark.parametrize(
    ("answer", "state"), [("451 later", State.QUEUED), ("554 no", State.FAILED)]
)
def test_a_refusal_ends_the_connection_and_touches_no_other_mail(
    port: int, answer: str, state: State
) -> None:
    with a_mail_server(port) as mailbox, a_sender(port) as transport:
        assert send(transport) == SENT
        mailbox.answers = [answer]
        assert send(transport).state is state
        assert mailbox.goodbyes == 1
        mailbox.refuse = {"nobody@example.org": "550 no such mailbox"}
        assert send(transport, "nobody@example.org").state is State.FAILED
        assert send(transport) == SENT
        assert arrived(mailbox) == 2
        assert mailbox.recipients == ["sara@example.org"] * 2


def test_a_connection_brings_so_many_mails_and_no_more(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "MAILS_PER_CONNECTION", 2)
    with a_mail_server(port) as mailbox, a_sender(port) as transport:
        assert [send(transport) for _ in range(5)] == [SENT] * 5
        assert (mailbox.greetings, mailbox.goodbyes) == (3, 2)
