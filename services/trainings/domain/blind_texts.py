"""What people write about themselves in free text, without what says who they are.

For a reviewer who is not to know it: the words of the person's name, the name of the organisation,
telephone numbers, e-mail addresses and links become an ellipsis. A particle that Arabic writes
together with a word (و ف ب ل ك, and the article) does not keep a name from being found. A common
word that is also part of the person's name goes with it: too much is hidden rather than too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from services.common.folding import fold

HIDDEN = "…"

#: Letters with the marks that are written over and under them.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0610-\u061a\u0640\u064b-\u065f\u0670])*")
_ADDRESS = re.compile(r"\S+@\S+|(?:https?://|www\.)\S+", re.IGNORECASE)
#: Seven digits or more, with what people write between them.
_PHONE = re.compile(r"(?:\+|00)?\d(?:[ \u00a0().\u2010-\u2015/-]{0,2}\d){6,}")
_PARTICLES = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "فل", "لل")
_ARTICLE = "ال"
#: A preposition that folds to the name علي. Hidden everywhere, it would say that name.
_PREPOSITIONS = frozenset({"على", "وعلى", "فعلى"})
#: Shorter parts of a name are everybody's: أم, بن, de.
_SHORTEST = 3


@dataclass(frozen=True)
class Identity:
    """What would say who a person is.

    Attributes:
        names: of the person.
        organisations: names of the person's organisation, in every language.
    """

    names: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()

    @cached_property
    def words(self) -> frozenset[str]:
        """The folded words of the person's names."""
        return frozenset(
            _bare(word)
            for name in self.names
            for word in fold(name).split()
            if len(word) >= _SHORTEST
        )

    @cached_property
    def phrases(self) -> tuple[tuple[str, ...], ...]:
        """What stands for an organisation: two words of its name, one after the other, or its name
        where that is one word."""
        found: set[tuple[str, ...]] = set()
        for name in self.organisations:
            words = tuple(_bare(word) for word in fold(name).split())
            found |= set(pairwise(words)) if len(words) > 1 else {words}
        return tuple(sorted(each for each in found if each))


def hide_identity(text: str, identity: Identity) -> str:
    """The text without what says who has written it."""
    without = _PHONE.sub(HIDDEN, _ADDRESS.sub(HIDDEN, text))
    words = list(_WORD.finditer(without))
    folded = [_forms(each.group()) for each in words]
    gone = {number for number, forms in enumerate(folded) if forms & identity.words}
    for phrase in identity.phrases:
        for start in _starts(folded, phrase):
            gone.update(range(start, start + len(phrase)))
    pieces, at = [], 0
    for number in sorted(gone):
        pieces += [without[at : words[number].start()], HIDDEN]
        at = words[number].end()
    return "".join([*pieces, without[at:]])


def _starts(folded: list[frozenset[str]], phrase: tuple[str, ...]) -> Iterator[int]:
    """Where a phrase begins among the words of a text."""
    for start in range(len(folded) - len(phrase) + 1):
        if all(word in folded[start + n] for n, word in enumerate(phrase)):
            yield start


def _forms(word: str) -> frozenset[str]:
    """A word of a text as a name may have it: without particles and article."""
    if word in _PREPOSITIONS:
        return frozenset()
    found = fold(word).replace(" ", "")
    bare: Iterable[str] = (
        found.removeprefix(each) for each in _PARTICLES if found.startswith(each)
    )
    return frozenset(each for form in bare for each in (form, form.removeprefix(_ARTICLE)))


def _bare(word: str) -> str:
    """A word of a name without its article."""
    short = word.removeprefix(_ARTICLE)
    return short if len(short) >= _SHORTEST else word
