"""What the register asks back: who is missing, where wages stopped, and what an answer does."""

from __future__ import annotations

import pytest
from sqlalchemy import event, insert, select, update

from service.access.models import AccessEntry
from service.delivery.models import Event
from service.employers.models import Employment
from service.employers.questions import operations, part
from service.employers.questions.full_lists import REMARKS, doubt
from service.employers.questions.rules import Suspicion
from service.kernel.ids import new_id
from service.kernel.imports.models import ImportJob
from service.people import operations as people
from tests.employers.questions_kit import Asking
from tests.support.house import House
from tests.support.made import BSNS, employer_in, employment_body, establishment_of


@pytest.fixture
def world(house: House) -> Asking:
    return Asking(house)


# --- Who is missing -------------------------------------------------------------------------------------------------


def test_who_is_missing_is_a_question_and_no_end(world: Asking) -> None:
    job_id = new_id()
    gone = world.employment(reference="HR-1", employeeNumber="P1")
    before = world.read(gone)
    assert world.missing(gone, job_id=job_id) == 1
    assert world.read(gone) == before
    [asked] = world.questions()
    assert asked.pop("question").startswith("Deze werknemer staat niet meer in uw volledige lijst.")
    assert asked == {
        "id": asked["id"],
        "employerId": world.employer.id,
        "employmentId": gone,
        "reference": "HR-1",
        "employeeNumber": "P1",
        "kind": "missing",
        "importId": job_id,
        "lastWageMonth": None,
        "proposedEndDate": None,
        "status": "open",
        "askedAt": "2026-11-23T09:00:00.000Z",
        "answerBy": "2026-12-07",
        "late": False,
        "answer": None,
        "endDate": None,
        "answeredAt": None,
        "lapsedAt": None,
        "lapsedBecause": None,
        "quietUntil": None,
    }
    assert world.missing(gone) == 0
    assert world.events() == ["asked"]
    with world.house.database.reading() as uow:
        [told] = uow.session.scalars(select(Event).where(Event.type == "employment-question.asked"))
        assert told.subject == f"employment-questions/{asked['id']}"
        assert told.data == {
            "questionId": asked["id"],
            "employmentId": gone,
            "kind": "missing",
            "status": "open",
        }
        actions = list(uow.session.scalars(select(AccessEntry.action).where(AccessEntry.resource == told.subject)))
    assert actions == ["employment-question.read"]


def test_only_those_that_run_today_and_are_this_employers(world: Asking, house: House) -> None:
    over = world.employment(contractType="fixed_term", endDate="2026-11-22")
    last_day = world.employment(contractType="fixed_term", endDate="2026-11-23")
    future = world.employment(startDate="2026-11-24")
    other = employer_in(house, "Waddenwind")
    foreign = other.post("/employments", employment_body(establishment_of(other))).get_json()["id"]
    assert world.missing(over, last_day, future, foreign, new_id()) == 1
    assert [asked["employmentId"] for asked in world.questions()] == [last_day]
    assert other.get("/employment-questions").get_json()["items"] == []
    address = f"/employment-questions/{world.questions()[0]['id']}"
    assert (other.get(address).status_code, world.desk.get(address).status_code) == (404, 200)
    refused = other.post(f"{address}/transitions", {"to": "answered", "answer": "left_out"}, If_Match="*")
    assert refused.status_code == 404


def test_a_list_is_measured_by_the_employments_that_run(world: Asking) -> None:
    for _ in range(9):
        world.employment()
    world.employment(contractType="fixed_term", endDate="2026-11-22")
    world.employment(startDate="2026-11-24")
    with world.house.database.reading() as uow:
        for missing, counts, expected in (
            (9, {}, None),
            (10, {}, Suspicion.MANY_MISSING),
            (1, {"failed": 1}, Suspicion.ROWS_FAILED),
        ):
            assert doubt(uow, ImportJob(party_id=world.employer.id, counts=counts), missing) is expected
    with world.house.database.transaction() as uow:
        uow.execute(update(Employment).values(end_date=None, start_date=uow.today))
        rows = [{"id": new_id()} for _ in range(39)]
        copied = select(Employment.__table__).where(Employment.end_date.is_(None)).limit(1)
        pattern = dict(uow.execute(copied).one()._mapping)
        uow.execute(insert(Employment), [pattern | row for row in rows])
        assert doubt(uow, ImportJob(party_id=world.employer.id, counts={}), 10) is None
        assert doubt(uow, ImportJob(party_id=world.employer.id, counts={}), 11) is Suspicion.MANY_MISSING
    assert REMARKS.keys() == set(Suspicion)


def test_still_employed_is_believed_until_it_is_missing_anew_or_for_ninety_days(world: Asking) -> None:
    named, silent = world.employment(), world.employment()
    world.missing(named, silent)
    for each in (named, silent):
        before = world.read(each)
        answered = world.answer(world.question(each), "still_employed")
        assert answered.status_code == 200
        assert (answered.get_json()["status"], answered.get_json()["quietUntil"]) == ("answered", "2027-02-21")
        assert answered.get_json()["answeredAt"] == "2026-11-23T09:00:00.000Z"
        assert world.read(each) == before
    assert world.missing(named, silent) == 0
    assert world.named(named) == 1
    assert world.named(named) == 0
    assert world.missing(named, silent) == 1
    assert world.question(named)["status"] == "open"
    world.after(days=91)
    assert world.missing(silent) == 1


def test_ended_sets_the_end_date_as_a_change_of_the_employment_does(world: Asking) -> None:
    gone = world.employment()
    world.missing(gone)
    asked, tag = world.question(gone), world.employer.get(f"/employments/{gone}").headers["ETag"]
    without = world.answer(asked, "ended").get_json()["errors"]
    assert [(each["pointer"], each["code"]) for each in without] == [("/endDate", "required")]
    early = world.answer(asked, "ended", endDate="2024-01-01").get_json()["errors"]
    assert [(each["pointer"], each["code"]) for each in early] == [("/endDate", "end-before-start")]
    assert world.read(gone)["endDate"] is None
    answered = world.answer(asked, "ended", endDate="2026-10-31").get_json()
    assert (answered["status"], answered["endDate"], answered["quietUntil"]) == ("answered", "2026-10-31", None)
    assert world.read(gone)["endDate"] == "2026-10-31"
    assert world.employer.get(f"/employments/{gone}").headers["ETag"] != tag
    assert world.missing(gone) == 0
    with world.house.database.reading() as uow:
        [changed] = uow.session.scalars(select(Event).where(Event.type == "employment.changed"))
        assert (changed.subject, changed.subject_version) == (f"employments/{gone}", 2)
    again = world.answer(asked, "still_employed")
    assert (again.status_code, again.get_json()["allowed"]) == (409, [])


def test_an_end_that_is_still_to_come_is_not_asked_about_until_then(world: Asking) -> None:
    leaving = world.employment()
    world.missing(leaving)
    assert world.answer(world.question(leaving), "ended", endDate="2026-12-31").get_json()["quietUntil"] == "2026-12-31"
    world.after(days=20)
    assert world.missing(leaving) == 0


def test_left_out_is_not_asked_about_again_unless_a_file_names_it(world: Asking) -> None:
    left = world.employment(lastWageMonth="2026-11")
    world.missing(left)
    before = world.read(left)
    assert world.answer(world.question(left), "left_out").get_json()["quietUntil"] == "9999-12-31"
    assert world.read(left) == before
    world.after(days=400)
    assert [asked["status"] for asked in world.questions()] == ["answered"]  # nor about its wages
    assert world.missing(left) == 0
    world.named(left)
    assert world.missing(left) == 1


def test_who_is_named_again_is_no_question_any_more(world: Asking) -> None:
    back, gone, never = world.employment(), world.employment(), world.employment()
    world.missing(back, gone)
    world.events()
    assert world.named(back, never) == 1
    assert world.events() == ["lapsed"]
    lapsed = world.question(back)
    assert (lapsed["status"], lapsed["lapsedBecause"]) == ("lapsed", "named_again")
    assert lapsed["lapsedAt"] == "2026-11-23T09:00:00.000Z"
    assert world.question(gone)["status"] == "open"
    assert world.missing(back) == 1


def test_an_answer_needs_the_present_version_and_what_belongs_to_it(world: Asking) -> None:
    gone = world.employment()
    world.missing(gone)
    address = f"/employment-questions/{world.question(gone)['id']}/transitions"
    body = {"to": "answered", "answer": "still_employed"}
    assert world.employer.post(address, body).status_code == 428
    assert world.employer.post(address, body, If_Match='"7-0123456789abcdef"').status_code == 412

    def refusal(**sent: str) -> list[tuple[str, str]]:
        refused = world.employer.post(address, sent, If_Match="*")
        assert refused.status_code == 400
        return [(each["pointer"], each["code"]) for each in refused.get_json()["errors"]]

    assert refusal(to="answered") == [("/answer", "required")]
    assert refusal(to="answered", answer="fired") == [("/answer", "unknown-code")]
    wrong = refusal(to="answered", answer="still_employed", endDate="2026-10-31")
    assert wrong == [("/endDate", "not-with-this-answer")]
    lapse = world.employer.post(address, {"to": "lapsed"}, If_Match="*")
    assert (lapse.status_code, lapse.get_json()["allowed"]) == (409, ["answered"])
    assert world.desk.post(address, body, If_Match="*").status_code == 403


# --- Silence --------------------------------------------------------------------------------------------------------


def test_two_reminders_and_then_the_desk_knows(world: Asking) -> None:
    gone, later = world.employment(), world.employment()
    world.missing(gone)
    world.events()
    world.after(days=6)
    assert world.events() == []
    world.missing(later)
    world.events()
    world.after(days=1)
    assert world.events() == ["reminded"]
    world.after(days=7)
    assert world.events() == ["reminded", "reminded"]
    assert (world.questions(world.desk, late="true"), world.events(world.desk)) == ([], [])
    world.after(days=1)
    assert (world.events(), world.events(world.desk)) == (["late"], ["late"])
    [late] = world.questions(world.desk, late="true")
    assert (late["employmentId"], late["status"], late["late"]) == (gone, "open", True)
    assert [asked["employmentId"] for asked in world.questions(world.desk, late="false")] == [later]
    with world.house.database.reading() as uow:
        late_ones, all_open = (operations.open_questions(day) for day in (uow.today, None))
        assert [row.employment_id for row in uow.session.scalars(late_ones)] == [gone]
        assert [row.employment_id for row in uow.session.scalars(all_open)] == [gone, later]
    world.after(days=300)
    assert world.questions(world.desk, late="true")[0]["employmentId"] == gone
    world.events(world.desk)
    assert world.answer(late, "still_employed").status_code == 200
    assert world.events(world.desk) == ["answered"]  # it knew of the silence


def test_after_a_standstill_of_the_clock_one_step_is_enough(world: Asking) -> None:
    world.missing(world.employment())
    world.events()
    world.after(days=30)
    assert world.events() == ["late"]
    assert world.tick() == 0


def test_the_inbox_goes_by_the_day_of_the_answer(world: Asking) -> None:
    first, second = world.employment(), world.employment()
    world.missing(second)
    world.after(days=1)
    world.missing(first)
    assert [asked["employmentId"] for asked in world.questions()] == [second, first]
    page = world.employer.get("/employment-questions?limit=1").get_json()
    rest = world.employer.get(f"/employment-questions?limit=1&cursor={page['next']}").get_json()
    assert [asked["employmentId"] for asked in [*page["items"], *rest["items"]]] == [second, first]
    assert (rest["next"], world.questions(status="answered"), len(world.questions(kind="missing"))) == (None, [], 2)


def test_an_end_in_the_register_answers_too(world: Asking) -> None:
    told, coming = world.employment(), world.employment()
    world.missing(told, coming)
    world.change(told, endDate="2026-10-31")
    world.change(coming, endDate="2026-11-25")
    world.consume()
    assert (world.question(told)["lapsedBecause"], world.question(coming)["status"]) == ("end_registered", "open")
    world.after(days=2)
    assert world.question(coming)["status"] == "open"
    world.after(days=1)
    assert world.question(coming)["lapsedBecause"] == "end_registered"


# --- Months without wages -------------------------------------------------------------------------------------------


def test_a_month_goes_in_and_comes_back(world: Asking) -> None:
    employment_id = world.employment(lastWageMonth="2026-11")
    assert world.read(employment_id)["lastWageMonth"] == "2026-11"
    world.change(employment_id, lastWageMonth=None)
    assert world.read(employment_id)["lastWageMonth"] is None
    codes = {
        "2026-12": "in-the-future",
        "2026-13": "wrong-form",
        "2026-1": "wrong-form",
        "1900-01": "not-a-real-date",
    }
    for month, code in codes.items():
        refused = world.employer.patch(f"/employments/{employment_id}", {"lastWageMonth": month}, If_Match="*")
        found = [(each["pointer"], each["code"]) for each in refused.get_json()["errors"]]
        assert ("/lastWageMonth", code) in found


def test_wages_that_stopped_are_asked_about_once(world: Asking) -> None:
    stopped, paid = world.employment(lastWageMonth="2026-08"), world.employment(lastWageMonth="2026-09")
    world.employment()
    world.employment(lastWageMonth="2026-06", endDate="2027-06-30", contractType="fixed_term")
    world.tick()
    assert world.questions() == []
    world.after(days=8)  # 1 December: three whole months after August
    [asked] = world.questions()
    assert (asked["employmentId"], asked["kind"], asked["importId"]) == (stopped, "no_wages", None)
    assert (asked["lastWageMonth"], asked["proposedEndDate"]) == ("2026-08", "2026-08-31")
    assert asked["question"] == (
        "Na augustus 2026 is er geen loon meer voor deze werknemer. Is het dienstverband geëindigd op 31 augustus 2026?"
    )
    english = world.employer.get(f"/employment-questions/{asked['id']}", Accept_Language="en").get_json()
    assert english["question"] == (
        "There are no wages for this employee after 2026-08. Did the employment end on 2026-08-31?"
    )
    assert world.read(stopped)["endDate"] is None
    answered = world.answer(asked, "ended").get_json()
    assert (answered["endDate"], world.read(stopped)["endDate"]) == ("2026-08-31", "2026-08-31")
    world.after(days=31)
    assert world.question(paid)["lastWageMonth"] == "2026-09"


def test_unpaid_leave_is_asked_about_again_after_ninety_days_or_when_wages_stop_anew(world: Asking) -> None:
    leave, back = world.employment(lastWageMonth="2026-07"), world.employment(lastWageMonth="2026-07")
    world.tick()
    for each in (leave, back):
        world.answer(world.question(each), "still_employed")
    world.change(back, lastWageMonth="2026-11")
    world.after(days=90)
    assert {asked["status"] for asked in world.questions()} == {"answered"}
    world.after(days=1)
    assert (world.question(leave)["status"], world.question(back)["status"]) == ("open", "answered")
    world.after(days=40)  # 3 April: November is over for three whole months
    assert (world.question(back)["status"], world.question(back)["lastWageMonth"]) == ("open", "2026-11")


def test_wages_again_or_an_end_are_an_answer(world: Asking) -> None:
    paid, ending = world.employment(lastWageMonth="2026-07"), world.employment(lastWageMonth="2026-07")
    world.tick()
    world.change(paid, lastWageMonth="2026-10")
    world.change(ending, endDate="2027-01-31")
    world.consume()
    assert world.question(paid)["lapsedBecause"] == "wages_changed"
    assert world.question(ending)["lapsedBecause"] == "end_registered"


def test_nobody_is_asked_two_things_at_once_and_left_out_is_for_both(world: Asking) -> None:
    gone = world.employment(lastWageMonth="2026-07")
    world.missing(gone)
    assert world.tick() == 0
    world.named(gone)
    assert world.tick() == 0  # once a day is enough
    world.after(days=1)
    assert world.question(gone)["kind"] == "no_wages"
    world.missing(gone)
    by_kind = {asked["kind"]: asked for asked in world.questions(status="open")}
    assert by_kind.keys() == {"missing", "no_wages"}
    world.answer(by_kind["no_wages"], "left_out")
    assert world.question(gone)["lapsedBecause"] == "left_out"
    world.named(gone)
    world.after(days=100)
    assert (world.question(gone)["status"], world.missing(gone)) == ("lapsed", 0)


def test_who_began_after_the_wages_stopped_gets_time_and_no_proposal(world: Asking) -> None:
    renewed = world.employment(startDate="2026-09-01", lastWageMonth="2026-07")
    world.tick()
    assert world.questions() == []
    world.after(days=8)
    asked = world.question(renewed)
    assert (asked["proposedEndDate"], asked["question"]) == (
        None,
        "Na juli 2026 is er geen loon meer voor deze werknemer. Is het dienstverband geëindigd?",
    )
    assert world.answer(asked, "ended").get_json()["errors"][0]["pointer"] == "/endDate"


def test_an_employer_that_stops_sending_months_is_not_asked_about_everybody(world: Asking) -> None:
    silent = [world.employment(lastWageMonth="2026-07") for _ in range(10)]
    for _ in range(39):
        world.employment(lastWageMonth="2026-11")
    assert (world.tick(), world.questions()) == (0, [])
    world.employment(lastWageMonth="2026-11")
    world.after(days=1)
    assert sorted(asked["employmentId"] for asked in world.questions()) == sorted(silent)


# --- The same for everybody -----------------------------------------------------------------------------------------


def test_nothing_depends_on_whether_uwv_knows_the_person(world: Asking) -> None:
    client, stranger = (world.employment(bsn=bsn, lastWageMonth="2026-07") for bsn in BSNS[:2])
    with world.house.database.transaction() as uow:
        people.find_or_create(uow, people.Identity(bsn=BSNS[0]), is_client=True)

    def shown(employment_id: str) -> dict[str, object]:
        own = world.question(employment_id)
        tag = world.employer.get(f"/employment-questions/{own['id']}").headers["ETag"].partition("-")[0]
        return {name: value for name, value in own.items() if name not in ("id", "employmentId")} | {"tag": tag}

    world.tick()
    assert shown(client) == shown(stranger)
    world.after(days=40)
    assert shown(client) == shown(stranger)
    for each in (client, stranger):
        world.answer(world.question(each), "left_out")
    assert shown(client) == shown(stranger)


def test_a_person_reads_what_was_asked_and_the_rows_go_after_a_year(world: Asking) -> None:
    gone, left = world.employment(bsn=BSNS[0]), world.employment()
    world.missing(gone, left)
    world.answer(world.question(gone), "ended", endDate="2026-10-31")
    world.answer(world.question(left), "left_out")
    with world.house.database.reading() as uow:
        person_id = uow.execute(select(Employment.person_id).where(Employment.id == gone)).scalar_one()
        [told] = part.export(uow, str(person_id))["employmentQuestions"]
    assert (told["kind"], told["answer"], str(told["endDate"])) == ("missing", "ended", "2026-10-31")
    world.house.clock.advance(days=364)
    with world.house.database.transaction() as uow:
        assert part.forget(uow) == 0
    world.house.clock.advance(days=1)
    with world.house.database.transaction() as uow:
        assert part.forget(uow) == 1
        assert part.forget(uow) == 0
    assert world.missing(left) == 0  # what keeps us from asking is not forgotten


def test_where_nothing_changes_naming_costs_one_look_up(world: Asking) -> None:
    named = [world.employment() for _ in range(3)]
    statements: list[str] = []
    with world.house.database.transaction() as uow:
        event.listen(world.house.database.engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
        assert operations.named_again(uow, []) == 0
        assert operations.ask_missing(uow, world.employer.id, [], None) == 0
    assert [each for each in statements if "employment" in each] == []
    with world.house.database.transaction() as uow:
        operations.named_again(uow, named)
    assert len([each for each in statements if "employment_question" in each]) == 1
