"""What a step needs and what it may not have: all that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from service.employers.models import Employment
from service.kernel.problems import FieldError
from service.kernel.text import Text
from service.vacancies.proposals.models import Proposal
from service.vacancies.proposals.reasons import DeclineReason, reason_allowed, reasons_for
from service.vacancies.proposals.rules import (
    ProposalRole,
    ProposalStatus,
    WorkSpell,
    clashes,
    trial_placement_errors,
)

_REQUIRED = Text("Dit veld is verplicht.", "This field is required.")
_NOT_NOW = Text("Dit veld hoort niet bij deze stap.", "This field does not go with this step.")

# For each step the fields that it must have, and those that it may have beside them.
_FIELDS: Mapping[ProposalStatus, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ProposalStatus.REQUESTED: ((), ()),
    ProposalStatus.PROPOSED: ((), ("hours", "start_date")),
    ProposalStatus.CONSENTED: (("consent",), ()),
    ProposalStatus.INTRODUCED: ((), ("hours", "start_date")),
    ProposalStatus.TRIAL_PLACEMENT: (("start_date", "end_date", "intended_contract_months"), ("hours",)),
    ProposalStatus.PLACED: (("start_date",), ("hours",)),
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
_ABOUT_CONSENT = frozenset({DeclineReason.CONSENT_REFUSED, DeclineReason.CONSENT_WITHDRAWN})


def transition_errors(
    data: Mapping[str, Any], role: ProposalRole, row: Proposal, job: Employment | None, today: date
) -> list[FieldError]:
    """All that is wrong with this step of `row`; empty when it may be taken. `job`: the candidate's present job."""
    return [
        *_field_errors(data),
        *_reason_errors(data, role),
        *_date_errors(data, row, today),
        *_clash(data, role, job),
    ]


def _field_errors(data: Mapping[str, Any]) -> Iterator[FieldError]:
    needed, allowed = _FIELDS[data["to"]]
    for name in needed:
        if name not in data:
            yield FieldError("required", _REQUIRED, pointer=f"/{_NAMES[name]}")
    for name in data:
        if name != "to" and name not in (*needed, *allowed):
            yield FieldError("not-in-this-step", _NOT_NOW, pointer=f"/{_NAMES[name]}")


def _reason_errors(data: Mapping[str, Any], role: ProposalRole) -> Iterator[FieldError]:
    reason, target = data.get("reason"), data["to"]
    if reason is None or "reason" not in _FIELDS[target][0]:
        return
    if not reason_allowed(reason, target, role):
        choices = ", ".join(reasons_for(target, role))
        text = Text(f"Deze reden kunt u hier niet geven. Kies uit: {choices}.", f"Choose from: {choices}.")
        yield FieldError("reason-not-allowed", text, pointer="/reason")
    elif "consent" in data and reason not in _ABOUT_CONSENT:
        yield FieldError("not-in-this-step", _NOT_NOW, pointer="/consent")


def _date_errors(data: Mapping[str, Any], row: Proposal, today: date) -> Iterator[FieldError]:
    consent = data.get("consent")
    if consent is not None and consent["on"] > today:
        text = Text("Deze dag moet nog komen.", "This day is still to come.")
        yield FieldError("in-the-future", text, pointer="/consent/on")
    start, end, months = (data.get(name) for name in ("start_date", "end_date", "intended_contract_months"))
    if data["to"] is ProposalStatus.TRIAL_PLACEMENT and start and end and months:
        for fault in trial_placement_errors(start, end, months):
            yield FieldError(fault.code, fault.text, pointer=f"/{_NAMES[fault.field]}")
    began = row.start_date if row.status is ProposalStatus.TRIAL_PLACEMENT else None
    if data["to"] is ProposalStatus.PLACED and start and began and start <= began:
        text = Text("Het contract begint na het begin van de proef.", "The contract starts after the trial began.")
        yield FieldError("before-the-trial", text, pointer="/startDate")


def _clash(data: Mapping[str, Any], role: ProposalRole, job: Employment | None) -> Iterator[FieldError]:
    """Two jobs at once beyond 48 hours a week. An employer is not told: it knows nothing of the other job."""
    start, hours = data.get("start_date"), data.get("hours")
    if role is ProposalRole.EMPLOYER or job is None or job.hours_per_week is None or start is None or hours is None:
        return
    present = WorkSpell(job.start_date, job.end_date, float(job.hours_per_week))
    if clashes(present, WorkSpell(start, data.get("end_date"), hours)):
        text = Text(
            "Samen met het huidige werk is dat meer dan 48 uur per week. Kies minder uren of een latere dag.",
            "With the present job that is more than 48 hours a week. Choose fewer hours or a later day.",
        )
        yield FieldError("too-many-hours", text, pointer="/hours")
