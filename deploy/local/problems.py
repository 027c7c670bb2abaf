"""The one error that the local stack shows to a person."""

from __future__ import annotations


class StackError(Exception):
    """Something that keeps the stack from running, said in one sentence a person can act on.

    `details` are lines to show below the sentence, such as the end of a log.
    """

    def __init__(self, sentence: str, details: str = "") -> None:
        super().__init__(f"{sentence}\n{details}" if details else sentence)
        self.sentence = sentence
        self.details = details
