"""What reviewers who are not to know the applicants read of free text."""

from __future__ import annotations

import pytest

from services.trainings.domain.blind_texts import HIDDEN, Identity, hide_identity

HEBA = Identity(
    ("هبة عبد الله العلي",), ("جمعية الفرات للتنمية", "Euphrates Development Association")
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("أنا هبة، أعمل منذ سنتين.", "أنا …، أعمل منذ سنتين."),
        ("اسمي هِبَه علي", "اسمي … …"),
        ("كُتب لهبة والعلي", "كُتب … …"),
        ("أعمل في جمعية الفرات للتنمية بالرقة", "أعمل في … … … بالرقة"),
        ("بجمعية الفرات", "… …"),
        ("I work at the Euphrates Development Association.", "I work at the … … …."),
        ("جمعية أخرى على نهر الفرات", "جمعية أخرى على نهر الفرات"),
        ("للتنمية المحلية", "للتنمية المحلية"),
        ("هاتفي ٠٩٤٤ ١٢٣ ٤٥٦ أو +963-944-123456", "هاتفي … أو …"),
        ("heba.ali@example.org, https://facebook.com/heba", "… …"),
        ("في عام 2019 درّبت 12 شخصاً", "في عام 2019 درّبت 12 شخصاً"),
        ("", ""),
    ],
)
def test_what_says_who_has_written_is_hidden(text: str, shown: str) -> None:
    assert hide_identity(text, HEBA) == shown


def test_an_organisation_of_one_word_is_hidden_and_nobody_hides_nothing() -> None:
    assert hide_identity("من أمل", Identity((), ("أمل",))) == f"من {HIDDEN}"
    assert hide_identity("من أمل", Identity()) == "من أمل"
