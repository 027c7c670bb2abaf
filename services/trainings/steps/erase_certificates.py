"""What becomes of a person's certificates when the personal data is erased."""

from __future__ import annotations

from collections.abc import Iterable

from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.certificates import erase_person
from services.trainings.steps.certificate_events import remove_printed_forms


def erase_certificates(app: App, session: Session, person_ids: Iterable[str]) -> None:
    """Take the names from the certificates of a person, and their printed forms away.

    A certificate stays: who has the code still sees that it counts.

    Args:
        person_ids: of all records of the person.
    """
    for person_id in person_ids:
        for before in app.certificates.all_of_person(person_id, session):
            after = erase_person(before)
            app.certificates.save(session, after, before.version)
            remove_printed_forms(app, session, after)
