"""Everything that can go wrong for a caller, as RFC 9457 problem details in Dutch or English.

A problem says what to mend. It never repeats a value that was sent: a value can be a BSN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from service.kernel.text import Language, Text


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing to mend in the input.

    `pointer` is a JSON Pointer into the body; `parameter` names a query key or header instead.
    """

    code: str
    text: Text
    pointer: str | None = None
    parameter: str | None = None

    def to_dict(self, language: Language) -> dict[str, str]:
        where = {"parameter": self.parameter} if self.parameter else {"pointer": self.pointer or ""}
        return {**where, "code": self.code, "detail": self.text.in_language(language)}


@dataclass
class Problem(Exception):
    """A refusal. `code` is the last part of the `type` URI and stays the same for ever.

    One that `keeps` undoes nothing: what was counted before it stays counted.
    """

    status: int
    code: str
    title: Text
    detail: Text
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    keeps: bool = False

    def __str__(self) -> str:
        return f"{self.status} {self.code}"

    def to_dict(self, language: Language, instance: str, type_base: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": f"{type_base}{self.code}",
            "title": self.title.in_language(language),
            "status": int(self.status),
            "detail": self.detail.in_language(language),
            "instance": instance,
        }
        if self.errors:
            body["errors"] = [error.to_dict(language) for error in self.errors]
        return body | dict(self.extra)


def invalid_input(errors: Iterable[FieldError]) -> Problem:
    """400: all that is wrong with the input, at once."""
    found = tuple(errors)
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-input",
        Text("De invoer klopt niet", "The input is not valid"),
        Text(
            "Verbeter de punten in 'errors' en stuur het verzoek opnieuw. Er is niets opgeslagen.",
            "Mend the points in 'errors' and send the request again. Nothing was stored.",
        ),
        errors=found,
    )


def invalid_field(pointer: str, code: str, nl: str, en: str) -> Problem:
    """400 for one field of the body, found wrong by a rule."""
    return invalid_input([FieldError(code, Text(nl, en), pointer=pointer)])


def unknown_reference(pointer: str) -> FieldError:
    """A body names something that does not exist, is not the caller's, or was erased: always the same error."""
    return FieldError(
        "unknown-reference",
        Text("Dit bestaat niet, of u mag het niet zien.", "This does not exist, or is not yours to see."),
        pointer=pointer,
    )


def malformed(code: str, nl: str, en: str) -> Problem:
    """400: the body cannot be read at all."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        code,
        Text("Het verzoek is niet te lezen", "The request cannot be read"),
        Text(nl, en),
    )


def too_large(limit: int) -> Problem:
    """413: a file of more than `limit` bytes."""
    megabytes = limit // 1_000_000
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-large",
        Text("Het verzoek is te groot", "The request is too large"),
        Text(
            f"Een bestand mag hooguit {megabytes} MB zijn. Verdeel het over meer bestanden.",
            f"A file may be {megabytes} MB at most. Divide it over more files.",
        ),
    )


def not_found() -> Problem:
    """404, the same for an unknown id, one that is not the caller's and an erased one."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "not-found",
        Text("Niet gevonden", "Not found"),
        Text(
            "Dit adres bestaat niet, of u mag het niet zien.",
            "This address does not exist, or is not yours to see.",
        ),
    )


def conflict(code: str, nl: str, en: str, **extra: Any) -> Problem:
    """409: the request is fine, but not in the present state."""
    return Problem(
        HTTPStatus.CONFLICT,
        code,
        Text("Dat kan nu niet", "Not possible in the present state"),
        Text(nl, en),
        extra=extra,
    )


def forbidden_move(source: str, target: str, allowed: Sequence[str]) -> Problem:
    """409: a state machine has no such move for this caller."""
    if allowed:
        choices = ", ".join(allowed)
        detail = Text(
            f"Van '{source}' naar '{target}' kan niet. Wat wel kan: {choices}.",
            f"'{source}' cannot become '{target}'. Allowed from here: {choices}.",
        )
    else:
        detail = Text(
            f"Van '{source}' naar '{target}' kan niet. U kunt de status nu niet veranderen.",
            f"'{source}' cannot become '{target}'. There is no change that you can make from here.",
        )
    return conflict("forbidden-transition", *detail, allowed=list(allowed))


def stale() -> Problem:
    """412: somebody changed it in the meantime."""
    return Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "stale-version",
        Text("Intussen veranderd", "Changed in the meantime"),
        Text(
            "Haal de gegevens opnieuw op en stuur de wijziging met de nieuwe ETag in If-Match.",
            "Read it again and send the change with the new ETag in If-Match.",
        ),
    )


def forbidden(nl: str, en: str, code: str = "not-allowed", **extra: Any) -> Problem:
    """403: the caller is known, and may not do this."""
    return Problem(HTTPStatus.FORBIDDEN, code, Text("Dat mag u niet", "You may not do this"), Text(nl, en), extra=extra)
