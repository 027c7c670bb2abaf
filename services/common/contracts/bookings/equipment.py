"""Equipment on the wire: what a centre lends with its spaces.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
list_equipment        ListEquipment                  EquipmentList
get_equipment         rpc.ById                       Equipment
add_equipment         AddEquipment (with key)        Equipment
change_equipment      ChangeEquipment                Equipment
equipment_history     history.ListHistory            history.HistoryList
===================== ============================== ===========================================
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.bookings.limits import LONGEST_NAME, LONGEST_REASON
from services.common.contracts.fields import (
    Id,
    LocalisedText,
    Page,
    StrictSchema,
    Truth,
    integer,
    text,
)

# All units of a kind are looked at for each booking that wants one.
MOST_OWNED = 500
MOST_KINDS = 5
# Each unit is claimed slot by slot, so their number bounds what one booking writes.
MOST_UNITS = 50


class Equipment(Schema):
    """A kind of thing that a centre owns and lends."""

    id = Id(required=True)
    centre_id = Id(required=True)
    name = LocalisedText(required=True)
    quantity = fields.Integer(
        required=True, metadata={"description": "How many the centre has; not how many are free."}
    )
    retired = fields.Boolean(
        required=True, metadata={"description": "Whether it is lent no more, and in no list."}
    )
    version = fields.Integer(required=True)


class EquipmentList(Schema):
    items = fields.List(fields.Nested(Equipment), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class ListEquipment(Page):
    centre_id = Id(load_default=None, allow_none=True)


def _name(**kwargs: Any) -> LocalisedText:
    return LocalisedText(limit=LONGEST_NAME, **kwargs)


class AddEquipment(StrictSchema):
    centre_id = Id(required=True, metadata={"description": "It stays there for good."})
    name = _name(required=True)
    quantity = integer(1, MOST_OWNED, required=True)


class EquipmentChanges(StrictSchema):
    """What is left out stays as it is."""

    name = _name()
    quantity = integer(
        1,
        MOST_OWNED,
        metadata={"description": "How many the centre has; never fewer than are booked at a time."},
    )
    retired = Truth(metadata={"description": "Lent no more; false takes that back."})
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class ChangeEquipment(EquipmentChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Need(StrictSchema):
    """An equipment and how many of it."""

    equipment_id = Id(required=True)
    quantity = integer(1, MOST_UNITS, required=True)


def needs(**kwargs: Any) -> fields.List[Any]:
    """Equipment that is wanted, each kind once."""
    return fields.List(
        fields.Nested(Need),
        validate=[validate.Length(max=MOST_KINDS), _each_once, _not_too_many],
        metadata={
            "description": "Equipment of the space's centre, for as long as the space is taken; "
            f"each kind once, at most {MOST_UNITS} units together."
        },
        **kwargs,
    )


def _each_once(value: list[dict[str, Any]]) -> None:
    ids = [each["equipment_id"] for each in value]
    if len(set(ids)) != len(ids):
        raise ValidationError("each_once")


def _not_too_many(value: list[dict[str, Any]]) -> None:
    if sum(each["quantity"] for each in value) > MOST_UNITS:
        raise ValidationError("too_many_units")
