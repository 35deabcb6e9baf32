"""What the OpenAPI document is, whoever reads it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner

from service.app import document
from service.cli import main

ROOT = Path(__file__).parents[2]
PERSONAL = {
    "address",
    "birth",
    "birthday",
    "bsn",
    "client",
    "email",
    "employee",
    "iban",
    "initials",
    "name",
    "phone",
    "surname",
}
# Opaque ids. `clientId` is a program that calls us.
OPAQUE = {"clientId"}


def parameters() -> list[tuple[str, str, str]]:
    """Operation, place and name of each parameter."""
    described = document()
    shared: dict[str, Any] = described["components"]["parameters"]
    found = []
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            for parameter in operation["parameters"]:
                one = shared[parameter["$ref"].rpartition("/")[2]] if "$ref" in parameter else parameter
                found.append((f"{method} {path}", one["in"], one["name"]))
    return found


def test_addresses_hold_nothing_of_a_person() -> None:
    """An address ends up in logs."""
    seen = [(operation, name) for operation, place, name in parameters() if place in ("path", "query")]
    assert len(seen) > 100
    for operation, name in seen:
        words = {word.lower() for word in re.findall(r"[A-Za-z][a-z]*", name)}
        assert name in OPAQUE or not words & PERSONAL, (operation, name)


def test_the_written_document_is_the_one_of_this_code() -> None:
    written = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    made = CliRunner().invoke(main, ["openapi"])
    assert made.exit_code == 0, made.output
    assert written == made.output, "openapi.yaml is out of date: run 'make openapi'"
    assert yaml.safe_load(written) == document()


def test_every_refusal_is_a_problem() -> None:
    described = document()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            refusals = {status: refused for status, refused in operation["responses"].items() if status >= "400"}
            assert refusals, (method, path)
            for status, refused in refusals.items():
                shared = described["components"]["responses"][refused["$ref"].rpartition("/")[2]]
                assert list(shared["content"]) == ["application/problem+json"], (method, path, status)


def test_all_that_is_described_is_used() -> None:
    described = document()
    text = yaml.safe_dump(described)
    for kind, parts in described["components"].items():
        if kind != "securitySchemes":
            unused = [name for name in parts if f"#/components/{kind}/{name}" not in text]
            assert not unused, (kind, unused)
