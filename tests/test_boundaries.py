"""Heavy libraries have one home each, so that the rules of the craft stay quick to test and to read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
HOMES = {
    "rasa": ("bot/engine/", "bot/nlu/components.py"),
    "rasa_sdk": ("bot/engine/local.py", "actions/actions.py"),
    "spacy": ("bot/nlu/",),
    "onnxruntime": ("bot/nlu/",),
    "sklearn": ("bot/nlu/",),
    "sqlalchemy": ("actions/records/", "actions/tables.py", "actions/migrations/", "bot/endpoints.py"),
    "starlette": ("bot/web/",),
    "sanic": ("bot/engine/channel.py",),
}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


SOURCES = sorted(path for folder in ("bot", "actions") for path in (PROJECT / folder).rglob("*.py"))


@pytest.mark.parametrize("library", HOMES)
def test_a_heavy_library_is_imported_at_home_only(library):
    users = {path.relative_to(PROJECT).as_posix() for path in SOURCES if library in imported(path)}
    strays = {user for user in users if not user.startswith(HOMES[library])}
    assert not strays
    assert users, f"nothing imports {library}; take it out of this test"
