"""Things that many tests need, made over HTTP."""

from __future__ import annotations

from itertools import count
from typing import Any

from service.access.rules import PartyKind
from tests.support.house import House, Party

_numbers = count(10_000_000)
BSNS = ("123456782", "111222333", "999990342", "987654329")


def employer_in(house: House, name: str = "employer") -> Party:
    """An employer that is registered, with its own client."""
    from service.employers.models import Employer

    party = house.party(PartyKind.EMPLOYER, name)
    with house.database.transaction() as uow:
        uow.add(Employer(id=party.id, name=name, kvk_number=str(next(_numbers)), created_at=uow.now))
    return party


def establishment_of(employer: Party, postcode: str = "9711AB") -> str:
    """The id of a workplace of this employer."""
    body = {"name": "Hoofdvestiging", "postcode": postcode}
    response = employer.post(f"/employers/{employer.id}/establishments", body)
    assert response.status_code == 201, response.get_json()
    return str(response.get_json()["id"])


def employment_body(establishment_id: str, **more: Any) -> dict[str, Any]:
    body = {
        "establishmentId": establishment_id,
        "startDate": "2025-01-01",
        "endDate": "2027-02-28",
        "contractType": "fixed_term",
        "hoursPerWeek": 24,
        "jobTitle": "Magazijnmedewerker",
        "occupationCode": "9333",
    }
    return body | more
