"""Stable codes of the refusals of consultations."""

from __future__ import annotations

from services.common.contracts.consultations import (
    action_plans_errors,
    adviser_errors,
    assessments_errors,
    calendar_errors,
    campaign_errors,
    case_errors,
    instruments_errors,
    need_to_know_errors,
    rating_errors,
    recommendations_errors,
    referral_errors,
    statistics_errors,
    time_limit_errors,
    working_documents_errors,
)
from services.common.errors import ErrorCode

ALL: tuple[ErrorCode, ...] = (
    *working_documents_errors.ALL,
    *action_plans_errors.ALL,
    *assessments_errors.ALL,
    *case_errors.ALL,
    *instruments_errors.ALL,
    *recommendations_errors.ALL,
    *rating_errors.ALL,
    *referral_errors.ALL,
    *adviser_errors.ALL,
    *calendar_errors.ALL,
    *statistics_errors.ALL,
    *campaign_errors.ALL,
    *need_to_know_errors.ALL,
    *time_limit_errors.ALL,
)
