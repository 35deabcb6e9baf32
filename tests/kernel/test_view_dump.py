"""Every view of the house leaves exactly as marshmallow itself would write it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import marshmallow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import fields

from service.access.rules import PartyKind
from service.employers.schemas import WageMonth
from service.kernel.fields import Code, List, Nested, Sentence
from service.kernel.schemas import View
from service.kernel.text import Text
from service.rooms import ROOMS

VIEWS = {
    type(endpoint.response).__name__: endpoint.response
    for room in ROOMS
    for routes in room.routes
    for endpoint in routes.endpoints
    if endpoint.response is not None
}
_DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
_MOMENTS = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
_SCALARS = st.one_of(st.text(max_size=5), st.booleans(), st.integers(0, 9))


def values_of(field: Any) -> st.SearchStrategy[Any]:
    """What a room may hand over for this field."""
    if isinstance(field, Nested):
        return objects_of(field.schema)
    if isinstance(field, List):
        return st.lists(values_of(field.inner), max_size=2)
    if isinstance(field, Sentence):
        return st.sampled_from([Text("hallo", "hello"), ["hallo", "hello"]])
    if isinstance(field, Code):
        return st.sampled_from([*field.enum, *field.choices])
    if isinstance(field, (fields.Date, WageMonth)):
        return _DAYS
    if isinstance(field, fields.DateTime):
        return _MOMENTS
    if isinstance(field, fields.Dict):
        return st.dictionaries(st.text(max_size=3), _SCALARS, max_size=2)
    if isinstance(field, fields.Boolean):
        return st.booleans()
    if isinstance(field, fields.Integer):
        return st.integers(0, 9)
    if isinstance(field, fields.Float):
        return st.one_of(st.integers(0, 40), st.floats(0, 40), st.decimals(0, 40, places=2))
    if isinstance(field, fields.String):
        return st.one_of(st.text(max_size=5), st.uuids(), st.sampled_from(PartyKind))
    raise AssertionError(f"no values for {type(field).__name__}")


def objects_of(schema: Any) -> st.SearchStrategy[Any]:
    """Objects and dicts of which anything may be null or left out."""
    known = {
        field.attribute or name: st.one_of(st.none(), values_of(field)) for name, field in schema.dump_fields.items()
    }
    # marshmallow finds a method of dict where `items` is left out.
    always = {name: known.pop(name) for name in ("items",) if name in known}
    dicts = st.fixed_dictionaries(always, optional=known)
    return st.one_of(dicts, dicts.map(lambda found: SimpleNamespace(**found)))


@pytest.mark.parametrize("name", sorted(VIEWS))
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_view_leaves_as_marshmallow_writes_it(name: str, data: st.DataObject) -> None:
    view = VIEWS[name]
    given = data.draw(objects_of(view))
    found = view.dump(given)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(View, "dump", marshmallow.Schema.dump)
        expected = view.dump(given)
    assert found == expected
    assert list(found) == list(expected)
    assert [type(each) for each in found.values()] == [type(each) for each in expected.values()]
