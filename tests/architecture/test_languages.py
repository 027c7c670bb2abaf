"""Texts for people are there in every language, and say the same things in each."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.common.catalogue import Catalogue
from services.common.languages import LANGUAGES
from tests.architecture.project import DEPLOYABLES, shown

FOLDERS = [each for d in DEPLOYABLES if (each := d.folder / "locale").is_dir()]


@pytest.mark.parametrize("folder", FOLDERS, ids=shown)
def test_every_language_has_the_same_texts(folder: Path) -> None:
    catalogue = Catalogue(folder)
    assert set(catalogue.languages) == set(LANGUAGES), (
        f"{shown(folder)} has texts in {catalogue.languages}; services/common/languages.py names "
        f"{LANGUAGES}. Add the folder or the row that is missing."
    )
    every = set[str]().union(*map(catalogue.keys, LANGUAGES))
    missing = [f"{each}: {key}" for each in LANGUAGES for key in every - catalogue.keys(each)]
    assert not missing, f"{shown(folder)} lacks {sorted(missing)}"
