"""Fields that identify somebody, which are accepted and never given back, and text that must not identify anybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from service.kernel.fields import String, fail
from service.people.rules import is_bsn

# Nine digits in a row, or written in the groups in which people write a BSN.
_NINE_DIGITS = re.compile(r"(?<!\d)(?:\d{9}|\d{3}[ .-]\d{3}[ .-]\d{3}|\d{4}[ .-]\d{2}[ .-]\d{3})(?!\d)", re.ASCII)


class Bsn(String):
    """A citizen service number: nine digits that pass the check."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"pattern": r"^\d{9}$", "writeOnly": True, "example": "123456782"} | kwargs.pop("metadata", {})
        super().__init__(minimum=9, maximum=9, load_only=True, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_bsn(text):
            fail("invalid-bsn", "Dit is geen geldig BSN (9 cijfers).", "This is not a valid BSN (9 digits).")
        return text


class WorkText(String):
    """Free text about work. A BSN in it is refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if any(is_bsn(re.sub(r"\D", "", found)) for found in _NINE_DIGITS.findall(text)):
            fail(
                "holds-bsn",
                "Hier staat een nummer dat een BSN kan zijn. Haal het weg: deze tekst gaat over werk, niet over "
                "een persoon.",
                "This holds a number that may be a BSN. Remove it: this text is about work, not about a person.",
            )
        return text
