"""How near two kinds of work are: by the group of ISCO-08 that they share, by what people call them, and by our table.

ISCO-08 groups by level of skill first, so that the cook and who helps the cook, or the shelves of a shop and its floor,
stand far apart. Two things bring those together: a title that people use for both (our own titles, the labels and the
alternative labels of ESCO), and `data/neighbouring_work.csv`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType

from service.reference.occupations import Occupation, all_occupations, occupation
from service.reference.tables import plain_words, read_table


class Nearness(StrEnum):
    """How near two occupations are, the nearest first."""

    SAME = "same"
    SAME_UNIT_GROUP = "same_unit_group"
    SAME_TITLE = "same_title"
    SAME_MINOR_GROUP = "same_minor_group"
    NEIGHBOURING = "neighbouring"
    SAME_SUB_MAJOR = "same_sub_major"
    UNRELATED = "unrelated"


@lru_cache(maxsize=32_768)
def nearness(a: str, b: str) -> Nearness:
    """How near two occupations are, each given by ISCO-08 code or ESCO URI. An unknown one is near to nothing."""
    one, other = occupation(a), occupation(b)
    if one is None or other is None:
        return Nearness.UNRELATED
    if one.uri_or_code == other.uri_or_code:
        return Nearness.SAME
    if one.isco_code == other.isco_code:
        return Nearness.SAME_UNIT_GROUP
    if other.uri_or_code in _called_the_same(one.uri_or_code):
        return Nearness.SAME_TITLE
    if one.isco_code[:3] == other.isco_code[:3]:
        return Nearness.SAME_MINOR_GROUP
    if other.isco_code in _neighbours().get(one.isco_code, ()):
        return Nearness.NEIGHBOURING
    if one.isco_code[:2] == other.isco_code[:2]:
        return Nearness.SAME_SUB_MAJOR
    return Nearness.UNRELATED


def near_groups(code: str) -> tuple[str, ...]:
    """The unit groups beyond this occupation's own sub-major group in which there is work near to it, in order."""
    one = occupation(code)
    if one is None:
        return ()
    shared = (occupation(key) for key in _called_the_same(one.uri_or_code))
    groups = {*_neighbours().get(one.isco_code, ()), *(found.isco_code for found in shared if found)}
    return tuple(sorted(group for group in groups if group[:2] != one.isco_code[:2]))


@lru_cache(maxsize=1024)
def work_near(code: str) -> Mapping[str, Nearness]:
    """The occupations near to this one, those to which it is not unrelated, each with how near it is."""
    one = occupation(code)
    if one is None:
        return {}
    groups = {*near_groups(code), *(group for group in _in_unit_group() if group[:2] == one.isco_code[:2])}
    found = {each: nearness(each, code) for group in groups for each in _in_unit_group()[group]}
    return MappingProxyType({each: near for each, near in found.items() if near is not Nearness.UNRELATED})


@lru_cache(maxsize=1024)
def groups_near(code: str) -> frozenset[str]:
    """The unit groups in which there is work near to this occupation."""
    found = (occupation(each) for each in work_near(code))
    return frozenset(each.isco_code for each in found if each)


@lru_cache(maxsize=4096)
def _called_the_same(key: str) -> frozenset[str]:
    """Other occupations, of about the same level of skill, that have a title in common with this one."""
    one = occupation(key)
    if one is None:
        return frozenset()
    shared = {other for title in _titles(one) for other in _by_title()[title]}
    return frozenset(other.uri_or_code for other in shared if other != one and abs(_level(other) - _level(one)) <= 1)


def _titles(one: Occupation) -> set[str]:
    return {plain_words(title) for title in (one.label.nl, *one.alternative_labels_nl)}


@cache
def _in_unit_group() -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in all_occupations():
        found[one.isco_code].append(one.uri_or_code)
    return dict(found)


@cache
def _by_title() -> dict[str, list[Occupation]]:
    found: defaultdict[str, list[Occupation]] = defaultdict(list)
    for one in all_occupations():
        for title in _titles(one):
            found[title].append(one)
    return dict(found)


def _level(one: Occupation) -> int:
    """The level of skill of ISCO-08, from 1 (elementary) to 4; managers and the armed forces count as the highest."""
    return {"9": 1, "3": 3, "2": 4, "1": 4, "0": 4}.get(one.isco_code[0], 2)


@cache
def _neighbours() -> dict[str, frozenset[str]]:
    both: defaultdict[str, set[str]] = defaultdict(set)
    for row in read_table("neighbouring_work"):
        both[row["isco_a"]].add(row["isco_b"])
        both[row["isco_b"]].add(row["isco_a"])
    return {code: frozenset(others) for code, others in both.items()}
