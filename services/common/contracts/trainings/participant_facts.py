"""The data of the events about participants: ids alone, since events are kept for ever."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id


class Participant(EventData):
    participant_id = Id(required=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})


class Merged(Participant):
    merged_into = Id(
        required=True, metadata={"description": "The record that counts in place of this one."}
    )
