"""Which errors of the database say that it cannot be used now."""

from __future__ import annotations

import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WriteError,
)

from services.common import errors
from services.common.storage.mongo import away, unavailable_when_away

FULL = "WiredTigerIdIndex::_insert: index: _id_; uri: table:index-20 28: No space left on device"


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("connection closed"),
        NetworkTimeout("timed out"),
        OperationFailure("not enough room", 14031),
        WriteError(FULL, 8, {"index": 0, "code": 8, "errmsg": FULL}),
        BulkWriteError({"writeErrors": [{"index": 0, "code": 8, "errmsg": FULL}]}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_passes_is_unavailable(error: PyMongoError) -> None:
    found = away(error)
    assert isinstance(found, errors.Unavailable)
    assert type(error).__name__ in str(found.detail)
    with pytest.raises(errors.Unavailable), unavailable_when_away():
        raise error


@pytest.mark.parametrize(
    "error",
    [DuplicateKeyError("E11000 duplicate key", 11000), OperationFailure("unknown operator", 2)],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_of_ours_stays_what_it_is(error: PyMongoError) -> None:
    assert away(error) is None
    with pytest.raises(type(error)), unavailable_when_away():
        raise error
