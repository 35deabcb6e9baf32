"""A file of a caseload of any length, written row by row by a process of its own: what it takes is not ours."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook

HEADING = ("bsn", "clientnummer", "naam", "e-mailadres", "postcode4", "ad", "achtervang", "vanaf")
STAFF = ("noor", "bo", "kim")


def caseload_file(folder: Path, form: str, rows: int) -> Path:
    path = folder / f"caseload-{rows}.{form}"
    if not path.exists():
        subprocess.run([sys.executable, "-m", "tests.bench.clients", str(path), form, str(rows)], check=True)
    return path


def clients(rows: int) -> Iterator[tuple[str, ...]]:
    number, at = 100_000_000, 0
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    while at < rows:
        bsn = f"{number:09}"
        number += 1
        if sum(int(digit) * weight for digit, weight in zip(bsn, weights, strict=True)) % 11:
            continue
        first, second = STAFF[at % 3], STAFF[(at + 1) % 3]
        mail = f"client.{at}@example.nl"
        yield (
            bsn,
            f"C{at}",
            f"Client nummer {at}",
            mail,
            "9711",
            f"{first}@uwv.example",
            f"{second}@uwv.example",
            ("05-01-2026"),
        )
        at += 1


def _write(path: Path, form: str, rows: int) -> None:
    if form == "xlsx":
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(HEADING)
        for row in clients(rows):
            sheet.append(row)
        book.save(path)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if form == "csv":
            csv.writer(file, delimiter=";").writerows([HEADING])
            csv.writer(file, delimiter=";").writerows(clients(rows))
        else:
            file.writelines(json.dumps(dict(zip(HEADING, row, strict=True))) + "\n" for row in clients(rows))


if __name__ == "__main__":
    _write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
