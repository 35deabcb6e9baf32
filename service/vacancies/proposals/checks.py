"""What a step needs and what it may not have: all that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from service.kernel.problems import FieldError, Problem, conflict
from service.kernel.text import Text
from service.vacancies.consent import consent_errors
from service.vacancies.proposals.models import Proposal
from service.vacancies.proposals.reasons import ABOUT_CONSENT, reason_allowed, reasons_for
from service.vacancies.proposals.rules import (
    PERSON_SIDE,
    ProposalRole,
    ProposalStatus,
    trial_placement_errors,
)

_REQUIRED = Text("Dit veld is verplicht.", "This field is required.")
_NOT_NOW = Text("Dit veld hoort niet bij deze stap.", "This field does not go with this step.")

# For each step the fields that it must have, and those that it may have beside them.
_FIELDS: Mapping[ProposalStatus, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ProposalStatus.REQUESTED: ((), ()),
    ProposalStatus.PROPOSED: ((), ("hours", "start_date")),
    ProposalStatus.CONSENTED: (("consent",), ()),
    ProposalStatus.INTRODUCED: ((), ("hours", "start_date", "consent")),
    ProposalStatus.TRIAL_PLACEMENT: (("start_date", "end_date", "intended_contract_months"), ("hours",)),
    ProposalStatus.PLACED: (("start_date",), ("hours", "end_date")),
    ProposalStatus.DECLINED: (("reason",), ("consent",)),
    ProposalStatus.WITHDRAWN: (("reason",), ("consent",)),
}
_NAMES = {
    "start_date": "startDate",
    "end_date": "endDate",
    "intended_contract_months": "intendedContractMonths",
    "intended_months": "intendedContractMonths",
    "hours": "hours",
    "reason": "reason",
    "consent": "consent",
}
_TELLS: Final = "/consent/toldFixedJobcoach"


def transition_errors(
    data: Mapping[str, Any], role: ProposalRole, row: Proposal, today: date, *, to_tell: bool
) -> list[FieldError]:
    """All that is wrong with this step of `row`; empty when it may be taken.

    `to_tell`: the employer works with one jobcoach organisation, of which the person was not told yet.
    """
    return [
        *_field_errors(data, role),
        *_reason_errors(data, role, row),
        *_told_errors(data, to_tell=to_tell),
        *_date_errors(data, row, today),
    ]


def _field_errors(data: Mapping[str, Any], role: ProposalRole) -> Iterator[FieldError]:
    needed, allowed = _FIELDS[data["to"]]
    for name in needed:
        if name not in data:
            yield FieldError("required", _REQUIRED, pointer=f"/{_NAMES[name]}")
    for name in data:
        misplaced = name not in (*needed, *allowed) or (name == "consent" and role not in PERSON_SIDE)
        if name != "to" and misplaced:
            yield FieldError("not-in-this-step", _NOT_NOW, pointer=f"/{_NAMES[name]}")


def _reason_errors(data: Mapping[str, Any], role: ProposalRole, row: Proposal) -> Iterator[FieldError]:
    reason, target = data.get("reason"), data["to"]
    if reason is None or "reason" not in _FIELDS[target][0]:
        return
    if not reason_allowed(reason, target, role, row.status):
        choices = ", ".join(reasons_for(target, role, row.status))
        text = Text(f"Deze reden kunt u hier niet geven. Kies uit: {choices}.", f"Choose from: {choices}.")
        yield FieldError("reason-not-allowed", text, pointer="/reason")
    elif "consent" in data and role in PERSON_SIDE and reason not in ABOUT_CONSENT:
        yield FieldError("not-in-this-step", _NOT_NOW, pointer="/consent")


def _told_errors(data: Mapping[str, Any], *, to_tell: bool) -> Iterator[FieldError]:
    """Nobody is introduced who was not told that the employer has one jobcoach organisation (docs/domain.md, 12)."""
    told = data.get("consent", {}).get("told_fixed_jobcoach", False)
    if to_tell and not told and data["to"] in (ProposalStatus.CONSENTED, ProposalStatus.INTRODUCED):
        text = Text(
            "Deze werkgever werkt met één vaste jobcoachorganisatie. Vertel dat de kandidaat eerst, en leg de "
            "toestemming dan vast.",
            "This employer works with one fixed jobcoach organisation. Tell the candidate first, then record consent.",
        )
        yield FieldError("tell-about-jobcoach", text, pointer=_TELLS)


def _date_errors(data: Mapping[str, Any], row: Proposal, today: date) -> Iterator[FieldError]:
    yield from consent_errors(data.get("consent"), today)
    start, end, months = (data.get(name) for name in ("start_date", "end_date", "intended_contract_months"))
    if data["to"] is ProposalStatus.TRIAL_PLACEMENT and start and end and months:
        for fault in trial_placement_errors(start, end, months):
            yield FieldError(fault.code, fault.text, pointer=f"/{_NAMES[fault.field]}")
    if data["to"] is ProposalStatus.PLACED and start and end and end < start:
        text = Text("Het contract eindigt voor het begint.", "The contract ends before it starts.")
        yield FieldError("not-in-order", text, pointer="/endDate")
    began = row.start_date if row.status is ProposalStatus.TRIAL_PLACEMENT else None
    if data["to"] is ProposalStatus.PLACED and start and began and start <= began:
        text = Text("Het contract begint na het begin van de proef.", "The contract starts after the trial began.")
        yield FieldError("before-the-trial", text, pointer="/startDate")


TOO_MANY_HOURS: Final = FieldError(
    "too-many-hours",
    Text(
        "Samen met ander werk van de kandidaat is dat meer dan 48 uur per week. Kies minder uren of een latere dag.",
        "With the candidate's other work that is more than 48 hours a week. Choose fewer hours or a later day.",
    ),
    pointer="/hours",
)


def start_held() -> Problem:
    """409 for an employer whose start would clash with other work, of which it may not hear.

    It says the same whatever the hours and days, and goes on saying so, so that nothing can be found out by trying.
    """
    problem = conflict(
        "start-held",
        "Over het begin is nog overleg nodig. Bel uw contactpersoon voor deze voordracht; die legt het begin vast.",
        "The start is still to be talked over. Call your contact for this proposal, who records the start.",
    )
    problem.keeps = True
    return problem
