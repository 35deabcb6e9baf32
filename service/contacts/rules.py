"""Who is the contact for a person's employer today: caseworker, else backup, else team, else desk.

The answer is never empty (rule 5 of docs/domain.md), and tells nothing about a person whose link the employer does
not know of. All functions are pure: the day comes in as a value, taken in Amsterdam.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from service.reference.working_days import is_holiday


class ContactKind(StrEnum):
    """Who answers, nearest first."""

    CASEWORKER = "caseworker"
    BACKUP = "backup"
    TEAM = "team"
    DESK = "desk"


class FallbackReason(StrEnum):
    """Why somebody else than the person's own caseworker answers."""

    ABSENT = "absent"
    DESK = "desk"


class CaseworkerRole(StrEnum):
    """The roles at UWV that can be responsible for a person; statutory titles stay Dutch."""

    ARBEIDSDESKUNDIGE = "arbeidsdeskundige"
    ADVISEUR_INTENSIEVE_DIENSTVERLENING = "adviseur_intensieve_dienstverlening"
    PROCESS_COORDINATOR = "process_coordinator"
    TEAM_SUPPORT = "team_support"


class OfficeOrganisation(StrEnum):
    """How an office divides its work: a caseload per caseworker, or one workload for the team."""

    CASELOAD = "caseload"
    TEAM = "team"


class DisclosureReason(StrEnum):
    """How the employer knows, with the person's knowledge, that UWV is involved."""

    START_AGREEMENT = "start_agreement"
    WAGE_DISPENSATION = "wage_dispensation"
    JOBCOACH_SUBSIDY = "jobcoach_subsidy"
    TRIAL_PLACEMENT = "trial_placement"
    OTHER_WITH_CONSENT = "other_with_consent"


# The other reasons are arrangements that the employer itself took part in; this one rests on the person's word alone.
NEEDS_RECORDED_CONSENT: Final = frozenset({DisclosureReason.OTHER_WITH_CONSENT})


class ConsentMeans(StrEnum):
    """How the person gave a consent that somebody of UWV's side recorded."""

    CONVERSATION = "conversation"
    PHONE = "phone"
    LETTER = "letter"
    EMAIL = "email"


ISO_WEEKDAYS: Final = frozenset(range(1, 8))
OFFICE_DAYS: Final = (1, 2, 3, 4, 5)  # when a team and the desk can be reached
ONE_DAY: Final = timedelta(days=1)


class DisclosureError(StrEnum):
    """What is missing, or too much, in a statement about disclosure."""

    REASON_REQUIRED = "reason-required"
    REASON_NOT_ALLOWED = "reason-not-allowed"
    CONSENT_REQUIRED = "consent-required"
    CONSENT_NOT_ALLOWED = "consent-not-allowed"
    CONSENT_IN_FUTURE = "consent-in-future"
    SINCE_NOT_ALLOWED = "since-not-allowed"
    SINCE_IN_FUTURE = "in-the-future"
    SINCE_BEFORE_START = "before-start"


def disclosure_error(
    disclosed: bool,
    reason: DisclosureReason | None,
    consent_on: date | None,
    consent_means: ConsentMeans | None,
    today: date,
) -> DisclosureError | None:
    """What is wrong with this statement; None when it can be recorded.

    Disclosed needs a reason, undisclosed has none. A reason that rests on the person's word alone needs the consent,
    with its day and means; the others have none.
    """
    if not disclosed:
        if reason is not None:
            return DisclosureError.REASON_NOT_ALLOWED
    elif reason is None:
        return DisclosureError.REASON_REQUIRED
    if reason not in NEEDS_RECORDED_CONSENT:
        given = consent_on is not None or consent_means is not None
        return DisclosureError.CONSENT_NOT_ALLOWED if given else None
    if consent_on is None or consent_means is None:
        return DisclosureError.CONSENT_REQUIRED
    return DisclosureError.CONSENT_IN_FUTURE if consent_on > today else None


def disclosed_since_error(disclosed: bool, since: date, first_day: date, today: date) -> DisclosureError | None:
    """What is wrong with the day since which an employer knows: from `first_day` up to today, of a disclosed link."""
    if not disclosed:
        return DisclosureError.SINCE_NOT_ALLOWED
    if since > today:
        return DisclosureError.SINCE_IN_FUTURE
    return DisclosureError.SINCE_BEFORE_START if since < first_day else None


# --- Presence ---------------------------------------------------------------------------------------------------


class Absence(NamedTuple):
    """Days on which somebody is away, first and last included; `last` None: until further notice."""

    first: date
    last: date | None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


class CaseworkerFacts(NamedTuple):
    """What the choice needs to know of a caseworker: ISO weekdays (1 Monday … 7 Sunday) and the absence, if any."""

    working_days: Set[int] = ISO_WEEKDAYS
    absence: Absence | None = None

    def absent_on(self, day: date) -> bool:
        """Whether an absence covers the day. A day that is merely not one of her working days is no absence."""
        return self.absence is not None and self.absence.covers(day)


def told_too_late(first_day: date, planned: bool, today: date) -> bool:
    """Whether an absence that is reported today begins too early: only a sudden one can have begun before."""
    return planned and first_day < today


def valid_working_days(days: Set[int]) -> bool:
    """At least one day, and ISO weekdays only (1 Monday … 7 Sunday)."""
    return bool(days) and days <= ISO_WEEKDAYS


def works_on(day: date, caseworker: CaseworkerFacts) -> bool:
    """Whether she can be reached on this day: one of her working days, and not absent. Holidays are not looked at."""
    return day.isoweekday() in caseworker.working_days and not caseworker.absent_on(day)


def absence_on(day: date, absences: Iterable[Absence]) -> Absence | None:
    """The whole time away around `day`: absences that overlap or follow each other at once are one.

    None where no absence covers the day. So a holiday that sick leave prolongs is told with its true last day.
    """
    whole: Absence | None = None
    for absence in sorted(absences, key=lambda each: each.first):
        if whole is not None and (whole.last is None or absence.first - whole.last <= ONE_DAY):
            last = None if whole.last is None or absence.last is None else max(whole.last, absence.last)
            whole = Absence(whole.first, last)
        elif absence.first > day:
            break
        else:
            if whole is not None and whole.covers(day):
                break
            whole = absence
    return whole if whole is not None and whole.covers(day) else None


def reachable_on(day: date, working_days: Collection[int], absences: Collection[Absence] = ()) -> date | None:
    """The first day from `day` on, that day included, on which somebody can be reached.

    One of her working days (ISO weekdays), no holiday on which offices are closed, and not away. None when she is away
    until further notice, or for longer than the calendar goes.
    """
    while working_days:
        away = absence_on(day, absences) if absences else None
        if away is None and day.isoweekday() in working_days and not is_holiday(day):
            return day
        last = day if away is None else away.last
        if last is None or last == date.max:
            return None
        day = last + ONE_DAY
    return None


def handover_due(absence_from: date, today: date, after_days: int) -> bool:
    """Whether an absence has lasted so long that the work must be handed over.

    True from `after_days` calendar days (1 or more) after the first day of the absence (rule 7 of docs/domain.md:
    few changes, and a warm handover when there is one).
    """
    return (today - absence_from).days >= after_days


# --- The choice -------------------------------------------------------------------------------------------------


class ContactChoice(NamedTuple):
    """Who answers today.

    `absent_until` is the last day on which the person's own caseworker is away (None: not away, or no last day
    known). `names_backup`: the answer names the backup beside the caseworker.
    """

    kind: ContactKind
    fallback_reason: FallbackReason | None = None
    absent_until: date | None = None
    names_backup: bool = False


# One value for every case in which the desk answers: nothing in it tells one case from another.
DESK_ANSWER: Final = ContactChoice(ContactKind.DESK, FallbackReason.DESK)


def choose_contact(
    day: date,
    *,
    disclosed: bool,
    caseworker: CaseworkerFacts | None = None,
    backup: CaseworkerFacts | None = None,
    team: bool = False,
) -> ContactChoice:
    """Who is the contact on `day` (rules 5 and 6 of docs/domain.md); never empty.

    Caseworker, else backup, else team, else desk. Only an absence moves the question on; somebody who does not work
    on this weekday stays the contact. Where no caseworker is assigned (an office that works by team) the backup or
    team is the regular contact and there is no fallback reason. A link that is undisclosed, or that is not there
    (`disclosed` False), gives the desk, whatever the other facts: those two cases must look the same.
    """
    if not disclosed:
        return DESK_ANSWER
    if caseworker is not None and not caseworker.absent_on(day):
        return ContactChoice(ContactKind.CASEWORKER, names_backup=backup is not None)
    reason, until = None, None
    if caseworker is not None and caseworker.absence is not None:
        reason, until = FallbackReason.ABSENT, caseworker.absence.last
    if backup is not None and not backup.absent_on(day):
        return ContactChoice(ContactKind.BACKUP, reason, until)
    if team:
        return ContactChoice(ContactKind.TEAM, reason, until)
    return DESK_ANSWER


# --- What is told -----------------------------------------------------------------------------------------------


class Change(StrEnum):
    """What is told of a person's contact."""

    ASSIGNED = "assigned"
    CHANGED = "changed"
    ABSENT = "absent"
    UPCOMING = "upcoming"


class Standing(NamedTuple):
    """What those concerned know, or should know, of a person's contact.

    `regular_id` is the caseworker or team responsible (None: nobody), `answering_id` who answers today (None: the
    desk), `away` whether the regular contact is absent, `reach` a digest of names and ways to reach them, and the
    upcoming change a day and who it will be.
    """

    regular_id: str | None = None
    answering_id: str | None = None
    away: bool = False
    reach: str = ""
    upcoming_from: date | None = None
    upcoming_id: str | None = None


NOTHING_TOLD: Final = Standing()
LONG_ABSENCE_DAYS: Final = 7  # from here on the person hears of it, not only the systems


def what_changed(told: Standing, now: Standing) -> Change | None:
    """The one thing to tell, however much differs: whoever hears it reads the answer anew (docs/domain.md, rule 7)."""
    if told == now:
        return None
    if told.regular_id != now.regular_id:
        return Change.ASSIGNED if told.regular_id is None else Change.CHANGED
    if now.away and not told.away:
        return Change.ABSENT
    if told._replace(upcoming_from=None, upcoming_id=None) != now._replace(upcoming_from=None, upcoming_id=None):
        return Change.CHANGED
    return Change.UPCOMING


def person_hears(told: Standing, now: Standing, today: date, away_until: date | None) -> bool:
    """Whether the person gets a mail of this change: not twice of the same one, and not of a few days away.

    A new contact who was announced is not told again on the day itself. `away_until` is the last day of the absence,
    if it is known.
    """
    if told.regular_id != now.regular_id:
        return told.upcoming_from is None or told.upcoming_id != now.regular_id
    if now.away and not told.away:
        return away_until is None or (away_until - today).days >= LONG_ABSENCE_DAYS
    if (told.upcoming_from, told.upcoming_id) != (now.upcoming_from, now.upcoming_id):
        return True
    return not (told.away or now.away)


class Staff(NamedTuple):
    """Who is responsible: a caseworker or a team, with a backup or none. All None: nobody."""

    caseworker_id: str | None
    team_id: str | None
    backup_id: str | None

    @property
    def is_nobody(self) -> bool:
        return self.caseworker_id is None and self.team_id is None

    @property
    def regular_id(self) -> str | None:
        """The caseworker, or the team where there is no caseworker; None: nobody."""
        return self.caseworker_id or self.team_id


class Writing(StrEnum):
    """What a statement of who is responsible does to the history of a person."""

    MADE = "made"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


def writing(history: Iterable[tuple[date, Staff]], valid_from: date, staff: Staff) -> Writing:
    """What becomes of `staff` from `valid_from` on, given the starts that there are.

    The same people as are responsible on that day already change nothing, nor does ending what nobody began. Another
    start on the very day is replaced: one day has one start.
    """
    starts = [each for each in history if each[0] <= valid_from]
    began, in_force = max(starts, key=lambda each: each[0]) if starts else (None, None)
    if in_force == staff or (in_force is None and staff.is_nobody):
        return Writing.UNCHANGED
    return Writing.REPLACED if began == valid_from else Writing.MADE


def days_of_change(history: Iterable[tuple[date, Staff]]) -> list[date]:
    """On which days a person came to another caseworker or team (rule 7 of docs/domain.md: few changes of contact).

    The first contact is no change, nor is an end, nor the same contact again, also with another backup.
    """
    days, last = [], None
    for day, staff in sorted(history, key=lambda each: each[0]):
        if staff.regular_id is None:
            continue
        if last is not None and staff.regular_id != last:
            days.append(day)
        last = staff.regular_id
    return days


def changes_in_year(history: Iterable[tuple[date, Staff]], day: date) -> int:
    """How many changes of contact there were in the calendar year of `day`, up to and including that day."""
    return sum(each.year == day.year and each <= day for each in days_of_change(history))
