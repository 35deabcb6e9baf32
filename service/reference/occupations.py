"""What work is called: ISCO-08 unit groups, ESCO occupations and the job titles that employers here use.

Facts only; sources and vintage stand in `data/README.md`. The tables are read at the first question and then kept.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from service.kernel.text import Text
from service.reference.label_index import LabelIndex
from service.reference.tables import plain_words, read_table, split_cell

ESCO_OCCUPATION = "http://data.europa.eu/esco/occupation/"


class OccupationKind(StrEnum):
    ISCO = "isco"
    ESCO = "esco"


@dataclass(frozen=True, slots=True)
class Occupation:
    """A unit group of ISCO-08 (its four digits) or an occupation of ESCO (its URI) within such a group."""

    uri_or_code: str
    isco_code: str
    label: Text
    kind: OccupationKind
    alternative_labels_nl: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobTitle:
    """A title as employers here write it, the ISCO-08 unit group it belongs to, and how many hours a week are usual.

    `esco_uri` is the occupation of ESCO that it means within a unit group of several kinds of work, and that has it
    among its labels; '' for the others.
    """

    title: str
    isco_code: str
    sector: str
    hours_min: int
    hours_max: int
    esco_uri: str


def occupation(code: str) -> Occupation | None:
    """The occupation with this ISCO-08 unit group code ('9112') or ESCO URI, or None."""
    return _occupations().get(code)


def search(query: str, limit: int) -> list[Occupation]:
    """At most `limit` occupations that people may mean by `query`, in Dutch or English, the best first.

    Labels, alternative labels and our own job titles are searched: the same words, then labels that begin so, then each
    word beginning a word, then each word standing somewhere. Among equals, titles of our own list come first, then
    labels before alternative ones, then practical work (major groups 4 to 9) before the rest, then short before long.
    Case and accents do not matter.
    """
    return [_occupations()[key] for key in _label_index().search(query, limit)]


def all_occupations() -> tuple[Occupation, ...]:
    """Every unit group of ISCO-08, then every occupation of ESCO."""
    return tuple(_occupations().values())


def group_label(isco_code: str) -> Text | None:
    """What an ISCO-08 group is called, given its one to four digits, or None."""
    unit_group = _occupations().get(isco_code)
    return unit_group.label if unit_group else _larger_groups().get(isco_code)


@cache
def job_titles() -> tuple[JobTitle, ...]:
    """Our own list of job titles, kept together by kind of work."""
    return tuple(
        JobTitle(
            row["title_nl"],
            row["isco_code"],
            row["sector"],
            int(row["hours_min"]),
            int(row["hours_max"]),
            row["esco_id"] and ESCO_OCCUPATION + row["esco_id"],
        )
        for row in read_table("job_titles")
    )


@cache
def _occupations() -> dict[str, Occupation]:
    titles: defaultdict[str, list[str]] = defaultdict(list)
    for title in job_titles():
        if not title.esco_uri:
            titles[title.isco_code].append(title.title)
    unit_groups = (
        Occupation(
            row["isco_code"],
            row["isco_code"],
            Text(row["label_nl"], row["label_en"]),
            OccupationKind.ISCO,
            _others(row["label_nl"], (row["label_nl_cbs"], *titles[row["isco_code"]])),
        )
        for row in read_table("occupations")
    )
    esco_occupations = (
        Occupation(
            ESCO_OCCUPATION + row["esco_id"],
            row["isco_code"],
            Text(row["label_nl"], row["label_en"]),
            OccupationKind.ESCO,
            _others(row["label_nl"], split_cell(row["alternative_labels_nl"])),
        )
        for row in read_table("esco_occupations")
    )
    return {found.uri_or_code: found for group in (unit_groups, esco_occupations) for found in group}


def _others(label: str, alternatives: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(other for other in dict.fromkeys(alternatives) if other != label)


@cache
def _larger_groups() -> dict[str, Text]:
    return {row["isco_code"]: Text(row["label_nl"], row["label_en"]) for row in read_table("isco_groups")}


@cache
def _label_index() -> LabelIndex:
    own_titles = {plain_words(title.title) for title in job_titles()}
    by_preference = sorted(
        (plain_words(label) not in own_titles, alternative, found.isco_code < "4", len(label), label, found.uri_or_code)
        for found in _occupations().values()
        for alternative, labels in ((False, set(found.label)), (True, set(found.alternative_labels_nl)))
        for label in labels
    )
    return LabelIndex((label, key) for _, _, _, _, label, key in by_preference)
