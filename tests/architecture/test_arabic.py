"""Arabic texts follow the glossary: terms, no imperative, Latin words isolated, Arabic marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from services.common.catalogue import Catalogue
from tests.architecture.project import DEPLOYABLES, ROOT, shown

GLOSSARY = ROOT / "docs" / "glossary.md"
FOLDERS = [each for d in DEPLOYABLES if (each := d.folder / "locale").is_dir()]

LETTER = "[\u0621-\u0652]"
#: Conjunctions and prepositions are written together with the word that follows.
PARTICLE = "(?:[\u0648\u0641])?(?:\u0628\u0627\u0644|\u0644\u0644|\u0627\u0644|[\u0628\u0644])?"
ISOLATED = re.compile("[\u2066-\u2068][^\u2069]*\u2069")
SUSPENDED = "موقوفة"
VALUE = "\u2068…\u2069"


def unused_words(page: str) -> dict[str, str]:
    """The words that the glossary rules out, each with what to write instead."""
    table = page.partition("## Words that are not used")[2].partition("\n## ")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines() if row.startswith("| ")][1:]
    return {word.strip(): use.strip() for words, use in rows for word in words.split(" / ")}


UNUSED = unused_words(GLOSSARY.read_text("utf-8"))


def faults(text: str) -> Iterator[str]:
    """What is wrong with a text; an isolate stands for each placeholder."""
    parts = Formatter().parse(text)
    words = "".join(part if name is None else f"{part}{VALUE}" for part, name, *_ in parts)
    for word, use in UNUSED.items():
        if word == f"{SUSPENDED} (alone)":
            found = re.search(f"{SUSPENDED}(?! مؤقتاً)", words)
        else:
            found = re.search(f"(?<!{LETTER}){PARTICLE}{word}(?!{LETTER})", words)
        if found:
            yield f"has «{word}»; use: {use}"
    bare = ISOLATED.sub("", words)
    if re.search("[A-Za-z]", bare):
        yield "has Latin letters outside an isolate (U+2066 … U+2069)"
    if found := re.search('[,;?"]', bare):
        yield f"has {found[0]}; use the Arabic mark"
    if re.search(" [،؛؟.:]", words):
        yield "has a space before a mark"


@pytest.mark.parametrize("folder", FOLDERS, ids=shown)
def test_arabic_texts_follow_the_glossary(folder: Path) -> None:
    catalogue = Catalogue(folder)
    wrong = [
        f"{key}: {fault}"
        for key in sorted(catalogue.keys("ar"))
        for form in catalogue.forms(key, "ar")
        for fault in faults(form)
    ]
    assert not wrong, f"{shown(folder)}/ar, see docs/glossary.md:\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "تم الحجز لصالح {organisation}.",
        "المكان محجوز. اختر أحد البدائل.",
        "واختاروا أحد البدائل.",
        "المنظمة موقوفة.",
        "أرسل الترويسة.",
        "يُرجى إرسال If-Match.",
        "أين المكان?",
        "الأماكن الباقية , ثلاثة",
        "يمكنك الحجز.",
        "هذا العنوان طويل.",
    ],
)
def test_a_breach_of_the_glossary_is_found(text: str) -> None:
    assert list(faults(text))


@pytest.mark.parametrize(
    "text",
    [
        "المنظمة موقوفة مؤقتاً.",
        "يُرجى إرسال ترويسة \u2066If-Match\u2069.",
        "عنوان البريد الإلكتروني غير صحيح.",
        "يمكنكم التحقّق من ذلك، أو مراجعة مكتب الاستقبال.",
    ],
)
def test_a_text_of_the_glossary_passes(text: str) -> None:
    assert not list(faults(text))
