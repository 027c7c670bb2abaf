"""State machines as data: each aggregate has one table of what is allowed, in its domain.

The table decides at run time, and the diagrams of ``docs/states.md`` are drawn from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from services.common.errors import ErrorCode

S = TypeVar("S", bound=str)
A = TypeVar("A", bound=str)


class Transitions(Mapping[tuple[S, A], S]):
    """The transitions of an aggregate: ``(state, action)`` → the state that follows.

    Args:
        table: all that is allowed.
        refusal: the code that refuses everything else, or one code for each state that refuses
            anything. A code with the param ``state`` says in which state the aggregate is, and one
            with ``to`` which state was wanted, or which action where that leads to none of its own.
            ``None`` where an action that leads nowhere is no error; ask with :meth:`get`.
        first: the state in which an aggregate begins; ``None`` if it may begin in several.
    """

    def __init__(
        self,
        table: Mapping[tuple[S, A], S],
        *,
        refusal: ErrorCode | Mapping[S, ErrorCode] | None = None,
        first: S | None = None,
    ) -> None:
        self._table = dict(table)
        self._refusal = refusal
        self.first = first
        self.ends = frozenset(table.values()) - {state for state, _ in table}
        """The states that nothing leads out of."""

    def __getitem__(self, step: tuple[S, A]) -> S:
        return self._table[step]

    def __iter__(self) -> Iterator[tuple[S, A]]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def after(self, state: S, action: A) -> S:
        """The state that an action leads to.

        Raises:
            errors.MasahaError: with the code of the refusal, if the table does not allow it.
        """
        try:
            return self._table[state, action]
        except KeyError:
            code = self.refusal_in(state)
            if code is None:
                raise
            said: dict[str, Any] = {"state": str(state), "to": self._target_of(action)}
            params = {name: value for name, value in said.items() if name in code.params}
            raise code(f"{action} is not possible while {state}", **params) from None

    def _target_of(self, action: A) -> str:
        """The state that an action leads to; the action where it lets each state be as it is."""
        targets = dict.fromkeys(
            to for (state, each), to in self._table.items() if each == action and to != state
        )
        return str(next(iter(targets), action))

    def sources(self, target: S) -> frozenset[S]:
        """The states from which one action leads to a state."""
        return frozenset(state for (state, _), to in self._table.items() if to == target)

    def refusal_in(self, state: S) -> ErrorCode | None:
        """The code that refuses what is not allowed in a state."""
        return self._refusal.get(state) if isinstance(self._refusal, Mapping) else self._refusal

    def refusals(self) -> tuple[ErrorCode, ...]:
        """The codes that refuse, each once."""
        if self._refusal is None:
            return ()
        if isinstance(self._refusal, Mapping):
            return tuple(dict.fromkeys(self._refusal.values()))
        return (self._refusal,)

    def diagram(self) -> list[str]:
        """The lines of a Mermaid state diagram."""
        begin = [] if self.first is None else [f"    [*] --> {self.first}"]
        return [
            "stateDiagram-v2",
            *begin,
            *(f"    {state} --> {to}: {action}" for (state, action), to in self._table.items()),
            *(f"    {end} --> [*]" for end in sorted(self.ends)),
        ]
