"""What is handed over and what the person says beside it: codes about work, no free text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import validates_schema

from service.contacts.rules import ConsentMeans
from service.kernel.fields import Boolean, Code, Date, Id, List, Nested, Number, String, fail_field
from service.kernel.schemas import Schema, View
from service.reference.work_codes import WorkCondition, WorkDemand
from service.signals.profiles.rules import HandedOverBy, Opinion, Topic, WayToWork, hours_fit
from service.signals.rules import EndReason

_TASKS: Final = {"description": "Demands of work that went well"}
_HELPS: Final = {"description": "Conditions of work that helped"}
_HOURS: Final = {"description": "Hours a week that were held well; the most, where they varied"}
_LEAST: Final = {"description": "The least that was held well in a week, where it varied; goes with `hoursHeld`"}
_MISSING: Final = {
    "description": "Conditions of work that this workplace did not have. About the place, not the person"
}
_GROWTH: Final = {"description": "What the employee said at work to want more of"}
_CAME_BY: Final = {"description": "How the employee came to this workplace"}
_WANTS_MAX: Final = {"description": "Hours a week that the person wants now; `wantsHoursMin` goes with it"}
_NOT_NOW: Final = {"description": "The person needs time first"}
_REASON: Final = {
    "description": "The reason in the person's own words, as a category, where it is not the one that is stated"
}
_PHASE: Final = {"description": "The person says that the end is not in doubt, or not decided, as is stated"}
_OPINIONS: Final = {"description": "What the person thinks of what the employer handed over, by topic"}
_TOLD_ON: Final = {"description": "The day on which the person said this"}


class _WorkBody(Schema):
    tasks_done_well = List(Code(WorkDemand), required=True, maximum=30, unique=True, metadata=_TASKS)
    hours_held = Number(minimum=0, maximum=80, allow_none=True, load_default=None, metadata=_HOURS)
    hours_held_min = Number(minimum=0, maximum=80, allow_none=True, load_default=None, metadata=_LEAST)
    what_helps = List(Code(WorkCondition), required=True, maximum=30, unique=True, metadata=_HELPS)
    what_was_missing = List(Code(WorkCondition), load_default=list, maximum=30, unique=True, metadata=_MISSING)
    growth_wishes = List(Code(WorkDemand), load_default=list, maximum=30, unique=True, metadata=_GROWTH)
    came_by = List(Code(WayToWork), load_default=list, maximum=5, unique=True, metadata=_CAME_BY)

    @validates_schema
    def _hours(self, data: Mapping[str, Any], **_: Any) -> None:
        if not hours_fit(data["hours_held_min"], data["hours_held"]):
            _not_in_order("hoursHeldMin")


def _not_in_order(name: str) -> None:
    fail_field(
        name,
        "not-in-order",
        "Dit hoort bij een hoogste aantal uren, en is niet meer dan dat.",
        "This goes with a highest number of hours, and is not above it.",
    )


class _WorkView(View):
    tasks_done_well = List(Code(WorkDemand), required=True, maximum=30, metadata=_TASKS)
    hours_held = Number(minimum=0, maximum=80, required=True, allow_none=True, metadata=_HOURS)
    hours_held_min = Number(minimum=0, maximum=80, required=True, allow_none=True, metadata=_LEAST)
    what_helps = List(Code(WorkCondition), required=True, maximum=30, metadata=_HELPS)
    what_was_missing = List(Code(WorkCondition), required=True, maximum=30, metadata=_MISSING)
    growth_wishes = List(Code(WorkDemand), required=True, maximum=30, metadata=_GROWTH)
    came_by = List(Code(WayToWork), required=True, maximum=5, metadata=_CAME_BY)


class HandoverProfileBody(_WorkBody):
    pass


class HandoverProfileQuery(Schema):
    by = Code(
        HandedOverBy,
        metadata={"description": "Whose, for UWV's side; if nothing is said the employer's. Others read their own"},
    )


class HandoverProfileView(_WorkView):
    signal_id = Id(required=True)
    certified_employer = Boolean(
        required=True, metadata={"description": "It came from an employer with a valid PSO certificate"}
    )
    given_on = Date(required=True)


class OpinionBody(Schema):
    topic = Code(Topic, required=True)
    opinion = Code(Opinion, required=True)


class OpinionView(View):
    topic = Code(Topic, required=True)
    opinion = Code(Opinion, required=True)


class OwnViewBody(_WorkBody):
    tasks_done_well = List(Code(WorkDemand), load_default=list, maximum=30, unique=True, metadata=_TASKS)
    what_helps = List(Code(WorkCondition), load_default=list, maximum=30, unique=True, metadata=_HELPS)
    opinions = List(Nested(OpinionBody), load_default=list, maximum=5, metadata=_OPINIONS)
    wants_hours_min = Number(minimum=0, maximum=80, allow_none=True, load_default=None)
    wants_hours_max = Number(minimum=0, maximum=80, allow_none=True, load_default=None, metadata=_WANTS_MAX)
    wants_conditions = List(Code(WorkCondition), load_default=list, maximum=30, unique=True)
    not_now = Boolean(load_default=False, metadata=_NOT_NOW)
    contradicted_reason = Code(EndReason, allow_none=True, load_default=None, metadata=_REASON)
    contradicts_phase = Boolean(load_default=False, metadata=_PHASE)
    told_on = Date(required=True, metadata=_TOLD_ON)
    means = Code(ConsentMeans, required=True, metadata={"description": "How the person said it"})
    caseworker_id = Id(metadata={"description": "Who wrote it down, if not the one responsible"})

    @validates_schema
    def _together(self, data: Mapping[str, Any], **_: Any) -> None:
        if not hours_fit(data["wants_hours_min"], data["wants_hours_max"]):
            _not_in_order("wantsHoursMin")
        topics = [each["topic"] for each in data["opinions"]]
        if len(set(topics)) < len(topics):
            fail_field("opinions", "named-twice", "Hetzelfde onderwerp staat er twee keer in.", "A topic occurs twice.")


class OwnViewView(_WorkView):
    signal_id = Id(required=True)
    opinions = List(Nested(OpinionView), required=True, maximum=5, metadata=_OPINIONS)
    wants_hours_min = Number(minimum=0, maximum=80, required=True, allow_none=True)
    wants_hours_max = Number(minimum=0, maximum=80, required=True, allow_none=True, metadata=_WANTS_MAX)
    wants_conditions = List(Code(WorkCondition), required=True, maximum=30)
    not_now = Boolean(required=True, metadata=_NOT_NOW)
    contradicted_reason = Code(EndReason, required=True, allow_none=True, metadata=_REASON)
    contradicts_phase = Boolean(required=True, metadata=_PHASE)
    told_on = Date(required=True, metadata=_TOLD_ON)
    means = Code(ConsentMeans, required=True)
    recorded_by = String(required=True, metadata={"description": "Who wrote it down"})
    recorded_on = Date(required=True)


class ProfileAskedView(View):
    """Whether the employer was asked for what it knows, and when it gave that."""

    asked_on = Date(
        required=True, allow_none=True, metadata={"description": "Asked once, when you say that the end is decided"}
    )
    given_on = Date(required=True, allow_none=True)


class ContradictionView(View):
    """What the person says of a statement; who stated it does not read this."""

    reason = Code(EndReason, required=True, allow_none=True, metadata=_REASON)
    phase = Boolean(required=True, metadata=_PHASE)
    told_on = Date(required=True, metadata=_TOLD_ON)
    means = Code(ConsentMeans, required=True)
