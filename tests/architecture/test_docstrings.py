"""What a docstring says that a function raises is an error that there is."""

from __future__ import annotations

import ast
import builtins
import re
import textwrap

from tests.architecture.project import Source, sources

CODE = sources("services", "gateway", "deploy")
CLASSES = frozenset(dir(builtins)) | {
    node.name for source in CODE for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)
}
# Those of libraries are written with the library's name.
LIBRARIES = frozenset({"pymongo", "marshmallow", "gunicorn", "eventlet", "binascii"})
ENTRY = re.compile(r"(\w+(?:\.\w+)*(?:, (?:or )?\w+(?:\.\w+)*)*)(?::|$)")


def raised(docstring: str) -> list[str]:
    """The names of a docstring's ``Raises:``; an entry in words, "as :func:`…`", has none."""
    _, heading, after = docstring.partition("Raises:\n")
    if not heading:
        return []
    section = textwrap.dedent(after.partition("\n\n")[0])
    entries = [ENTRY.match(line) for line in section.splitlines()]
    return [name.removeprefix("or ") for entry in entries if entry for name in entry[1].split(", ")]


def unknown_errors(source: Source) -> list[str]:
    """Errors that a docstring names and nobody defines."""
    known = CLASSES | {name.rpartition(".")[2] for _, name in source.imports()}
    return [
        f"{source.name}:{node.lineno} {name}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for name in raised(ast.get_docstring(node) or "")
        if name.partition(".")[0] not in LIBRARIES and name.rpartition(".")[2] not in known
    ]


def test_what_a_docstring_says_is_raised_exists() -> None:
    found = [each for source in CODE for each in unknown_errors(source)]
    assert not found, (
        f"{found}: the error has another name by now. An error of a library is written with the "
        f"library's name ({', '.join(sorted(LIBRARIES))})."
    )


def test_an_old_name_is_seen() -> None:
    of_a_function = "Do it.\n\n    Raises:\n        errors.OldName: then.\n        as :func:`g`."
    of_a_check = "Raises:\n    OldName, errors.NotFound: then."
    for docstring, name in ((of_a_function, "errors.OldName"), (of_a_check, "OldName")):
        planted = Source("services/planted.py", f'def f() -> None:\n    """{docstring}\n    """\n')
        assert unknown_errors(planted) == [f"services/planted.py:1 {name}"]
