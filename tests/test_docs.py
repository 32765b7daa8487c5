"""What README says is so."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from bot.cli import COMMANDS
from bot.settings import Settings

PROJECT = Path(__file__).resolve().parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_every_command_is_named():
    for command in COMMANDS:
        assert f"`switchback {command}" in README


def test_every_setting_is_named():
    for variable in re.findall(r"`([A-Z_]{6,})`", Settings.__doc__ or ""):
        assert f"`{variable}`" in README
    named = re.findall(r"`([A-Z_]{6,})`", Settings.__doc__ or "")
    assert len(named) == len(dataclasses.fields(Settings))


def test_the_file_map_is_true():
    block = README.split("## Where things are")[1].split("```")[1]
    folders: list[str] = []
    for line in block.strip().splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        for name in re.findall(
            r"[\w.-]+(?:/|\.\w+)", line.split("   ")[0] if depth == 0 else line.strip().split("  ")[0]
        ):
            parent = "/".join(folders[:depth]) if depth else ""
            assert (PROJECT / parent / name).exists(), f"{parent}/{name} is in README's map and not on disk"
            if name.endswith("/"):
                folders[depth:] = [name.rstrip("/")]


def test_every_page_that_is_linked_exists():
    for text, target in re.findall(r"\[([^]]+)\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (PROJECT / target).exists(), f"README links {text!r} to {target}, which is missing"


def test_every_line_of_the_two_commands_is_a_make_target():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make (\w+)`", README) + ["run", "test"]:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
