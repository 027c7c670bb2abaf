"""The directory: what a service knows of organisations, people and who belongs where, by the
identity's events. Nobody is asked in the middle of a piece of work.

``organisations``  an organisation, and the rule by which it may be given something
``people``         people with their staff roles, and memberships
``facts``          the identity's events and states → the above
``store``          the collections, and the questions that they answer
``projection``     takes a batch of events in, with what a branch does besides

A service subscribes to what it needs of ``ORGANISATION_EVENTS``, ``MEMBERSHIP_EVENTS`` and
``PERSON_STATES``, with ``ERASURE_EVENTS`` of :mod:`services.common.personal_data`; what it does not
subscribe to stays empty.
"""

from __future__ import annotations

from services.common.contracts.identity.events import PERSON_DETAILS

ORGANISATION_EVENTS = ("identity.organisation.*",)
MEMBERSHIP_EVENTS = ("identity.membership.*",)
PERSON_STATES = (PERSON_DETAILS.name,)
