"""What an advisor would say, case by case: docs/contributors/judged-cases.md is the test."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest

from service.vacancies.criteria import CandidateFacts, VacancyFacts
from service.vacancies.matching import Ranking, rank, rank_vacancies
from tests.vacancies.judged import PAGE, Case, cases, counted

CASES = cases()


def judged_by_the_rules(case: Case, others: Iterable[CandidateFacts | VacancyFacts]) -> Ranking:
    if isinstance(case.asked, VacancyFacts):
        people = [one for one in others if isinstance(one, CandidateFacts)]
        return rank(people, case.asked, 20, near_limit=20)
    work = [one for one in others if isinstance(one, VacancyFacts)]
    return rank_vacancies(case.asked, work, 20, near_limit=20)


def case_of_the_page(case: Case) -> object:
    # Strict: a case that holds by now loses its note on the page.
    marks = pytest.mark.xfail(reason=case.not_yet, strict=True) if case.not_yet else ()
    return pytest.param(case, id=case.title, marks=marks)


@pytest.mark.parametrize("case", [case_of_the_page(case) for case in CASES])
def test_what_an_advisor_would_say(case: Case) -> None:
    ranking = judged_by_the_rules(case, case.others.values())
    assert ranking == judged_by_the_rules(case, reversed(list(case.others.values())))
    scores = {one.id: one.match.score for one in ranking.items}
    places = {name: said.place for name, said in case.judged.items() if said.place is not None}
    assert set(scores) == set(places), case.why
    near = {one.id: one.match.obstacle for one in ranking.near_misses}
    assert near == {name: said.near for name, said in case.judged.items() if said.near is not None}, case.why

    by_place = sorted((place, name) for name, place in places.items())
    assert [one.id for one in ranking.items] == [name for _, name in by_place], case.why
    for (place, name), (next_place, next_name) in pairwise(by_place):
        if place == next_place:
            assert scores[name] == scores[next_name], case.why
        else:
            assert scores[name] > scores[next_name], case.why
    for one in ranking.items:
        assert case.judged[one.id].verdict in (None, one.match.verdict), case.why


def test_the_page_counts_its_cases() -> None:
    assert counted(CASES) in PAGE.read_text("utf-8")
    assert [case.title.split(".")[0] for case in CASES] == [str(number + 1) for number in range(len(CASES))]
