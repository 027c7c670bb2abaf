"""The kinds of deadlines that the branch sets; ``deadlines.py`` says what is done about each."""

from __future__ import annotations

from enum import StrEnum


class DeadlineKind(StrEnum):
    """What falls due. The subject of a deadline is an id."""

    COHORT = "cohort"
    """A cohort, when time changes it next: applications open or close, it starts or ends, an offer
    of its roster expires, or a floor is released."""

    CERTIFICATES = "certificates"
    """A cohort that was over a day ago, whose certificates are to be issued."""

    CERTIFICATE_PDF = "certificate_pdf"
    """A certificate whose printed forms are to be made."""
    ANSWERS = "answers"
    """An occasion at which the participants of a cohort are asked to answer a form."""

    ROOMS = "rooms.ask"
    """A request for rooms, when it is published again; the kind is that of
    ``services.common.rooms.requester``."""
    IMPORT = "import"
    """An import that still has rows to do."""
