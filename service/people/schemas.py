"""Fields that identify somebody. They are accepted and never given back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.kernel.schemas import String, fail
from service.people.rules import is_bsn


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
