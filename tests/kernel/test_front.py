"""The quick way answers what Flask would have answered, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from service.kernel.front import Front
from service.kernel.ids import new_id
from tests.support.house import House, Party
from tests.support.made import employer_in, employment_body, establishment_of


@pytest.fixture
def employer(house: House) -> Party:
    return employer_in(house)


def both(house: House, method: str, path: str, **options: Any) -> tuple[TestResponse, TestResponse]:
    front = house.app.wsgi_app
    assert isinstance(front, Front)
    quick, slow = Client(front), Client(front.otherwise)
    return quick.open(path, method=method, **options), slow.open(path, method=method, **options)


def shown(response: TestResponse) -> tuple[int, dict[str, str], bytes]:
    return response.status_code, dict(response.headers), response.get_data()


def test_the_same_answer_both_ways(employer: Party, house: House) -> None:
    place = establishment_of(employer)
    made = employer.post("/employments", employment_body(place))
    address = made.headers["Location"]
    asked: list[tuple[str, str, dict[str, str]]] = [
        ("GET", address, {}),
        ("GET", address, {"If-None-Match": made.headers["ETag"]}),
        ("GET", "/v1/employments?limit=1", {}),
        ("GET", "/v1/employments?limit=0", {"Accept-Language": "en"}),
        ("GET", f"/v1/employments/{new_id()}", {}),
        ("GET", address, {"Authorization": "Bearer x"}),
        ("GET", address, {"Accept": "text/html"}),
        ("HEAD", address, {}),
        ("OPTIONS", address, {}),
        ("DELETE", "/v1/me", {}),
        ("GET", "/v1/employments/*", {}),
        ("GET", f"{address}x", {}),
        ("GET", f"{address}{address[-36:]}", {}),
        ("GET", f"{address}/", {}),
        ("PATCH", address, {"Content-Type": "application/json", "If-Match": "*"}),
    ]
    for method, path, headers in asked:
        quick, slow = both(house, method, path, headers=employer.headers | headers)
        assert shown(quick) == shown(slow), (method, path, headers)


def test_a_body_that_is_too_large(employer: Party, house: House) -> None:
    large = b" " * (house.settings.max_body_bytes + 1)
    headers = employer.headers | {"Content-Type": "application/json"}
    quick, slow = both(house, "POST", "/v1/employments", data=large, headers=headers)
    assert quick.status_code == 413
    assert shown(quick) == shown(slow)
    # Without a length, the server hands over the stream as it comes.
    quick, _ = both(
        house, "POST", "/v1/employments", data=large, headers=headers, environ_overrides={"wsgi.input_terminated": True}
    )
    assert quick.status_code == 413


def test_a_changed_resource_has_no_body_only_where_none_belongs(employer: Party, house: House) -> None:
    made = employer.post("/employments", employment_body(establishment_of(employer)))
    same = employer.get(made.headers["Location"].removeprefix("/v1"), If_None_Match=made.headers["ETag"])
    assert (same.status_code, same.get_data()) == (304, b"")
    assert {"Content-Type", "Content-Length"}.isdisjoint(same.headers)
    assert int(made.headers["Content-Length"]) == len(made.get_data())
