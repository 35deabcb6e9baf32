"""Start agreements: what is agreed at the beginning of a job, before there is trouble (rule 14 of docs/domain.md).

Who does what, whom to reach, what the person consents to and when to look back. One record, which each party reads in
its own view. Nothing here is free text, and nothing speaks of a benefit or a service.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

Content = Mapping[str, Any]
"""What was agreed, as it is kept: days as text, codes as text; see `agreed`."""


class AgreementRole(StrEnum):
    """Who takes part in a start agreement."""

    EMPLOYEE = "employee"
    EMPLOYER = "employer"
    JOBCOACH = "jobcoach"
    CASEWORKER = "caseworker"


class AgreementTask(StrEnum):
    """What somebody sees to. The list is our own, and speaks of work and contact only."""

    FIRST_CONTACT_AT_WORK = "first_contact_at_work"
    DAILY_GUIDANCE = "daily_guidance"
    JOBCOACHING = "jobcoaching"
    WORKPLACE_ADJUSTMENTS = "workplace_adjustments"
    SCHEDULE_AND_HOURS = "schedule_and_hours"
    REPORTS_CHANGES = "reports_changes"
    CONTACT_WITH_UWV = "contact_with_uwv"
    PLANS_EVALUATIONS = "plans_evaluations"
    WARNS_EARLY = "warns_early"
    DEVELOPMENT = "development"


class ContactFunction(StrEnum):
    """What the employer's own contact is: its function and not its name."""

    OWNER = "owner"
    MANAGER = "manager"
    SUPERVISOR = "supervisor"
    HR = "hr"
    INTERNAL_JOBCOACH = "internal_jobcoach"


class ConsentSubject(StrEnum):
    """What the person is asked to agree to."""

    CONTACT_EMPLOYER = "contact_employer"
    SHARE_WITH_JOBCOACH = "share_with_jobcoach"
    SHARE_PROFILE_WITH_WSP = "share_profile_with_wsp"
    SHARE_PROFILE_WITH_MOBILITY_POOL = "share_profile_with_mobility_pool"


class ConsentAnswer(StrEnum):
    GRANTED = "granted"
    REFUSED = "refused"


class Reader(StrEnum):
    """Whose view of an agreement it is."""

    UWV_SIDE = "uwv_side"
    JOBCOACH = "jobcoach"
    EMPLOYER = "employer"


# The employer reads only what concerns it: whether UWV may contact it about the job (rule 1 of docs/domain.md).
CONSENTS_SEEN: Final[Mapping[Reader, Collection[ConsentSubject]]] = {
    Reader.UWV_SIDE: tuple(ConsentSubject),
    Reader.JOBCOACH: (ConsentSubject.CONTACT_EMPLOYER, ConsentSubject.SHARE_WITH_JOBCOACH),
    Reader.EMPLOYER: (ConsentSubject.CONTACT_EMPLOYER,),
}


class AgreementError(StrEnum):
    """What is wrong with an agreement."""

    IN_THE_FUTURE = "in-the-future"
    NOT_A_PARTICIPANT = "not-a-participant"
    EMPLOYEE_MISSING = "employee-missing"
    TASK_TWICE = "task-twice"
    BEFORE_AGREEMENT = "before-agreement"


class Found(NamedTuple):
    """An error and where it is: the path in what was agreed."""

    error: AgreementError
    path: tuple[str | int, ...]


_NOTHING: Final[Content] = {
    "jobcoach_organisation_id": None,
    "roles": [],
    "contacts": {},
    "consents": {},
    "evaluations": [],
}


def agreed(before: Content, change: Mapping[str, Any], recorded_by: str) -> dict[str, Any]:
    """What holds after a change, in the form in which it is kept.

    `change` has days as dates. Contacts and consents are changed one by one, all else comes whole. A consent that is
    stated anew is noted as recorded by `recorded_by`.
    """
    after: dict[str, Any] = {**_NOTHING, **before}
    for name in ("jobcoach_organisation_id", "roles"):
        after[name] = change.get(name, after[name])
    if "agreed_on" in change:
        after["agreed_on"] = change["agreed_on"].isoformat()
    if "participants" in change:
        after["participants"] = [role for role in AgreementRole if role in change["participants"]]
    if "evaluations" in change:
        after["evaluations"] = sorted(day.isoformat() for day in change["evaluations"])
    after["contacts"] = after["contacts"] | change.get("contacts", {})
    after["consents"] = dict(after["consents"])
    for subject, consent in change.get("consents", {}).items():
        stated = {**consent, "on": consent["on"].isoformat()}
        known = after["consents"].get(subject, {})
        if stated != {name: known.get(name) for name in stated}:
            after["consents"][subject] = stated | {"recorded_by": recorded_by}
    return after


def agreement_errors(content: Content, today: date) -> list[Found]:
    """All that is wrong with what was agreed.

    It lies in the past, only who takes part has a task or a contact, each task has one who sees to it, and evaluations
    come after it. No employer takes part without the person: what the employer then knows, it knows with the person's
    knowledge.
    """
    found = []
    day, takes_part = content["agreed_on"], content["participants"]
    if day > today.isoformat():
        found.append(Found(AgreementError.IN_THE_FUTURE, ("agreed_on",)))
    if AgreementRole.EMPLOYER in takes_part and AgreementRole.EMPLOYEE not in takes_part:
        found.append(Found(AgreementError.EMPLOYEE_MISSING, ("participants",)))
    if content["jobcoach_organisation_id"] is not None and AgreementRole.JOBCOACH not in takes_part:
        found.append(Found(AgreementError.NOT_A_PARTICIPANT, ("jobcoach_organisation_id",)))
    tasks = set()
    for index, each in enumerate(content["roles"]):
        if each["role"] not in takes_part:
            found.append(Found(AgreementError.NOT_A_PARTICIPANT, ("roles", index, "role")))
        if each["task"] in tasks:
            found.append(Found(AgreementError.TASK_TWICE, ("roles", index, "task")))
        tasks.add(each["task"])
    for role, contact in content["contacts"].items():
        if contact is not None and role not in takes_part:
            found.append(Found(AgreementError.NOT_A_PARTICIPANT, ("contacts", role)))
    for subject, consent in content["consents"].items():
        if consent["on"] > today.isoformat():
            found.append(Found(AgreementError.IN_THE_FUTURE, ("consents", subject, "on")))
    for index, evaluation in enumerate(content["evaluations"]):
        if evaluation < day:
            found.append(Found(AgreementError.BEFORE_AGREEMENT, ("evaluations", index)))
    return found


def seen_by(reader: Reader, content: Content) -> dict[str, Any]:
    """What this reader may see of what was agreed. The employer reads of a consent what it is, not when and how."""
    consents: dict[str, Any] = {}
    for subject in CONSENTS_SEEN[reader]:
        given = content["consents"].get(subject)
        if given is not None and reader is Reader.EMPLOYER:
            given = {"answer": given["answer"]}
        consents[subject.value] = given
    return {**content, "consents": consents}
