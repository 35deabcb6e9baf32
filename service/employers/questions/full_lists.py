"""A full list is looked at as a whole before anybody is asked about whom it leaves out."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, or_, select

from service.employers.models import Employment
from service.employers.questions.rules import Suspicion, suspicion
from service.kernel.database import UnitOfWork
from service.kernel.imports.models import ImportJob, Outcome
from service.kernel.text import Text

REMARKS: Final[dict[Suspicion, Text]] = {
    Suspicion.ROWS_FAILED: Text(
        "Er zitten fouten in het bestand. Daarom vragen we niet naar wie er ontbreekt. "
        "Verbeter de fouten en stuur het bestand opnieuw.",
        "There are errors in the file. So we do not ask about who is missing. Mend them and send the file again.",
    ),
    Suspicion.MANY_MISSING: Text(
        "In het bestand ontbreken veel dienstverbanden. Daarom vragen we er niet een voor een naar. "
        "Is het bestand compleet?",
        "Many employments are missing from the file. So we do not ask about each of them. Is the file complete?",
    ),
}


def doubt(uow: UnitOfWork, job: ImportJob, missing: int) -> Suspicion | None:
    """Why the employer is not asked about each of so many that this full list does not name (`REMARKS` says it in
    words); None: it is, by `ask_missing`. For an import that is no dry run."""
    running = select(func.count()).where(
        Employment.employer_id == job.party_id,
        Employment.start_date <= uow.today,
        or_(Employment.end_date.is_(None), Employment.end_date >= uow.today),
    )
    total = uow.session.scalar(running) or 0
    return suspicion(missing, total, job.counts.get(Outcome.FAILED.value, 0))
