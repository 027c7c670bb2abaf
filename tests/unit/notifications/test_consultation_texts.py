"""What the front desk reads of the tasks of consultations."""

from __future__ import annotations

import pytest

from services.common.catalogue import Catalogue
from services.consultations.domain.tasks import TaskKind
from services.notifications.schemas import facts_of
from services.notifications.wording import LOCALE_FOLDER, Wording
from services.notifications.wording.words import Names
from tests.support.notifications import consultation_task

CATALOGUE = Catalogue(LOCALE_FOLDER)
WORDING = Wording(CATALOGUE)


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("kind", TaskKind, ids=str)
def test_each_kind_of_task_says_what_there_is_to_see_to(kind: TaskKind, language: str) -> None:
    task = consultation_task(kind.value)
    text = WORDING.write("consultation_task", facts_of(task), Names(), language)
    what = CATALOGUE.text(f"to_do.{kind}", language)
    assert what in text.title
    assert what in text.body
    assert text.page == f"/consultation-tasks/{task.subject}"
