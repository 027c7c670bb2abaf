"""What comes with the refusals of trainings: params and further members of problem documents.

A name means the same in every code, so each is here once; which code has which is in
``errors.py``.
"""

from __future__ import annotations

from marshmallow import Schema


class ProblemMembers(Schema):
    """Every param and further member, by name."""
