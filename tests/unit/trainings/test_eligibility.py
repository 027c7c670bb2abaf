"""Who may apply: every rule that fails is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.trainings.domain.eligibility import (
    CODE_OF,
    Applicant,
    EarnedCertificate,
    Rule,
    RuleKind,
    failed_rules,
)
from tests.support.rosters import SUNDAY

CALL = (
    Rule(RuleKind.PREREQUISITE, ("planning",)),
    Rule(RuleKind.NOT_ALREADY_TRAINED, ("finance", "finance-2025")),
    Rule(RuleKind.ROLE, ("accountant", "representative")),
    Rule(RuleKind.ORGANISATION_APPROVED),
    Rule(RuleKind.SEX, ("woman",)),
    Rule(RuleKind.CENTRE, ("raqqa", "tabqa")),
)
AMAL = Applicant(
    "amal",
    organisation_id="furat",
    organisation_approved=True,
    roles=frozenset({"member", "accountant"}),
    sex="woman",
    centre_id="tabqa",
    certificates=(EarnedCertificate("planning"),),
)


def codes(applicant: Applicant, *rules: Rule) -> list[str]:
    return [each.code.value for each in failed_rules(rules or CALL, applicant, SUNDAY)]


def test_who_meets_every_rule_may_apply() -> None:
    assert codes(AMAL) == []
    assert failed_rules((), Applicant("anybody"), SUNDAY) == ()


def test_all_rules_that_fail_are_named_in_the_order_of_the_call() -> None:
    trained = Applicant("x", certificates=(EarnedCertificate("finance-2025"),))
    assert codes(trained) == [
        "prerequisite_missing",
        "already_trained",
        "role_not_addressed",
        "organisation_not_approved",
        "sex_not_addressed",
        "centre_not_addressed",
    ]
    assert [each.values for each in failed_rules(CALL, trained, SUNDAY)] == [
        rule.values for rule in CALL
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"certificates": ()}, "prerequisite_missing"),
        ({"certificates": (EarnedCertificate("planning", SUNDAY),)}, "prerequisite_missing"),
        (
            {"certificates": (EarnedCertificate("planning", revoked=True),)},
            "prerequisite_missing",
        ),
        (
            {"certificates": (EarnedCertificate("planning"), EarnedCertificate("finance"))},
            "already_trained",
        ),
        ({"roles": frozenset({"member"})}, "role_not_addressed"),
        ({"organisation_approved": False}, "organisation_not_approved"),
        ({"organisation_id": None}, "organisation_not_approved"),
        ({"sex": "man"}, "sex_not_addressed"),
        ({"sex": None}, "sex_not_addressed"),
        ({"centre_id": "hasaka"}, "centre_not_addressed"),
        ({"centre_id": None}, "centre_not_addressed"),
    ],
)
def test_each_rule_fails_alone(change: dict[str, object], code: str) -> None:
    assert codes(replace(AMAL, **change)) == [code]  # type: ignore[arg-type]


def test_a_certificate_counts_if_it_is_valid_when_the_cohort_starts() -> None:
    lasting = EarnedCertificate("planning", SUNDAY + timedelta(seconds=1))
    assert codes(replace(AMAL, certificates=(lasting,))) == []


def test_an_expired_or_revoked_certificate_is_no_obstacle_to_be_trained_again() -> None:
    for void in (EarnedCertificate("finance", SUNDAY), EarnedCertificate("finance", revoked=True)):
        assert codes(replace(AMAL, certificates=(*AMAL.certificates, void))) == []


def test_the_values_of_a_rule_are_alternatives_and_two_rules_are_not() -> None:
    either = Rule(RuleKind.PREREQUISITE, ("reports", "planning"))
    assert codes(AMAL, either) == []
    both = (Rule(RuleKind.PREREQUISITE, ("reports",)), Rule(RuleKind.PREREQUISITE, ("planning",)))
    (failed,) = failed_rules(both, AMAL, SUNDAY)
    assert failed.values == ("reports",)


def test_every_kind_of_rule_has_a_code_of_its_own() -> None:
    assert set(CODE_OF) == set(RuleKind)
    assert len(set(CODE_OF.values())) == len(CODE_OF)
