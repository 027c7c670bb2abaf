"""Mail servers as operators have them: encrypted, with a password, and at times slow."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.common.config import Settings
from services.common.ids import new_id
from services.common.runtime.worker import Worker
from services.common.storage.deadlines import DeadlineRunner
from services.notifications import worker as notifications_worker
from services.notifications.app import App, load_mail_settings
from services.notifications.channels.smtp import MailSettings, Security
from services.notifications.domain.deadlines import DeadlineKind
from services.notifications.operations.deliver import deliver
from tests.support.awaiting import until
from tests.support.notifications import (
    MAIL,
    a_mail_server,
    an_app,
    arrive,
    confirmed,
    membership,
    organisation,
    person,
)
from tests.support.ports import free_port
from tests.support.stack import Server

USER, PASSWORD = "masaha", "open sesame"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that has signed itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the server."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def served(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def authenticate(_server: Any, _session: Any, _envelope: Any, _way: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data == LoginPassword(
        USER.encode(), PASSWORD.encode()
    )
    return AuthResult(success=good, handled=good)


def a_server_of(security: Security, port: int, certificate: Path) -> Any:
    """It takes no mail from anybody who has not signed in over an encrypted connection."""
    signing_in = {"authenticator": authenticate, "auth_required": True}
    if security is Security.TLS:
        # aiosmtpd knows only STARTTLS as encrypted.
        options: dict[str, Any] = {"ssl_context": served(certificate), "auth_require_tls": False}
    else:
        options = {"tls_context": served(certificate), "require_starttls": True}
    return a_mail_server(port, **signing_in, **options)


def settings_for(security: Security, port: int, **changes: Any) -> MailSettings:
    whole: dict[str, Any] = {"username": USER, "password": PASSWORD, **changes}
    return replace(MAIL, port=port, security=security, **whole)


@contextmanager
def one_mail_queued(database: Server, mail: MailSettings) -> Iterator[App]:
    with an_app(database.uri, mail) as app:
        arrive(app, organisation(), person("sara"), membership("sara"), confirmed())
        yield app


def attempt(app: App) -> tuple[str, str]:
    """Send what is due; how the one delivery stands, and why."""
    DeadlineRunner(
        "test", app.due, {DeadlineKind.DELIVERY: partial(deliver, app)}, app.clock
    ).step()
    found = app.database.collection("deliveries").find_one()
    assert found is not None
    return found["state"], found.get("reason", "")


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_mail_leaves_encrypted_and_signed_in(
    database: Server, certificate: Path, trusted: None, security: Security
) -> None:
    port = free_port()
    with (
        a_server_of(security, port, certificate) as mailbox,
        one_mail_queued(database, settings_for(security, port)) as app,
    ):
        arrive(app, confirmed())
        assert attempt(app) == ("sent", "")
        assert attempt(app) == ("sent", "")
        assert mailbox.recipients == ["sara@example.org"] * 2


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_server_that_is_not_trusted_gets_neither_password_nor_mail(
    database: Server, certificate: Path, security: Security
) -> None:
    port = free_port()
    with (
        a_server_of(security, port, certificate) as mailbox,
        one_mail_queued(database, settings_for(security, port)) as app,
    ):
        state, reason = attempt(app)
        assert (state, "SSLCertVerificationError" in reason) == ("queued", True)
        assert mailbox.mails == []


def test_a_server_that_offers_no_encryption_gets_neither_password_nor_mail(
    database: Server,
) -> None:
    port = free_port()
    with (
        a_mail_server(port) as mailbox,
        one_mail_queued(database, settings_for(Security.STARTTLS, port)) as app,
    ):
        assert attempt(app) == ("queued", "before the mail: SMTPNotSupportedError")
        assert mailbox.mails == []


def test_a_refused_password_is_no_fault_of_the_recipients(
    database: Server, certificate: Path, trusted: None
) -> None:
    port = free_port()
    wrong = settings_for(Security.STARTTLS, port, password="wrong")
    with (
        a_server_of(Security.STARTTLS, port, certificate) as mailbox,
        one_mail_queued(database, wrong) as app,
    ):
        state, reason = attempt(app)
        assert (state, reason[:3]) == ("queued", "535")
        assert mailbox.mails == []


# -- settings -------------------------------------------------------------------------------------


def test_the_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SMTP_TLS": "starttls",
        "SMTP_USERNAME": USER,
        "SMTP_PASSWORD": PASSWORD,
        "MAIL_SENDERS": "5",
    }.items():
        monkeypatch.setenv(name, value)
    mail = load_mail_settings()
    assert (mail.security, mail.username, mail.password) == (Security.STARTTLS, USER, PASSWORD)
    assert mail.senders == 5
    assert PASSWORD not in repr(mail)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"username": USER, "password": PASSWORD}, "SMTP_TLS"),
        ({"username": USER, "security": Security.TLS}, "SMTP_PASSWORD"),
        ({"senders": 0}, "MAIL_SENDERS"),
        ({"senders": 3, "per_second": 0.1}, "MAIL_PER_SECOND"),
    ],
)
def test_settings_that_do_not_go_together_are_refused_by_name(
    wrong: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        replace(MAIL, **wrong)


# -- several at a time ----------------------------------------------------------------------------


@contextmanager
def sending(worker: Worker) -> Iterator[None]:
    """The loops that send, as the worker process runs them."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=loop, args=(stop, lambda: None))
        for name, loop in worker.loops.items()
        if name.startswith("deliveries")
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
        assert worker.close is not None
        worker.close()


@pytest.mark.parametrize("senders", [1, 3])
def test_a_slow_server_holds_up_one_mail_of_several(
    database: Server, monkeypatch: pytest.MonkeyPatch, senders: int
) -> None:
    port, prefix = free_port(), f"t{new_id()[-12:]}"
    for name, value in {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "MAIL_SENDERS": str(senders),
        "MAIL_PER_SECOND": "50",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings("amqp://127.0.0.1:1/", database.uri, prefix)
    people = [f"p{number}" for number in range(6)]
    with a_mail_server(port) as mailbox:
        mailbox.thinks = 0.5
        with queued_for(people, database, settings), sending(notifications_worker.build(settings)):
            until(lambda: len(mailbox.mails), "every mail", 20, enough=lambda n: n == len(people))
            # One connection for each sender, which ends when there is nothing left to send.
            until(lambda: mailbox.goodbyes, "every goodbye", 20, enough=lambda n: n == senders)
    assert mailbox.greetings == senders
    assert mailbox.most_at_once == senders
    assert sorted(mailbox.recipients) == [f"{each}@example.org" for each in people]


@contextmanager
def queued_for(people: list[str], database: Server, settings: Settings) -> Iterator[None]:
    """One mail for each of them, in the database that the settings name."""
    with an_app(database.uri, name=settings.database("notifications")) as app:
        arrive(
            app,
            organisation(),
            *map(person, people),
            *map(membership, people),
            confirmed(changed_by="system"),
        )
        # The worker goes by the real clock, whatever it says.
        long_ago = {"$set": {"due_at": datetime(2020, 1, 1, tzinfo=UTC)}}
        app.database.collection("deliveries").update_many({}, long_ago)
        yield
