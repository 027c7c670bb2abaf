"""Stable codes of the refusals of consultations."""

from __future__ import annotations

from services.common.contracts.consultations import case_errors, time_limit_errors
from services.common.errors import ErrorCode

ALL: tuple[ErrorCode, ...] = (*case_errors.ALL, *time_limit_errors.ALL)
