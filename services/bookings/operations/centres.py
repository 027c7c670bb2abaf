"""What people see of centres and spaces."""

from __future__ import annotations

from services.bookings.app import App
from services.bookings.domain.centre import Centre, PlaceNames, Space
from services.bookings.schemas.centres import ListSpaces
from services.common import errors
from services.common.contracts.bookings.errors import UNKNOWN_CENTRE
from services.common.errors import FieldError
from services.common.lists import one_more
from services.common.storage.mongo import Session


def find(app: App) -> list[Centre]:
    """All centres, by id."""
    return app.centres.centres()


def get(app: App, centre_id: str) -> Centre:
    """Raises:
    errors.NotFound: if there is none.
    """
    return app.centres.centre(centre_id)


def named(app: App, centre_id: str, session: Session | None = None) -> Centre:
    """The centre that a request names.

    Raises:
        errors.Invalid: ``bookings.unknown_centre`` if there is none.
    """
    try:
        return app.centres.centre(centre_id, session)
    except errors.NotFound as error:
        raise UNKNOWN_CENTRE(errors=[FieldError("/centre_id", UNKNOWN_CENTRE.code)]) from error


def read_place_names(app: App) -> PlaceNames:
    """The names of all spaces, retired ones too, and of all centres: two queries."""
    return PlaceNames(
        spaces={each.id: each.name for each in app.centres.spaces(retired=True)},
        centres={each.id: each.name for each in app.centres.centres()},
    )


def find_spaces(app: App, query: ListSpaces) -> list[Space]:
    """Spaces by id, one more than a page where there are more."""
    return app.centres.spaces(
        centre_id=query.centre_id,
        minimum_capacity=query.minimum_capacity,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_space(app: App, space_id: str) -> Space:
    """Raises:
    errors.NotFound: if there is none.
    """
    return app.centres.space(space_id)
