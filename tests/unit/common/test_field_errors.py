"""marshmallow's messages as faults with pointers and stable codes."""

from __future__ import annotations

import pytest
from marshmallow import Schema, ValidationError

from services.common.contracts.bookings.rpc import CreateBooking
from services.common.contracts.fields import Truth
from services.common.errors import FieldError
from services.common.field_errors import field_errors, wording_of


@pytest.mark.parametrize("value", ["yes", "true", 1, 0, [], {}])
def test_what_is_neither_true_nor_false_has_the_wrong_type(value: object) -> None:
    found = field_errors(Schema.from_dict({"dry_run": Truth()})().validate({"dry_run": value}))
    assert [(fault.pointer, fault.code) for fault in found] == [("/dry_run", "type")]


def test_faults_have_pointers_and_stable_codes() -> None:
    body = {"space_id": "a b", "title": " ", "people": 0, "purpose": "x", "a/b~": 1}
    with pytest.raises(ValidationError) as raised:
        CreateBooking().load(body)
    found = {fault.pointer: fault.code for fault in field_errors(raised.value.messages)}
    assert found == {
        "/space_id": "identifier",
        "/title": "blank",
        "/people": "range",
        "/purpose": "choice",
        "/a~1b~0": "unknown",
        "/starts_at": "required",
        "/ends_at": "required",
        "/organisation_id": "required",
    }


def test_the_wording_of_a_fault_names_its_limits() -> None:
    (fault,) = field_errors({"people": ["Must be greater than or equal to 1."]})
    assert fault == FieldError("/people", "range", "Must be greater than or equal to 1.")
    assert wording_of(fault) == ("range.least", {"least": 1})


def test_a_fault_with_a_code_of_a_branch_has_its_code_as_wording() -> None:
    assert wording_of(FieldError("/x", "bookings.off_raster")) == ("bookings.off_raster", {})
