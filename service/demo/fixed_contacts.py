"""Whom the two demo employers can always call, named by UWV and by the WSP as they would over HTTP."""

from __future__ import annotations

from service.contacts.fixed import operations
from service.contacts.fixed.schemas import FixedContactBody
from service.demo.build import REGION, Build
from service.demo.names import address_of, full_name


def name_fixed_contacts(build: Build) -> None:
    """The first employer's caseworker is there, and it has an advisor; the second's is away, so the backup answers."""
    away, _, present, *_ = build.made.caseworkers
    first, second = build.made.parties["demo-employer"], build.made.parties["demo-employer-2"]
    name = full_name(build.dice)
    advisor = {"name": name, "phone": build.numbers.phone(), "email": address_of(name, "wsp-groningen")}
    with build.work() as uow:
        for client_id, employer_id, who in (
            ("demo-uwv", first, {"caseworkerId": present}),
            ("demo-uwv", second, {"caseworkerId": away}),
            ("demo-wsp", first, advisor),
        ):
            body = FixedContactBody().load({"employerId": employer_id, "regionCode": REGION, **who})
            operations.fix_contact(uow, build.actor(uow, client_id), body)
