"""Second tracks over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.kernel.schemas import Page
from service.signals.second_track import operations
from service.signals.second_track.schemas import (
    SecondTrackBody,
    SecondTrackChange,
    SecondTrackHandlingView,
    SecondTrackPage,
    SecondTrackQuery,
    SecondTrackStepPage,
    SecondTrackTransition,
    SecondTrackView,
)

second_tracks = Routes("Second tracks", "Work at another employer during long sick leave: the days that matter.")

_ONE = "/second-tracks/{id}"


@second_tracks.get("/second-tracks", scope="second-tracks:read", query=SecondTrackQuery, response=SecondTrackPage)
def list_second_tracks(call: Call) -> Any:
    """The second tracks that you may see

    An employer sees those that it reported, UWV those of its clients, the desk all.
    """
    return operations.list_second_tracks(call.uow, call.actor, call.query)


@second_tracks.post(
    "/second-tracks",
    scope="second-tracks:report",
    body=SecondTrackBody,
    response=SecondTrackView,
    status=201,
    location=_ONE,
)
def report_second_track(call: Call) -> Any:
    """Report a second track

    The answer says by when somebody takes it up, and which days matter. An employment has one live second track: a
    second report is a 409 with the address of the first. Never send anything about health.
    """
    return operations.report_second_track(call.uow, call.actor, call.body)


@second_tracks.get(_ONE, scope="second-tracks:read", response=SecondTrackView)
def get_second_track(call: Call) -> Any:
    """One second track with its milestones"""
    return operations.get_second_track(call.uow, call.actor, call.id)


@second_tracks.patch(_ONE, scope="second-tracks:report", body=SecondTrackChange, response=SecondTrackView)
def change_second_track(call: Call) -> Any:
    """Change what you reported

    When the end of the waiting period moves, the milestones move with it.
    """
    return operations.change_second_track(call.uow, call.actor, call.id, call.body, call.expected)


@second_tracks.post(
    _ONE + "/transitions",
    scope="second-tracks:write",
    body=SecondTrackTransition,
    response=SecondTrackView,
    if_match=True,
)
def move_second_track(call: Call) -> Any:
    """Move a second track on

    UWV's side takes it up, guides and closes it; the employer closes it with an outcome, or withdraws it.
    """
    return operations.move_second_track(call.uow, call.actor, call.id, call.body, call.expected)


@second_tracks.get(_ONE + "/history", scope="second-tracks:read", query=Page, response=SecondTrackStepPage)
def list_second_track_history(call: Call) -> Any:
    """What happened, as far as it is yours to read"""
    return operations.list_history(call.uow, call.actor, call.id, call.query)


@second_tracks.get(_ONE + "/handling", scope="second-tracks:handle", response=SecondTrackHandlingView)
def get_second_track_handling(call: Call) -> Any:
    """Who answers for it behind the counter"""
    return operations.get_handling(call.uow, call.actor, call.id)
