from __future__ import annotations

import re

from service.reference.work_codes import WorkCodeKind, WorkCondition, WorkDemand, work_code, work_codes

# Words of illness, diagnosis, benefit and law that must not stand in a code or a label.
NOT_ABOUT_WORK = re.compile(
    r"ziek|illness|disab|beperk|handicap|autis|adhd|depress|psych|medic|diagn|therap|rolstoel|wheelchair|uitkering|"
    r"benefit|wajong|wia|wao|participatie|loonwaarde|jobcoach|doelgroep|verslav|addict|schuld|debt|strafblad",
    re.IGNORECASE,
)


def test_every_code_stands_in_the_list_once() -> None:
    codes = [entry.code for entry in work_codes()]
    assert codes == [*WorkCondition, *WorkDemand]
    assert len({code.value for code in codes}) == len(codes)
    assert 16 <= len(WorkCondition) <= 22
    assert 12 <= len(WorkDemand) <= 16


def test_the_kind_follows_the_code() -> None:
    kinds = {entry.code.value: entry.kind for entry in work_codes()}
    assert kinds["fixed_tasks"] is WorkCodeKind.NEED_OFFER
    assert kinds["shift_work"] is WorkCodeKind.LIMIT_DEMAND
    assert {code for code, kind in kinds.items() if kind is WorkCodeKind.LIMIT_DEMAND} == set(WorkDemand)


def test_a_code_is_found_or_none() -> None:
    found = work_code("quiet_workplace")
    assert found is not None
    assert found.code is WorkCondition.QUIET_WORKPLACE
    assert work_code("QUIET_WORKPLACE") is None
    assert work_code("") is None


def test_every_side_has_its_own_label_in_both_languages() -> None:
    texts = [text for entry in work_codes() for text in (*entry.label, *entry.offer_label)]
    assert len(set(texts)) == len(texts)
    for entry in work_codes():
        needs = "nodig" if entry.kind is WorkCodeKind.NEED_OFFER else "Kan niet"
        assert needs in entry.label.nl
        assert needs not in entry.offer_label.nl
        assert re.match("Needs|Cannot", entry.label.en)


def test_labels_are_short_and_plain() -> None:
    for entry in work_codes():
        for text in (*entry.label, *entry.offer_label):
            assert text == text.strip()
            assert len(text.split()) <= 12
            assert text[0].isupper()
            assert text[-1].isalpha()


def test_no_code_names_an_illness_or_a_benefit() -> None:
    for entry in work_codes():
        for text in (entry.code.value, *entry.label, *entry.offer_label):
            assert not NOT_ABOUT_WORK.search(text), text
