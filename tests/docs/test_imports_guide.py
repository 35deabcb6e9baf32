"""The example of the page on imports works as it stands there, and its tables are those of the code."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.contacts.imports.schemas import COLUMNS
from service.employers.imports.operations import KIND as EMPLOYMENTS
from service.employers.mappings.schemas import ImportMappingBody
from service.employers.rules import EmploymentWarning
from service.kernel.imports import failed
from service.kernel.imports.reading import MEDIA_TYPES
from tests.contacts.imports_kit import Caseload
from tests.support.house import House, SettableClock, settings_for
from tests.support.running import ROOT, Running, environment, eventually, free_port, running

PAGE = (ROOT / "docs/integrators/imports.md").read_text("utf-8")


def columns_of(page: str, title: str) -> dict[str, tuple[str, ...]]:
    section = page[page.index(f"## {title}") :].split("\n## ", 1)[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, flags=re.MULTILINE))
    return {name: tuple(each.strip() for each in headings.split(",")) for name, headings in rows.items()}


def test_the_tables_are_those_of_the_code() -> None:
    assert columns_of(PAGE, "The caseload") == COLUMNS.headings
    for media_type in MEDIA_TYPES:
        assert f"`{media_type}`" in PAGE


def test_the_mapping_is_one_that_can_be_stored() -> None:
    mapping = json.loads(re.findall(r"^```json\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)[0])
    assert ImportMappingBody().load(mapping)["columns"][2]["column"] is None


def test_its_numbers_are_those_of_the_code() -> None:
    told = (
        f"for {failed.KEPT_FOR.days} days",
        f"at most {failed.MAX_ROWS:,} rows",
        f"{failed.MAX_SIZE // 10**6} million",
    )
    assert all(each in PAGE for each in told)


def test_the_tables_of_the_contract_register_are_those_of_the_code() -> None:
    page = (ROOT / "docs/integrators/contract-register.md").read_text("utf-8")
    assert columns_of(page, "Columns") == EMPLOYMENTS.columns.headings
    remarks, errors = (
        {code for codes in re.findall(r"^\| (`[^|]+)", part, flags=re.MULTILINE) for code in codes.split("`")[1::2]}
        for part in page[page.index("| remark |") :].split("| error |")
    )
    assert remarks == {*EmploymentWarning, "undoes_answer"}
    assert EMPLOYMENTS.mend.keys() - errors == {"invalid-bsn", "unknown-occupation", "missing", "undoes_answer"}


@pytest.fixture
def made(tmp_path: Path, database_url: str) -> Iterator[Caseload]:
    settings = settings_for(tmp_path, database_url, token_seconds=3600)
    found = Caseload(House(settings, SettableClock(datetime.now(UTC))))
    yield found
    found.close()
    found.house.close()


@pytest.fixture
def server(made: Caseload, tmp_path: Path, database_url: str) -> Iterator[tuple[Running, str]]:
    port = free_port()
    variables = environment(data_dir=tmp_path, database_url=database_url, base_url="http://127.0.0.1:8000", port=port)
    with running("serve", tmp_path / "serve.log", variables) as process:
        process.wait_until_ready(f"http://127.0.0.1:{port}")
        yield process, f"http://127.0.0.1:{port}"


@pytest.mark.long
def test_the_example(made: Caseload, server: tuple[Running, str], tmp_path: Path) -> None:
    [script] = re.findall(r"^```sh\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    _, *shown = [
        json.loads(block) for block in re.findall(r"^```json\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    ]
    token = made.uwv.headers["Authorization"].removeprefix("Bearer ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace("http://127.0.0.1:8000", server[1])],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "TOKEN": token},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    decoder = json.JSONDecoder()
    dry, at = decoder.raw_decode(done.stdout)
    real, _ = decoder.raw_decode(done.stdout[at:].lstrip())
    made.worker.run_until_idle()

    def look(job: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = made.uwv.get(f"/assignment-imports/{job['id']}").get_json()
        return found

    eventually(lambda: look(real)["status"] == "done", "the import")
    assert look(dry)["counts"] == look(real)["counts"]
    like = {name: value for name, value in look(real).items() if name in shown[0] and name != "id"}
    assert like == {name: value for name, value in shown[0].items() if name != "id"}
    rows = made.uwv.get(f"/assignment-imports/{real['id']}/rows", Accept_Language="en").get_json()
    assert rows == shown[1]
