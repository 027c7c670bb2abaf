"""Refusals that several methods of trainings have in common, for the endpoints that name them."""

from __future__ import annotations

from services.common.contracts import files_errors
from services.common.contracts import forms_errors as common_forms_errors
from services.common.contracts.trainings import (
    application_errors,
    errors,
    forms_errors,
    participants_errors,
    roster_errors,
)

#: Of a session as it is written, and of the sessions of a cohort together.
OF_SESSION = (
    errors.OFF_RASTER,
    errors.END_BEFORE_START,
    errors.TOO_LONG,
    errors.IN_THE_PAST,
    errors.TOO_FAR_AHEAD,
    errors.SESSIONS_OVERLAP,
    errors.TOO_MANY_SESSIONS,
)

#: Of a change of a cohort, or of its sessions.
OF_COHORT_CHANGE = (
    roster_errors.COHORT_NOT_ALLOWED_NOW,
    roster_errors.FLOORS_TOO_LARGE,
    roster_errors.COHORT_STARTED,
    errors.CLOSES_BEFORE_OPENING,
    errors.TOO_FAR_AHEAD,
)

#: Of an application for a cohort, and of a nomination.
OF_APPLYING = (
    application_errors.NOT_A_MEMBER,
    application_errors.APPLICATIONS_NOT_OPEN,
    application_errors.APPLICATIONS_CLOSED,
    application_errors.COHORT_OVER,
    application_errors.NOT_ELIGIBLE,
    application_errors.ALREADY_APPLIED,
    application_errors.TOO_MANY_APPLICATIONS,
    participants_errors.PARTICIPANT_GONE,
    errors.UNKNOWN_CENTRE,
    roster_errors.ALREADY_ON_ROSTER,
    roster_errors.COHORT_STARTED,
    roster_errors.COHORT_CANCELLED,
)

#: Of an admission by hand.
OF_ADMISSION = (
    roster_errors.NO_SEAT,
    roster_errors.ALREADY_ON_ROSTER,
    roster_errors.COHORT_CANCELLED,
    roster_errors.COHORT_NOT_ALLOWED_NOW,
    application_errors.COHORT_OVER,
)

#: Of a workbook that is to become a form.
OF_WORKBOOK = (
    files_errors.FILE_EMPTY,
    files_errors.FILE_TOO_LARGE,
    files_errors.FILE_NAME_INVALID,
    files_errors.FILE_TYPE_NOT_TAKEN,
    files_errors.FILE_NOT_AS_NAMED,
    common_forms_errors.XLSFORM_UNREADABLE,
    common_forms_errors.XLSFORM_UNSUPPORTED,
)

#: Of answers to a form of a cohort.
OF_ANSWERS = (
    forms_errors.FORM_OF_OTHER_COHORT,
    common_forms_errors.UNKNOWN_EDITION,
    common_forms_errors.ANSWERED_ALREADY,
)

#: Of a link by which a form is answered.
OF_FORM_LINK = (
    forms_errors.LINK_UNKNOWN,
    forms_errors.LINK_EXPIRED,
    forms_errors.NO_SEAT_ANY_MORE,
)
