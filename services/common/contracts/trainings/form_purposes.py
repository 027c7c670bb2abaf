"""What the forms of a cohort are for."""

from __future__ import annotations

from enum import StrEnum


class FormPurpose(StrEnum):
    """What a form of a cohort is for."""

    APPLICATION = "application"
    """Answered with the application."""
    PRE_TEST = "pre_test"
    """Before the first session."""
    POST_TEST = "post_test"
    """At the end; paired with the pre-test of the same participant."""
    FEEDBACK = "feedback"
    """The reaction to the course."""
    FOLLOW_UP = "follow_up"
    """What changed at work, months later."""


PURPOSES = tuple(each.value for each in FormPurpose)
