"""Stable codes of the refusals of consultations."""

from __future__ import annotations

from services.common.contracts.consultations import case_errors
from services.common.errors import ErrorCode

ALL: tuple[ErrorCode, ...] = (*case_errors.ALL,)
