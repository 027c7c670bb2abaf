"""Referrals on the wire.

==================== ============================ =============
method               request                      result
==================== ============================ =============
make_referral        MakeReferral (with key)      Referral
list_referrals       ListReferrals                ReferralList
get_referral         ById                         Referral
accept_referral      ActOnReferral                Referral
decline_referral     ActOnReferral                Referral
return_referral      ReturnReferral               Referral
withdraw_referral    ActOnReferral                Referral
==================== ============================ =============

The people on the case see them, and the adviser to whom one goes sees that one.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    Page,
    StrictSchema,
    Text,
    integer,
    name_text,
)

LONGEST_REASON = 2_000
LONGEST_BODY = 300
REFERRAL_STATUSES = ("made", "accepted", "declined", "returned", "withdrawn")
CONSENT_MEANS = ("written", "in_person", "by_phone", "by_message")
RESULTS = ("helped", "helped_partly", "not_helped")


class ReferralStatus(Choice):
    choices = REFERRAL_STATUSES


class ConsentMeans(Choice):
    choices = CONSENT_MEANS


class ReferralResult(Choice):
    choices = RESULTS


class ReferralConsent(StrictSchema):
    """That the organisation's side agrees."""

    means = ConsentMeans(required=True)
    given_at = Instant(required=True, metadata={"description": "Not ahead of now."})
    given_by = Id(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The person of the organisation who is on the case; null for a signed "
            "paper of somebody without an account."
        },
    )


class WantedReferral(StrictSchema):
    adviser_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "Another adviser; else `body`."},
    )
    body = name_text(
        LONGEST_BODY,
        load_default=None,
        allow_none=True,
        metadata={"description": "An outside body: its name, and how it is reached."},
    )
    reason = Text(LONGEST_REASON, lines=True, required=True)
    consent = fields.Nested(
        ReferralConsent,
        load_default=None,
        allow_none=True,
        metadata={"description": "Without it, a referral is refused."},
    )


class MakeReferral(WantedReferral):
    case_id = Id(required=True)


class ActOnReferral(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class ReferralOutcome(StrictSchema):
    result = ReferralResult(required=True)
    outcome = Text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class ReturnReferral(ReferralOutcome, ActOnReferral):
    pass


class RecordedConsent(Schema):
    means = ConsentMeans(required=True)
    given_at = Instant(required=True)
    given_by = Id(required=True, allow_none=True)


class Referral(Schema):
    id = Id(required=True)
    case_id = Id(required=True)
    adviser_id = Id(required=True, allow_none=True)
    body = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    consent = fields.Nested(RecordedConsent, required=True)
    made_by = Id(required=True)
    made_at = Instant(required=True)
    status = ReferralStatus(required=True)
    answered_at = Instant(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)
    result = ReferralResult(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ReferralList(Schema):
    items = fields.List(fields.Nested(Referral), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class ListReferrals(Page):
    """Of one case; without one, those that go to the caller."""

    case_id = Id(load_default=None, allow_none=True)
