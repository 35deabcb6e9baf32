"""What the documents say about the code is what the code has."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

from service.access.rules import Purpose
from service.config import PREFIX, Settings
from service.rooms import PERMISSIONS, ROOMS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_scopes_in_the_guide_are_the_table() -> None:
    guide = (ROOT / "docs/integrators/overview.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `([a-z-]+:[a-z]+)`", guide, flags=re.MULTILINE))
    assert listed == {row.scope for row in PERMISSIONS}


def test_the_settings_in_the_guide_exist() -> None:
    names = {PREFIX + item.name.upper() for item in fields(Settings)}
    for page in PAGES:
        mentioned = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", page.read_text("utf-8")))
        assert mentioned <= names, f"{page.name}: {mentioned - names}"


def test_each_purpose_is_in_the_register_of_processing_activities() -> None:
    register = (ROOT / "docs/contributors/processing-activities.md").read_text("utf-8")
    assert {purpose.value for purpose in Purpose} <= set(re.findall(r"`([a-z_]+)`", register))


def problem_codes() -> set[str]:
    """The codes that the code gives to problems, read from its calls."""
    where = {"conflict": 0, "malformed": 0, "Problem": 1, "forbidden": 2}
    found = {"not-allowed"}
    for path in (ROOT / "service").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                arguments = node.args[where[name] : where[name] + 1] if name in where else []
                named = [word.value for word in node.keywords if word.arg == "code" and name in where]
                for value in (*arguments, *named):
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        found.add(value.value)
    return found


def test_each_problem_type_is_explained_where_it_points() -> None:
    page = (ROOT / "service/docs_page/problems.html").read_text("utf-8")
    assert set(re.findall(r'id="([a-z0-9-]+)"', page)) == problem_codes()


def test_the_rooms_of_the_map_are_there() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for room in ROOMS:
        assert f"{room.name}/" in readme
