"""Rows of contract ends: the words in their cells, and what they come to."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.imports.columns import Row, RowReader
from service.signals.imports.rules import Course, Known, as_the_clock_left_it, course_of
from service.signals.imports.schemas import COLUMNS, CONSENT, PHASES, REASONS, VACANCY, SignalRow
from service.signals.rules import Consent, EndReason, SignalPhase, VacancyExpected
from service.signals.wording import END_REASON_TEXT

READER = RowReader(SignalRow())
CODED: dict[str, tuple[type[StrEnum], dict[str, StrEnum]]] = {
    "phase": (SignalPhase, dict(PHASES)),
    "endReason": (EndReason, dict(REASONS)),
    "vacancyExpected": (VacancyExpected, dict(VACANCY)),
    "consentToContactEmployer": (Consent, dict(CONSENT)),
}
FIELD = {"phase": "phase", "endReason": "end_reason", "vacancyExpected": "vacancy_expected"} | {
    "consentToContactEmployer": "consent_to_contact_employer"
}
KNOWN = st.none() | st.builds(Known, st.booleans(), st.booleans(), st.booleans())


@pytest.mark.parametrize("column", sorted(CODED))
@given(data=st.data())
def test_a_code_or_its_words_in_any_case(column: str, data: st.DataObject) -> None:
    enum, words = CODED[column]
    wanted = data.draw(st.sampled_from(sorted(enum)))
    spelt = [wanted.value, *(word for word, member in words.items() if member is wanted)]
    text = data.draw(st.sampled_from(spelt))
    text = data.draw(st.sampled_from([text, text.upper(), text.capitalize()]))
    cells = {"phase": "doubt", "employeeInformed": "ja", column: text}
    row = Row(2, cells)
    [found] = READER.read([row], {})
    assert (found[FIELD[column]], row.findings) == (wanted, [])


def test_each_reason_has_its_words_once() -> None:
    """No word stands for two reasons."""
    words = [word.casefold() for text in END_REASON_TEXT.values() for word in set(text)]
    assert len(set(words)) == len(words)
    assert set(COLUMNS.headings) == {field.data_key for field in SignalRow().fields.values()}


@given(known=KNOWN, taken=st.booleans(), seen=st.booleans())
def test_what_a_row_comes_to(known: Known | None, taken: bool, seen: bool) -> None:
    course = course_of(known, taken=taken, seen=seen)
    if known is None or not (known.counts or known.same):
        assert course is (Course.JOINS if taken else Course.BEGINS)
    if known is not None and known.counts:
        assert course is (Course.SAME if known.same else Course.CHANGES)
    if known is not None and known.same:
        assert course in (Course.SAME, Course.OVER) or (seen and not known.in_live)


@pytest.mark.parametrize("same", [True, False])
def test_a_withdrawn_report_tells_nothing_of_who_goes_on(same: bool) -> None:
    """The signal of the withdrawn report lives on with another's, or it does not: the row comes out alike."""
    goes_on = course_of(Known(counts=False, same=same, in_live=True), taken=True, seen=True)
    all_over = course_of(Known(counts=False, same=same, in_live=False), taken=False, seen=False)
    told = {Course.JOINS: "created", Course.BEGINS: "created", Course.OVER: "unchanged"}
    assert told[goes_on] == told[all_over]


@given(phase=st.sampled_from(SignalPhase), stated=st.sampled_from(SignalPhase), days=st.integers(-3, 3))
def test_the_clock_ends_what_was_decided(phase: SignalPhase, stated: SignalPhase, days: int) -> None:
    today, end = date(2027, 1, 4), date(2027, 1, 4 + days)
    found = as_the_clock_left_it(phase, end, stated, today)
    ended = phase is SignalPhase.DECIDED and stated is SignalPhase.ENDED and days < 0
    assert found is (SignalPhase.ENDED if ended else phase)
    assert as_the_clock_left_it(phase, None, stated, today) is phase
