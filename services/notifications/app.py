"""The composition root: the one place that builds what the service and the worker use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr

from environs import EnvError
from marshmallow import ValidationError

from services.common import config
from services.common.app import Infrastructure, infrastructure, with_indexes
from services.common.catalogue import Catalogue
from services.common.clock import Clock
from services.common.config import Settings
from services.common.directory.store import Directory
from services.common.ids import NewId, new_id
from services.common.links import Links, load_links
from services.common.storage.mongo import Database, connect
from services.notifications.channels import Channel
from services.notifications.channels.email import EmailChannel
from services.notifications.channels.inbox import InboxChannel
from services.notifications.channels.smtp import MailSettings, Security
from services.notifications.store.deliveries import Deliveries
from services.notifications.store.due import DueDeliveries
from services.notifications.store.early import EarlyEvents
from services.notifications.store.notifications import Notifications
from services.notifications.store.people import People
from services.notifications.store.subjects import Subjects
from services.notifications.wording import LOCALE_FOLDER, Wording

NAME = "notifications"


@dataclass(frozen=True, slots=True)
class App(Infrastructure):
    """Everything an operation may need."""

    directory: Directory
    people: People
    early: EarlyEvents
    subjects: Subjects
    notifications: Notifications
    deliveries: Deliveries
    due: DueDeliveries
    channels: Mapping[str, Channel]
    wording: Wording
    links: Links


def load_mail_settings() -> MailSettings:
    """Read how mail leaves from the environment.

    Raises:
        config.WrongSetting: naming what is wrong, or what does not go together.
    """
    with config.reading() as env:
        try:
            return MailSettings(
                host=env.str("SMTP_HOST", "127.0.0.1"),
                port=env.int("SMTP_PORT", 25, validate=config.PORT),
                sender=env.str("MAIL_FROM", "Masaha <no-reply@masaha.example>", validate=_address),
                public_url=env.str(
                    "PUBLIC_URL", "http://127.0.0.1:8800", validate=config.uri_of("http", "https")
                ),
                per_second=env.float("MAIL_PER_SECOND", 10.0, validate=config.POSITIVE),
                senders=env.int("MAIL_SENDERS", 3, validate=config.ONE_OR_MORE),
                security=env.enum("SMTP_TLS", Security.NONE, enum=Security, by_value=True),
                username=env.str("SMTP_USERNAME", ""),
                password=env.str("SMTP_PASSWORD", ""),
            )
        except EnvError:
            raise
        except ValueError as error:  # They do not go together.
            raise config.WrongSetting(f"{error}.") from error


def _address(value: str) -> None:
    if "@" not in parseaddr(value)[1]:
        raise ValidationError("It must hold an e-mail address.")


def check_settings() -> None:
    """Raises:
    config.WrongSetting: for what this branch cannot work with.
    """
    config.load()
    load_mail_settings()
    load_links()


def compose(
    database: Database,
    mail: MailSettings,
    links: Links,
    *,
    clock: Clock | None = None,
    ids: NewId = new_id,
) -> App:
    """Put the parts together; talks to nobody."""
    parts = infrastructure(database, NAME, clock, ids)
    clock = parts["clock"]
    notifications = Notifications(database)
    deliveries = Deliveries(database)
    wording = Wording(Catalogue(LOCALE_FOLDER))
    channels: tuple[Channel, ...] = (
        InboxChannel(notifications),
        EmailChannel(deliveries, clock, wording, mail),
    )
    return App(
        **parts,
        directory=Directory(database),
        people=People(database),
        early=EarlyEvents(database),
        subjects=Subjects(database),
        notifications=notifications,
        deliveries=deliveries,
        due=DueDeliveries(database, clock, ids),
        channels={channel.name: channel for channel in channels},
        wording=wording,
        links=links,
    )


def build(settings: Settings) -> App:
    """The application of the service process, with its indexes made.

    Raises:
        errors.Unavailable: if the database is away; the caller tries again.
    """
    return with_indexes(compose(connect(settings, NAME), load_mail_settings(), load_links()))
