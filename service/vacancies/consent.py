"""What a person said to being shown or introduced, as it comes in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from service.kernel.fields import Code, Date, Pattern
from service.kernel.problems import FieldError
from service.kernel.schemas import Schema
from service.kernel.text import Text
from service.vacancies.rules import ConsentHow


def professional(about: str, **options: Any) -> Pattern:
    """The name and profession of somebody. Without numbers, so that it can hold no BSN."""
    return Pattern(
        r"[^0-9\x00-\x1f\x7f]*[^\s0-9\x00-\x1f\x7f][^0-9\x00-\x1f\x7f]*",
        "A. Jansen, jobcoach",
        maximum=100,
        metadata={"description": about},
        **options,
    )


class ConsentBody(Schema):
    """What the person said, recorded by the person's caseworker, jobcoach or advisor; never by an employer."""

    how = Code(ConsentHow, required=True)
    asked_by = professional("The professional who asked, without numbers; your own party when left out")
    on = Date(required=True, metadata={"description": "The day on which the person said so"})


def consent_errors(consent: Mapping[str, Any] | None, today: date) -> list[FieldError]:
    """Nobody has said yes on a day that is still to come."""
    if consent is None or consent["on"] <= today:
        return []
    return [FieldError("in-the-future", Text("Deze dag moet nog komen.", "This day is still to come."), "/consent/on")]
