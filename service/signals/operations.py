"""What can be done with contract-end signals; for the routes and for the rooms above."""

from __future__ import annotations

from service.signals.handling import change_signal, move_signal
from service.signals.placements import (
    FreedJob,
    decided_end,
    end_trial,
    freed_by,
    link_vacancy,
    record_placement,
    signals_numbered,
)
from service.signals.plans.operations import get_plan, record_plan
from service.signals.profiles.operations import get_handover_profile, record_handover_profile
from service.signals.reading import get_signal, get_timeline, list_history, list_signals
from service.signals.reporting import report_signal

__all__ = [
    "FreedJob",
    "change_signal",
    "decided_end",
    "end_trial",
    "freed_by",
    "get_handover_profile",
    "get_plan",
    "get_signal",
    "get_timeline",
    "link_vacancy",
    "list_history",
    "list_signals",
    "move_signal",
    "record_handover_profile",
    "record_placement",
    "record_plan",
    "report_signal",
    "signals_numbered",
]
