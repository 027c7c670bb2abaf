"""Which refusals a service may answer with, by what it knows of the request's delivery."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from services.common import errors
from services.common.messaging.rpc import mark_doubtful

DELIVERED_ONCE, DELIVERED_AGAIN = ({"redelivered": again} for again in (False, True))
CAUSED_BY_ITSELF = [errors.Stale(), errors.Conflict("x.taken"), errors.NotFound()]
NEVER = [errors.Invalid(), errors.Forbidden(), errors.KeyReused(), errors.Internal()]


def message(info: dict[str, bool]) -> SimpleNamespace:
    return SimpleNamespace(delivery_info=info)


@pytest.mark.parametrize("error", CAUSED_BY_ITSELF + NEVER)
def test_a_request_that_came_once_is_told_what_is_so(error: errors.MasahaError) -> None:
    assert mark_doubtful(error, message(DELIVERED_ONCE), held=True) is error


@pytest.mark.parametrize("error", CAUSED_BY_ITSELF)
def test_a_request_that_came_again_may_have_been_refused_for_its_own_effect(
    error: errors.MasahaError,
) -> None:
    told = mark_doubtful(error, message(DELIVERED_AGAIN), held=True)
    assert isinstance(told, errors.Unavailable)
    assert error.code in told.detail


@pytest.mark.parametrize("error", CAUSED_BY_ITSELF)
def test_a_request_that_went_back_under_the_work_may_have_been_done_by_a_peer(
    error: errors.MasahaError,
) -> None:
    assert isinstance(mark_doubtful(error, message(DELIVERED_ONCE), held=False), errors.Unavailable)


@pytest.mark.parametrize("error", NEVER)
def test_what_no_effect_of_its_own_can_cause_is_told(error: errors.MasahaError) -> None:
    assert mark_doubtful(error, message(DELIVERED_AGAIN), held=False) is error
