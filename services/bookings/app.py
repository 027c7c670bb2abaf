"""The composition root: the one place that builds what the operations are given."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from environs import Env
from marshmallow.validate import Range

from services.bookings.domain.budgets import UNLIMITED, Limits
from services.bookings.store.booking_context import BookingContextStore
from services.bookings.store.bookings import BookingStore
from services.bookings.store.budgets import BudgetStore
from services.bookings.store.calendars import CalendarStore
from services.bookings.store.centres import CentreStore
from services.bookings.store.check_in import AttemptStore
from services.bookings.store.closures import ClosureStore
from services.bookings.store.equipment import EquipmentStore
from services.bookings.store.guest_mail import GuestMailStore
from services.bookings.store.invitations import InvitationStore
from services.bookings.store.personal_data import PersonalDataStore
from services.bookings.store.room_requests import RoomRequestStore
from services.bookings.store.series import SeriesStore
from services.bookings.store.statistics import StatisticsStore
from services.bookings.store.waitlist import WaitlistStore
from services.common import config
from services.common.app import Infrastructure, infrastructure, with_indexes
from services.common.catalogue import Catalogue
from services.common.clock import Clock
from services.common.config import Settings
from services.common.contracts.bookings.errors import (
    ORGANISATION_NOT_APPROVED,
    UNKNOWN_ORGANISATION,
)
from services.common.directory.organisations import OrganisationChecks
from services.common.directory.store import Directory
from services.common.history.store import HistoryStore
from services.common.ids import NewId, new_id
from services.common.links import Links, load_links
from services.common.storage.mongo import connect

NAME = "bookings"
LOCALE_FOLDER = Path(__file__).with_name("locale")


@dataclass(frozen=True, slots=True)
class App(Infrastructure):
    """Everything an operation may use."""

    centres: CentreStore
    bookings: BookingStore
    closures: ClosureStore
    equipment: EquipmentStore
    history: HistoryStore
    directory: Directory
    organisations: OrganisationChecks
    personal_data: PersonalDataStore
    booking_context: BookingContextStore
    budgets: BudgetStore
    attempts: AttemptStore
    series: SeriesStore
    room_requests: RoomRequestStore
    waitlist: WaitlistStore
    weekly_limits: Limits
    new_door_code: Callable[[], str]
    invitations: InvitationStore
    guest_mail: GuestMailStore
    calendars: CalendarStore
    statistics: StatisticsStore
    links: Links
    texts: Catalogue


def weekly_limits() -> Limits:
    """What an organisation may book in a week where nobody has set it otherwise.

    ``BUDGET_WEEKLY_HOURS`` and ``BUDGET_WEEKLY_BOOKINGS`` of the environment; 0 is no limit, as is
    a variable that is not there: nobody is refused by a number that nobody chose.

    Raises:
        config.WrongSetting: naming the variable that is no number.
    """
    with config.reading() as env:
        return Limits(
            hours=_limit(env, "BUDGET_WEEKLY_HOURS"),
            bookings=_limit(env, "BUDGET_WEEKLY_BOOKINGS"),
        )


def _limit(env: Env, name: str) -> int:
    return env.int(name, 0, validate=Range(min=0, max=UNLIMITED)) or UNLIMITED


def check_settings() -> None:
    """Raises:
    config.WrongSetting: for what this branch cannot work with.
    """
    config.load()
    weekly_limits()
    load_links()


def new_door_code() -> str:
    """Six digits that nobody can foresee."""
    return f"{secrets.randbelow(1_000_000):06}"


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    new_id: NewId = new_id,
    limits: Limits | None = None,
    links: Links | None = None,
) -> App:
    """Build the app and make sure of its indexes.

    Args:
        limits: of an organisation's week; those of the environment where none are handed in.
        links: makes the tokens of links; with the secret of the environment by default.

    Raises:
        errors.Unavailable: if the database is not there yet; the runtime tries again.
    """
    database = connect(settings, NAME)
    directory = Directory(database)
    app = App(
        **infrastructure(database, NAME, clock, new_id),
        centres=CentreStore(database),
        bookings=BookingStore(database),
        closures=ClosureStore(database),
        equipment=EquipmentStore(database),
        history=HistoryStore(database),
        directory=directory,
        organisations=OrganisationChecks(
            directory, unknown=UNKNOWN_ORGANISATION, not_approved=ORGANISATION_NOT_APPROVED
        ),
        personal_data=PersonalDataStore(database),
        booking_context=BookingContextStore(database),
        budgets=BudgetStore(database),
        attempts=AttemptStore(database),
        series=SeriesStore(database),
        room_requests=RoomRequestStore(database),
        waitlist=WaitlistStore(database),
        weekly_limits=limits or weekly_limits(),
        new_door_code=new_door_code,
        invitations=InvitationStore(database),
        guest_mail=GuestMailStore(database),
        calendars=CalendarStore(database),
        statistics=StatisticsStore(database),
        links=links or load_links(),
        texts=Catalogue(LOCALE_FOLDER),
    )
    return with_indexes(app)
