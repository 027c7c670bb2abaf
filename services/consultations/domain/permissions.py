"""Who may do what in consultations, object by object.

============================ ======== ======= ======= ======= ==========
caller                       request  see     assign  support withdraw
============================ ======== ======= ======= ======= ==========
member of the organisation   yes      open    no      no      their own
representative               yes      open    no      no      yes
adviser of the case          for it   yes     sealed  yes     no
front desk of the centre     for it   open    yes     no      no
manager                      for it   open    yes     no      no
anybody                      no       no      no      no      no
============================ ======== ======= ======= ======= ==========

Of a sealed case only its people know: who is not on it is answered as if there were none, managers
included, unless they break the glass for a while. Notes, files and contacts are written by its
people, who also seal it. What a caller may see is a query (``store/case_access.py``), so that no
count and no page shows that something is left out.
"""

from __future__ import annotations

from services.common.authorisation import check_signed_in, is_staff, is_staff_of
from services.common.context import Caller
from services.common.contracts.consultations.case_errors import ORGANISATION_NOT_APPROVED
from services.common.errors import Forbidden
from services.consultations.domain.cases import Case


def is_adviser(caller: Caller) -> bool:
    """Whether the caller has the role of an adviser."""
    return caller.kind == "person" and "adviser" in caller.roles


def speaks_from_within(caller: Caller, organisation_id: str) -> bool:
    """Whether the caller belongs to the organisation now, approved or not."""
    return caller.kind == "person" and (
        caller.belongs_to(organisation_id) or organisation_id in caller.not_approved
    )


def is_on_case(caller: Caller, case: Case) -> bool:
    """Whether the caller is one of the people of a case now: an adviser of it, or a person of its
    organisation. A case names people who have since left; they are not on it.

    ``store/case_access.py`` has the same as a query.
    """
    if caller.kind != "person" or caller.id not in case.people:
        return False
    if speaks_from_within(caller, case.organisation_id):
        return True
    has_entered_it = caller.id == case.opened_by and caller.id != case.requester_id
    return is_adviser(caller) and (caller.id in case.adviser_ids or has_entered_it)


def is_on_their_side(caller: Caller, case: Case) -> bool:
    """Whether the caller speaks for the organisation of a case, and works on it for no centre."""
    within = speaks_from_within(caller, case.organisation_id)
    return within and caller.id not in case.adviser_ids


def check_may_request(caller: Caller, organisation_id: str, centre_id: str) -> None:
    """Whether the caller asks for support for an organisation: its people, and on its behalf
    advisers and staff of the centre.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Conflict: ``consultations.organisation_not_approved``, for its own people.
        errors.Forbidden: for anybody else, whether there is such an organisation or not.
    """
    check_signed_in(caller)
    if caller.belongs_to(organisation_id) or acts_for_others(caller, centre_id):
        return
    if organisation_id in caller.not_approved:
        raise ORGANISATION_NOT_APPROVED()
    raise Forbidden()


def check_may_draft(caller: Caller, organisation_id: str) -> None:
    """Whether the caller prepares a request for an organisation, at whatever centre.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for anybody but its people, advisers and staff.
    """
    check_signed_in(caller)
    if not (caller.belongs_to(organisation_id) or is_adviser(caller) or is_staff(caller)):
        raise Forbidden()


def acts_for_others(caller: Caller, centre_id: str) -> bool:
    """Whether the caller may write down what an organisation asks for."""
    return is_adviser(caller) or is_staff_of(caller, centre_id)


def check_assigns(caller: Caller, case: Case) -> None:
    """Whether the caller decides who works on a case that the caller sees.

    Raises:
        errors.Forbidden: for anybody but staff of the centre; of a sealed case, but its advisers.
    """
    if case.sealed:
        check_supports(caller, case)
    elif not is_staff_of(caller, case.centre_id):
        raise Forbidden()


def check_supports(caller: Caller, case: Case) -> None:
    """Whether the caller works on a case that the caller sees.

    Raises:
        errors.Forbidden: for anybody but advisers of the case.
    """
    if not (is_adviser(caller) and caller.id in case.adviser_ids):
        raise Forbidden()


def check_speaks_for_organisation(caller: Caller, case: Case) -> None:
    """Whether the caller decides for the organisation about a case that the caller sees.

    Raises:
        errors.Forbidden: for anybody but the requester and representatives of the organisation.
    """
    own = caller.id == case.requester_id and speaks_from_within(caller, case.organisation_id)
    if not (own or caller.represents(case.organisation_id)):
        raise Forbidden()


def works_for_centres(caller: Caller) -> bool:
    """Whether the caller is staff of some centre, or an adviser."""
    return is_staff(caller) or is_adviser(caller)


def check_may_rate(caller: Caller, case: Case) -> None:
    """Whether the caller may have a link by which a case that the caller sees is rated.

    Raises:
        errors.Forbidden: for anybody but people of its organisation; for those of them, too, who
            work for the centres.
    """
    if works_for_centres(caller) or not speaks_from_within(caller, case.organisation_id):
        raise Forbidden()


def check_takes_part(caller: Caller, case: Case) -> None:
    """Whether the caller takes part in a case that the caller sees.

    Raises:
        errors.Forbidden: for anybody but its people and representatives of the organisation.
    """
    if not (is_on_case(caller, case) or caller.represents(case.organisation_id)):
        raise Forbidden()


def check_refers(caller: Caller, case: Case) -> None:
    """Whether the caller refers a case that the caller sees: its advisers, and
    staff of the centre while nobody has it.

    Raises:
        errors.Forbidden: for anybody else.
    """
    if case.adviser_id is None and not case.sealed and is_staff_of(caller, case.centre_id):
        return
    check_supports(caller, case)


def check_on_case(caller: Caller, case: Case) -> None:
    """Whether the caller is one of the people of a case that the caller sees.

    Raises:
        errors.Forbidden: for anybody else.
    """
    if not is_on_case(caller, case):
        raise Forbidden()
