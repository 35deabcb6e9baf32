"""Reassignments as they come in and go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import validates_schema

from service.contacts.reassignments.rules import MOST_PEOPLE, ChosenBy, ReassignmentStatus, ReassignmentWarning
from service.kernel.fields import (
    Boolean,
    Code,
    Date,
    Id,
    Integer,
    List,
    Nested,
    Pattern,
    QueryBoolean,
    String,
    fail_field,
)
from service.kernel.schemas import Page, Schema, View, page_of
from service.people.schemas import WorkText

MOST_TARGETS = 200
MOST_POSTCODES = 4_000


def _postcodes4(**kwargs: Any) -> List:
    area = Pattern(r"[1-9]\d{3}", "9711", minimum=4, maximum=4)
    return List(area, minimum=1, maximum=MOST_POSTCODES, unique=True, **kwargs)


def _one_of(data: Mapping[str, Any], names: Mapping[str, str], where: str) -> None:
    if sum(name in data for name in names) != 1:
        listed = ", ".join(names.values())
        fail_field(where, "one-of", f"Noem precies één van: {listed}.", f"Name exactly one of: {listed}.")


class ReassignmentFrom(Schema):
    """Whose clients, as they will be on the date. Beside `postcodes4`, `officeId` narrows them to its own."""

    caseworker_id = Id(metadata={"description": "All for whom this caseworker is responsible; it may have left"})
    office_id = Id(metadata={"description": "All for whom a caseworker or team of this office is responsible"})
    postcodes4 = _postcodes4(metadata={"description": "All clients who live in these areas"})
    person_ids = List(Id(), minimum=1, maximum=MOST_PEOPLE, unique=True)

    @validates_schema
    def _check(self, data: Mapping[str, Any], **_: Any) -> None:
        by_office = {"office_id"} if "postcodes4" in data else set()
        names = {"caseworker_id": "caseworkerId", "office_id": "officeId", "postcodes4": "postcodes4"}
        chosen = {name: value for name, value in data.items() if name not in by_office}
        _one_of(chosen, names | {"person_ids": "personIds"}, "caseworkerId")


class ReassignmentTarget(Schema):
    """A caseworker or a team. Several of them get even parts, or parts after their `share`."""

    caseworker_id = Id()
    team_id = Id()
    backup_id = Id(metadata={"description": "Left out: each client keeps the backup that it has"})
    share = Integer(minimum=1, maximum=1000, load_default=1, metadata={"description": "A part beside those of others"})
    postcodes4 = _postcodes4(metadata={"description": "Takes only those who live in these areas, before all others"})

    @validates_schema
    def _check(self, data: Mapping[str, Any], **_: Any) -> None:
        _one_of(data, {"caseworker_id": "caseworkerId", "team_id": "teamId"}, "caseworkerId")


class ReassignmentException(Schema):
    """For one of the people: somebody else, a note of its own, or no change at all."""

    person_id = Id(required=True)
    caseworker_id = Id()
    team_id = Id()
    note = WorkText(minimum=1, maximum=2000)
    excluded = Boolean(load_default=False, metadata={"description": "true: nothing changes for this person"})

    @validates_schema
    def _check(self, data: Mapping[str, Any], **_: Any) -> None:
        other = {"caseworker_id", "team_id"} & data.keys()
        if len(other) > 1 or data["excluded"] == bool(other or "note" in data):
            fail_field(
                "excluded",
                "one-of",
                "Zeg wie het wordt, geef een eigen notitie, of sluit de persoon uit.",
                "Say who it will be, give a note of its own, or exclude the person.",
            )


class ReassignmentBody(Schema):
    source = Nested(ReassignmentFrom, data_key="from", required=True)
    targets = List(Nested(ReassignmentTarget), data_key="to", required=True, minimum=1, maximum=MOST_TARGETS)
    on_date = Date(required=True, metadata={"description": "The first day with the new contact: today or later"})
    note = WorkText(
        required=True,
        minimum=1,
        maximum=2000,
        metadata={"description": "The warm handover: what the next contact must know. UWV alone reads it; no BSN"},
    )
    exceptions = List(Nested(ReassignmentException), load_default=list, maximum=MOST_PEOPLE)


class DryRunQuery(Schema):
    dry_run = QueryBoolean(
        load_default=False,
        metadata={"description": "true: nothing is changed; the answer says what would be, with status 200"},
    )


class ReassignmentTransition(Schema):
    to = Code(ReassignmentStatus, required=True, metadata={"description": "`cancelled`, before the date"})


# --- What goes out ----------------------------------------------------------------------------------------------


class ReassignmentFromView(View):
    chosen_by = Code(ChosenBy, required=True)
    caseworker_id = Id(required=True, allow_none=True)
    office_id = Id(required=True, allow_none=True)
    postcodes4 = List(String(), required=True, allow_none=True, maximum=MOST_POSTCODES)


class ReassignmentTargetView(View):
    caseworker_id = Id(required=True, allow_none=True)
    team_id = Id(required=True, allow_none=True)
    people = Integer(minimum=0, maximum=MOST_PEOPLE, required=True)


class ReassignmentWarningView(View):
    code = Code(
        ReassignmentWarning,
        required=True,
        metadata={
            "description": "`changed_recently`: the contact changed not long before. `own_start`: not reassigned, "
            "since an assignment of their own starts on or after that date. `already_there`: nothing to change. "
            "`area_of_nobody`: no target takes their area, so they were divided among all"
        },
    )
    count = Integer(minimum=1, maximum=MOST_PEOPLE, required=True)


class ReassignmentView(View):
    id = Id(required=True)
    status = Code(ReassignmentStatus, required=True)
    on_date = Date(required=True)
    source = Nested(ReassignmentFromView, data_key="from", required=True)
    people = Integer(
        minimum=0,
        maximum=MOST_PEOPLE,
        required=True,
        metadata={"description": "Who gets another contact, as counted when it was made"},
    )
    employers = Integer(
        minimum=0,
        maximum=MOST_PEOPLE,
        required=True,
        metadata={"description": "Employers that are told: of running employments whose link is disclosed"},
    )
    jobcoaches = Integer(
        minimum=0,
        maximum=MOST_PEOPLE,
        required=True,
        metadata={"description": "Jobcoach organisations that are told: of running employments, and confirmed"},
    )
    targets = List(Nested(ReassignmentTargetView), required=True, maximum=2 * MOST_PEOPLE)
    warnings = List(Nested(ReassignmentWarningView), required=True)


class TriedPersonView(View):
    person_id = Id(required=True)
    changes_this_year = Integer(
        minimum=0,
        maximum=MOST_PEOPLE,
        required=True,
        metadata={"description": "Changes of contact in the calendar year of the date, this one included"},
    )
    changed_recently = Boolean(required=True)


class TriedTargetView(ReassignmentTargetView):
    clients = List(Nested(TriedPersonView), required=True, maximum=MOST_PEOPLE)


class ReassignmentTrialView(View):
    """What a reassignment would do."""

    on_date = Date(required=True)
    source = Nested(ReassignmentFromView, data_key="from", required=True)
    people = Integer(minimum=0, maximum=MOST_PEOPLE, required=True)
    employers = Integer(minimum=0, maximum=MOST_PEOPLE, required=True)
    jobcoaches = Integer(minimum=0, maximum=MOST_PEOPLE, required=True)
    targets = List(Nested(TriedTargetView), required=True, maximum=2 * MOST_PEOPLE)
    warnings = List(Nested(ReassignmentWarningView), required=True)


class ReassignmentQuery(Page):
    status = Code(ReassignmentStatus)


ReassignmentPage = page_of(ReassignmentView, "ReassignmentPage")


class StaffView(View):
    caseworker_id = Id(required=True, allow_none=True)
    team_id = Id(required=True, allow_none=True)
    backup_id = Id(required=True, allow_none=True)


class ReassignedPersonView(View):
    person_id = Id(required=True)
    before = Nested(
        StaffView, data_key="from", required=True, allow_none=True, metadata={"description": "null: nobody before"}
    )
    after = Nested(StaffView, data_key="to", required=True)
    changes_this_year = Integer(
        minimum=0,
        maximum=MOST_PEOPLE,
        required=True,
        metadata={"description": "Changes of contact in the calendar year of the date, up to that date"},
    )
    note = String(required=True, allow_none=True)


ReassignedPersonPage = page_of(ReassignedPersonView, "ReassignedPersonPage")
