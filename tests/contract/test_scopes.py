"""A scope is a promise: whoever gets it is not turned away later by an operation that wants somebody else."""

from __future__ import annotations

import pytest

from service.access.operations import scopes_of
from service.access.rules import PartyKind
from service.rooms import PERMISSIONS
from tests.contract.test_every_route import GUARDED, send
from tests.support.house import House

KINDS = sorted(frozenset(PartyKind) - {PartyKind.SYSTEM})


@pytest.mark.parametrize("kind", KINDS)
def test_who_holds_the_scope_is_not_turned_away(house: House, kind: PartyKind) -> None:
    party = house.party(kind)
    allowed = [endpoint for endpoint in GUARDED if endpoint.scope in scopes_of(kind, PERMISSIONS)]
    assert allowed
    turned_away = set()
    for endpoint in allowed:
        headers = {"If-Match": "*"} if endpoint.if_match else {}
        response = send(party, house, endpoint, headers=headers)
        # A certificate is not who you are: you can have it tomorrow.
        wanting = (response.get_json(silent=True) or {}).get("type", "").endswith("#certificate-required")
        if response.status_code in (401, 403) and not wanting:
            turned_away.add((kind, endpoint.method, endpoint.path))
    assert turned_away == set()
