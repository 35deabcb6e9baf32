"""What employers send about themselves and their employments, and what they get back: never a name or a BSN."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from marshmallow import validates_schema

from service.employers.rules import (
    HOLDS_BSN,
    SENTINEL_DATES,
    ContractType,
    JobcoachKind,
    PsoLevel,
    holds_bsn,
    is_establishment_number,
    is_kvk_number,
    is_payroll_tax_number,
    is_sentinel_date,
)
from service.kernel.fields import (
    Boolean,
    Code,
    Date,
    Id,
    List,
    Nested,
    Number,
    Pattern,
    Sentence,
    String,
    fail,
    fail_field,
)
from service.kernel.schemas import Page, Schema, View, page_of
from service.kernel.text import Text
from service.people.schemas import Bsn, WorkText
from service.reference.schemas import Municipality, OccupationCode, Postcode


class KvkNumber(Pattern):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\d{8}", "69599084", minimum=8, maximum=8, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_kvk_number(text):
            fail("invalid-kvk-number", "Dit is geen KvK-nummer.", "This is not a KvK number.")
        return text


class EstablishmentNumber(Pattern):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\d{12}", "000037178598", minimum=12, maximum=12, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_establishment_number(text):
            fail("invalid-establishment-number", "Dit is geen vestigingsnummer.", "This is no establishment number.")
        return text


class PayrollTaxNumber(String):
    """Fiscal number, L and two digits. Accepted, never given back: a sole trader's holds the BSN."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"pattern": r"^\d{9}L\d{2}$", "writeOnly": True, "example": "822477348L01"}
        super().__init__(minimum=12, maximum=12, load_only=True, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_payroll_tax_number(text):
            fail(
                "invalid-payroll-tax-number",
                "Dit is geen loonheffingennummer (9 cijfers, L, 2 cijfers).",
                "This is no payroll tax number (9 digits, L, 2 digits).",
            )
        return text


class EmployerBody(Schema):
    name = String(required=True)
    kvk_number = KvkNumber(required=True)
    payroll_tax_number = PayrollTaxNumber()


class EmployerView(View):
    id = Id(required=True)
    name = String(required=True)
    kvk_number = KvkNumber(required=True)


class EmployerQuery(Page):
    kvk_number = KvkNumber()


EmployerPage = page_of(EmployerView, "EmployerPage")


class EstablishmentBody(Schema):
    number = EstablishmentNumber()
    name = String(required=True)
    postcode = Postcode(required=True)
    municipality = Municipality(
        metadata={"description": "Name or CBS code; where a postcode spans two municipalities, or is very new"}
    )


class EstablishmentView(View):
    id = Id(required=True)
    employer_id = Id(required=True)
    number = EstablishmentNumber(required=True, allow_none=True)
    name = String(required=True)
    postcode = Postcode(required=True)
    municipality_code = String(required=True, metadata={"example": "GM0014"})
    region_code = String(required=True, metadata={"example": "AM01"})


EstablishmentPage = page_of(EstablishmentView, "EstablishmentPage")


class PsoCertificateBody(Schema):
    level = Code(PsoLevel, required=True)
    thirty_plus = Boolean(load_default=False, metadata={"description": "The PSO 30+ certificate stands beside it"})
    valid_from = Date(required=True)
    valid_until = Date(required=True, metadata={"description": "The last day; two years after the first as a rule"})

    @validates_schema
    def _in_order(self, data: Mapping[str, Any], **_: object) -> None:
        if data["valid_until"] < data["valid_from"]:
            fail_field(
                "validUntil",
                "end-before-start",
                "De laatste dag ligt voor de eerste.",
                "The last day lies before the first.",
            )


class PsoCertificateView(View):
    level = Code(PsoLevel, required=True)
    thirty_plus = Boolean(required=True)
    valid_from = Date(required=True)
    valid_until = Date(required=True)
    valid = Boolean(required=True, metadata={"description": "Whether it is valid today"})


class JobcoachBody(Schema):
    kind = Code(JobcoachKind, required=True)
    organisation_id = Id(allow_none=True, load_default=None, metadata={"description": "For an external jobcoach"})


NOT_A_REAL_DATE: Final = Text(
    "Deze dag staat vaak voor 'geen datum'. Geef de echte dag. Is er geen einddatum? Laat die dan leeg.",
    "This day often stands for 'no date'. Send the real day; where there is no end date, leave it empty.",
)


class ContractDate(Date):
    """A day in a contract. A day that stands for 'no date' in a payroll system is refused."""

    def __init__(self, **kwargs: Any) -> None:
        unreal = {"not": {"enum": sorted(day.isoformat() for day in SENTINEL_DATES)}}
        super().__init__(metadata=unreal | kwargs.pop("metadata", {}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        if isinstance(value, str) and _is_unreal(value):
            fail("not-a-real-date", *NOT_A_REAL_DATE)
        return super()._deserialize(value, attr, data, **kwargs)


class WageMonth(Pattern):
    """A month, as yyyy-mm; inside, its first day."""

    def __init__(self, **kwargs: Any) -> None:
        unreal = {"not": {"enum": sorted({f"{day:%Y-%m}" for day in SENTINEL_DATES if day.day == 1})}}
        metadata = unreal | kwargs.pop("metadata", {})
        super().__init__(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])", "2026-08", metadata=metadata, **kwargs)
        self.validators = []  # the form says how long it is, and a day has no length

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else f"{value:%Y-%m}"

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        first = super()._deserialize(value, attr, data, **kwargs) + "-01"
        if _is_unreal(first):
            fail(
                "not-a-real-date",
                "Deze maand staat vaak voor 'onbekend'. Laat het veld dan leeg.",
                "This month often stands for 'not known'. Leave the field empty then.",
            )
        return date.fromisoformat(first)


_LAST_WAGE_MONTH = {
    "description": "The last month with wages. Without an end date, three whole months without wages lead to a question"
}


def _is_unreal(value: str) -> bool:
    try:
        return is_sentinel_date(date.fromisoformat(value))
    except ValueError:
        return False


class EmploymentBody(Schema):
    """Names and BSNs go in and never come back."""

    employer_id = Id(metadata={"description": "Needed only by who acts for several employers"})
    reference = String(maximum=100, allow_none=True, metadata={"description": "The id in your own HR system"})
    employee_number = String(maximum=50, allow_none=True)
    bsn = Bsn()
    name = String(maximum=120, load_only=True, metadata={"writeOnly": True})
    establishment_id = Id(required=True)
    start_date = ContractDate(required=True)
    end_date = ContractDate(allow_none=True, metadata={"description": "The last day; null for a permanent contract"})
    contract_type = Code(ContractType, required=True)
    hours_per_week = Number(minimum=0, maximum=80, allow_none=True)
    job_title = WorkText(maximum=120, allow_none=True)
    occupation_code = OccupationCode(allow_none=True)
    last_wage_month = WageMonth(allow_none=True, metadata=_LAST_WAGE_MONTH)
    jobcoach = Nested(JobcoachBody)

    @validates_schema
    def _bsn_stands_alone(self, data: Mapping[str, Any], **_: object) -> None:
        for name, where in (("reference", "reference"), ("employee_number", "employeeNumber")):
            if holds_bsn(data.get(name), data.get("bsn")):
                fail_field(where, "holds-bsn", *HOLDS_BSN)


class EmploymentChange(Schema):
    """What may change. A person stays the same: another person is another employment."""

    reference = String(maximum=100, allow_none=True)
    employee_number = String(maximum=50, allow_none=True)
    establishment_id = Id()
    start_date = ContractDate()
    end_date = ContractDate(allow_none=True)
    contract_type = Code(ContractType)
    hours_per_week = Number(minimum=0, maximum=80, allow_none=True)
    job_title = WorkText(maximum=120, allow_none=True)
    occupation_code = OccupationCode(allow_none=True)
    last_wage_month = WageMonth(allow_none=True, metadata=_LAST_WAGE_MONTH)
    jobcoach = Nested(JobcoachBody)


class WarningView(View):
    code = String(required=True)
    text = Sentence(required=True)


class EmploymentView(View):
    id = Id(required=True)
    employer_id = Id(required=True)
    reference = String(required=True, allow_none=True)
    employee_number = String(required=True, allow_none=True)
    establishment_id = Id(required=True)
    start_date = Date(required=True)
    end_date = Date(required=True, allow_none=True)
    contract_type = Code(ContractType, required=True)
    hours_per_week = Number(minimum=0, maximum=80, required=True, allow_none=True)
    job_title = String(required=True, allow_none=True)
    occupation_code = String(required=True, allow_none=True)
    last_wage_month = WageMonth(required=True, allow_none=True)
    jobcoach = Nested(JobcoachBody, required=True)
    warnings = List(Nested(WarningView), required=True, metadata={"description": "What looks odd; nothing is refused"})


class EmploymentQuery(Page):
    employer_id = Id()
    reference = String(maximum=100)
    ends_before = Date()


EmploymentPage = page_of(EmploymentView, "EmploymentPage")
