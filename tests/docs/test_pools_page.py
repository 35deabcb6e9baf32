"""The guide to mobility pools says what the code does: its tables and figures are read and held against the rules."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from service.access.rules import PartyKind
from service.rooms import PERMISSIONS, ROOMS
from service.vacancies.candidates.schemas import CandidateView
from service.vacancies.offers.rules import may_end, may_record_consent
from service.vacancies.offers.schemas import OfferBody
from service.vacancies.pools import coarse
from service.vacancies.pools.coarse import Hidden, Step, shown_at
from service.vacancies.referrals.reasons import AnswerReason
from service.vacancies.referrals.rules import RESPOND_WORKING_DAYS, ReferralReason

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/integrators/pools.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
TODAY = date(2026, 11, 23)
PERIODS = {"–": None, "quarter": 90, "month": 28, "day": 1}


def test_the_steps() -> None:
    rows = {int(row[0]): row[1:] for row in ROWS if row[0].isdigit()}
    assert list(rows) == [int(step) for step in Step]
    for number, (area, period) in rows.items():
        shown = shown_at(Step(number), Hidden("9711", date(2027, 2, 14)), TODAY)
        assert shown.area == {"–": None, "two digits": "97", "four digits": "9711"}[area]
        days = None if shown.period is None else (shown.period.last - shown.period.first).days + 1
        assert days == PERIODS[period]


def test_the_figures() -> None:
    assert f"at least **{coarse.FEWEST}** of those" in PAGE
    assert f"With fewer than {coarse.FEWEST} in all it is step 0" in PAGE
    assert f"a multiple of {coarse.FEWEST}; below {coarse.FEWEST} it is null" in PAGE
    assert f"bands of {coarse.HOURS_BAND} a week" in PAGE
    assert f"rounded up to {coarse.DISTANCE_BAND} km" in PAGE
    assert RESPOND_WORKING_DAYS == 3
    assert "three working days to answer" in PAGE


def test_who_sees_what() -> None:
    paths = {endpoint.path: endpoint.scope for room in ROOMS for routes in room.routes for endpoint in routes.endpoints}
    parties = {row.scope: row.parties for row in PERMISSIONS}
    tables = [row for row in ROWS if row[0].startswith("`/")]
    assert len(tables) == 3
    for what, employer, helper, pool in tables:
        path = re.match(r"`(/[a-z]+)`", what)
        assert path is not None
        holders = parties[paths[f"/mobility-pools/{{id}}{path[1]}"] or ""]
        assert (PartyKind.EMPLOYER in holders) is (employer == "yes")
        assert {PartyKind.WSP, PartyKind.JOBCOACH_ORGANISATION, PartyKind.UWV} <= holders
        assert PartyKind.MOBILITY_POOL in holders
        assert (helper, pool) == ("yes", "yes")


def test_codes_fields_and_events() -> None:
    assert f"`{AnswerReason.MEMBERSHIP_ENDED}`" in PAGE
    assert f"`{ReferralReason.MEMBERSHIP}`" in PAGE
    fields = {field.data_key for field in CandidateView().fields.values()}
    assert {"area", "availablePeriod", "postcode4", "availableFrom", "pausedUntil"} <= fields
    assert {"poolId", "consent"} == {field.data_key for field in OfferBody().fields.values()}
    events = (ROOT / "docs/integrators/events.md").read_text("utf-8")
    assert "`pool-offer.made`, `.ended`" in events


def test_who_records_consent_and_who_takes_it_back() -> None:
    assert {kind for kind in PartyKind if may_record_consent(kind, leads=True, coaches=False)} == {
        PartyKind.UWV,
        PartyKind.JOBCOACH_ORGANISATION,
    }
    for kind in (PartyKind.UWV, PartyKind.DESK):
        assert may_end(kind, leads=False, coaches=False)
    assert may_end(PartyKind.WSP, leads=True, coaches=False)
    assert not may_end(PartyKind.WSP, leads=False, coaches=False)
