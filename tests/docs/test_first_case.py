"""The commands of the guide and of the README work as they stand there, against a demo as `make run` starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running import ROOT, Running, environment, free_port, running

pytestmark = pytest.mark.long
GUIDE = ROOT / "docs" / "integrators" / "first-case.md"
README = ROOT / "README.md"
ADDRESS = "http://127.0.0.1:8000"
BLOCK = re.compile(r"^```(?:bash|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def demo_variables(folder: Path, port: int) -> dict[str, str]:
    """As somebody who cloned the repository: only the port is told, by PORT."""
    return environment(data_dir=folder / "var") | {"PORT": str(port)}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a started demo."""
    folder = tmp_path_factory.mktemp("demo")
    port = free_port()
    with running("run", folder / "log", demo_variables(folder, port)) as process:
        yield from serving(process, f"http://127.0.0.1:{port}")


def serving(process: Running, url: str) -> Iterator[str]:
    process.wait_until_ready(url)
    yield url
    assert process.stop(signal.SIGINT) == 0
    assert "Traceback" not in process.output


def blocks_of(text: str, url: str) -> list[str]:
    found = [block for block in BLOCK.findall(text) if not block.startswith("make ")]
    assert ADDRESS in "".join(found)
    return [block.replace(ADDRESS, url) for block in found]


def run(blocks: list[str], folder: Path) -> list[list[str]]:
    """What each block prints, line by line. All run in one shell, which stops at the first error."""
    script = "\n".join(f"{block}\necho '=== next'" for block in blocks)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    printed = [part.strip().splitlines() for part in done.stdout.split("=== next\n")]
    assert done.returncode == 0, f"block {len(printed)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert done.stderr == ""
    assert len(printed) == len(blocks) + 1
    return printed[:-1]


def test_the_guide(demo: str, tmp_path: Path) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    blocks = blocks_of(text, demo)
    printed = dict(zip(blocks, run(blocks, tmp_path), strict=True))

    def of(command: str) -> list[str]:
        """What the block that holds this command printed."""
        [block] = [block for block in blocks if command in block]
        return printed[block]

    assert of("GET /me") == ["Noorderzon Logistiek employer"]
    [contact] = of('"/employments/$JOB/contact"')
    assert re.fullmatch(r"caseworker \S.* \+\d{8,15}", contact)
    undisclosed, unknown = of("example-unknown")
    assert undisclosed == unknown
    assert re.fullmatch(r"desk Servicepunt \+\d{8,15}", unknown)
    [registered] = of("Jo Voorbeeld")
    assert "'employeeNumber'" in registered
    assert "'bsn'" not in registered
    assert "'name'" not in registered

    once, receipt = of("Idempotency-Key:")
    assert once == "True"
    assert re.fullmatch(r"SP-\w{5}-\w{5} \S.* \d{4}-\d\d-\d\d True", receipt)
    assert of("it['nextStep']")[0].startswith("reported ")
    assert "'seen'" in of("it['nextStep']")[1]
    assert of("naar_werk") == ["acknowledged", "naar_werk True", "planned"]
    progress, history = of("it['actedBy']")
    assert progress.startswith("Er is een plan ")
    assert "status_changed planned" in history
    assert "naar_werk" not in history
    assert "nl.servicepunt.contract-end-signal.planned" in of("/events?")[0]

    assert of('"phase": "decided"') == ["decided"]
    assert re.fullmatch(r"Magazijnmedewerker open \d{4}-\d\d-01 AM01", of("freedBySignalId")[0])
    assert sorted(re.findall(r"\('(\w+)', '(\w+)', 'sent'\)", of("each['because']")[0])) == [
        ("mobility_pool", "membership"),
        ("wsp", "region"),
    ]
    accepted, lead = of('"to": "accepted"')
    assert accepted == "accepted True"
    assert "Groningen" in lead

    ranked, *criteria = of("each['verdict']")
    scores = [(verdict, int(score)) for verdict, score in re.findall(r"\('(\w+)', (\d+)\)", ranked)]
    assert len(scores) >= 1
    assert scores[0][0] == "fits"
    assert len(criteria) >= 5
    assert all(re.fullmatch(r"\w+: \S.*", line) for line in criteria)
    assert of("POST /proposals") == ["proposed name: None"]
    consent, named, introduced = of('"to": "consented"')
    assert consent == "granted"
    assert re.fullmatch(r"consented name: [A-Z]\S* \S.*", named)
    assert introduced == "introduced"
    assert of('"to": "placed"') == ["trial_placement", "placed"]

    filled, closed, freed = of("it['filledPositions']")
    assert filled == "filled 1 of 1"
    assert closed.count("'closed'") == 2
    assert re.fullmatch(r"filled [01] days", freed)
    [outcome] = of("it['handling']['outcome']")
    assert re.fullmatch(r"new_employer \d{4}-\d\d-\d\d \d+", outcome)
    assert of("it['outcome']\"") == ["closed not_known"]
    assert of("%{http_code}") == ["404"]
    [log] = of("/access-log")
    assert "('demo-employer', 'contact.read')" in log
    assert "('demo-uwv', 'signal.planned')" in log


def test_the_readme(demo: str, tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    try_it = text[text.index("## Try it") : text.index("\n## ", text.index("## Try it") + 1)]
    [[*_, contact]] = run(blocks_of(try_it, demo), tmp_path)
    assert re.search(rf'"employmentId":"{ID}".*"contact":{{"kind":"(caseworker|backup|team|desk)"', contact)
