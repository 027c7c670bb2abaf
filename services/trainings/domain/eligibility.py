"""Who may apply to a cohort: rules as data, and all that an applicant fails, not the first alone.

A rule is a kind with values, as a call writes it. What is not known about an applicant fails the
rule that asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RuleKind(StrEnum):
    """What a rule asks for. The values of a rule are alternatives: one of them is enough."""

    PREREQUISITE = "prerequisite"
    """A certificate of one of these courses, valid when the cohort starts."""
    NOT_ALREADY_TRAINED = "not_already_trained"
    """No certificate of any of these courses that is valid when the cohort starts. One that has
    expired is to be renewed, so it is no obstacle."""
    ROLE = "role"
    """One of these roles in the organisation."""
    ORGANISATION_APPROVED = "organisation_approved"
    """The person comes for an organisation, and it is approved. It has no values."""
    SEX = "sex"
    """One of these, where a call is for women alone, say."""
    CENTRE = "centre"
    """One of these centres."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition of a call; of one kind there may be several, and each of them is to be met."""

    kind: RuleKind
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EarnedCertificate:
    """A course that an applicant has completed.

    Attributes:
        expires_at: from when on the certificate is not valid any more; ``None``: never.
        revoked: it counts for nothing.
    """

    course_id: str
    expires_at: datetime | None = None
    revoked: bool = False

    def valid_at(self, at: datetime) -> bool:
        return not self.revoked and (self.expires_at is None or at < self.expires_at)


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the rules ask about a person; ``None`` where it is not known.

    Attributes:
        roles: in the organisation that the person comes for.
        organisation_id: ``None`` for a person who comes for none.
        organisation_approved: as the directory, or the caller's token, says.
    """

    person_id: str
    organisation_id: str | None = None
    organisation_approved: bool = False
    roles: frozenset[str] = frozenset()
    sex: str | None = None
    centre_id: str | None = None
    certificates: tuple[EarnedCertificate, ...] = ()

    def trained_in(self, course_ids: Iterable[str], at: datetime) -> bool:
        """Whether the person holds a certificate of one of the courses, valid at that time."""
        wanted = frozenset(course_ids)
        return any(each.course_id in wanted and each.valid_at(at) for each in self.certificates)


class FailureCode(StrEnum):
    """Why an applicant fails a rule. The texts for people have these codes as their keys."""

    PREREQUISITE_MISSING = "prerequisite_missing"
    ALREADY_TRAINED = "already_trained"
    ROLE_NOT_ADDRESSED = "role_not_addressed"
    ORGANISATION_NOT_APPROVED = "organisation_not_approved"
    SEX_NOT_ADDRESSED = "sex_not_addressed"
    CENTRE_NOT_ADDRESSED = "centre_not_addressed"


@dataclass(frozen=True, slots=True)
class FailedRule:
    """A rule that an applicant fails.

    Attributes:
        values: of the rule: the courses that would be needed, the centres that are addressed.
    """

    code: FailureCode
    values: tuple[str, ...] = ()


_MEETS: Mapping[RuleKind, Callable[[Rule, Applicant, datetime], bool]] = {
    RuleKind.PREREQUISITE: lambda rule, who, at: who.trained_in(rule.values, at),
    RuleKind.NOT_ALREADY_TRAINED: lambda rule, who, at: not who.trained_in(rule.values, at),
    RuleKind.ROLE: lambda rule, who, _: not who.roles.isdisjoint(rule.values),
    RuleKind.ORGANISATION_APPROVED: lambda _, who, __: (
        who.organisation_id is not None and who.organisation_approved
    ),
    RuleKind.SEX: lambda rule, who, _: who.sex in rule.values,
    RuleKind.CENTRE: lambda rule, who, _: who.centre_id in rule.values,
}

CODE_OF: Mapping[RuleKind, FailureCode] = {
    RuleKind.PREREQUISITE: FailureCode.PREREQUISITE_MISSING,
    RuleKind.NOT_ALREADY_TRAINED: FailureCode.ALREADY_TRAINED,
    RuleKind.ROLE: FailureCode.ROLE_NOT_ADDRESSED,
    RuleKind.ORGANISATION_APPROVED: FailureCode.ORGANISATION_NOT_APPROVED,
    RuleKind.SEX: FailureCode.SEX_NOT_ADDRESSED,
    RuleKind.CENTRE: FailureCode.CENTRE_NOT_ADDRESSED,
}
"""The code of an applicant who fails a rule of a kind."""


def failed_rules(
    rules: Iterable[Rule], applicant: Applicant, starts_at: datetime
) -> tuple[FailedRule, ...]:
    """All rules that an applicant fails, in the order of the call; none if the person may apply.

    Args:
        starts_at: of the cohort: certificates are to be valid then.
    """
    return tuple(
        FailedRule(CODE_OF[rule.kind], rule.values)
        for rule in rules
        if not _MEETS[rule.kind](rule, applicant, starts_at)
    )
