"""What goes out: the terms of schema.org, and the names of VUM. A field that may be absent stands only where known."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from service.kernel.fields import Boolean, Code, Date, Id, Integer, List, Moment, Nested, QueryBoolean, String
from service.kernel.schemas import Schema, View
from service.reference.qualifications import DrivingLicence
from service.reference.schemas import Postcode
from service.vacancies.exports.attributes import longest
from service.vacancies.exports.job_posting import CONTEXT, ESCO, ISCO_08, LONGEST_HTML
from service.vacancies.exports.vum import DUTCH, ArbeidscontractType, OvereenkomstType


def _always(value: str, *others: str, key: str | None = None) -> String:
    return String(required=True, data_key=key, metadata={"enum": [value, *others]})


# --- schema.org -------------------------------------------------------------------------------------------------


class EmploymentType(StrEnum):
    FULL_TIME = "FULL_TIME"
    PART_TIME = "PART_TIME"
    TEMPORARY = "TEMPORARY"
    OTHER = "OTHER"


class PostingIdentifierView(View):
    ld_type = _always("PropertyValue", key="@type")
    name = _always("Servicepunt")
    value = Id(required=True, metadata={"description": "The id of the vacancy"})


class PostingOrganizationView(View):
    ld_type = _always("Organization", key="@type")
    name = String(required=True)


class PostingAddressView(View):
    ld_type = _always("PostalAddress", key="@type")
    address_locality = String(required=True, metadata={"description": "The municipality"})
    address_region = String(metadata={"description": "The province"})
    postal_code = Postcode()
    address_country = _always("NL")


class PostingPlaceView(View):
    ld_type = _always("Place", key="@type")
    address = Nested(PostingAddressView, required=True)


class PostingCategoryView(View):
    ld_type = _always("CategoryCode", key="@type")
    in_code_set = _always(ESCO, ISCO_08)
    code_value = String(required=True, metadata={"description": "ESCO: the URI; ISCO-08: four digits"})
    name = String(required=True)


class JobPostingView(View):
    """JobPosting of schema.org. For a page in HTML, write `<` inside the JSON as its escape (backslash, u003c)."""

    ld_context = _always(CONTEXT, key="@context")
    ld_type = _always("JobPosting", key="@type")
    identifier = Nested(PostingIdentifierView, required=True)
    title = String(required=True)
    description = String(
        required=True,
        maximum=LONGEST_HTML,
        metadata={"description": "HTML of p, ul and li; all that was typed is escaped"},
    )
    date_posted = Date(required=True, metadata={"description": "The first opening"})
    valid_through = Moment(metadata={"description": "The end of the last valid day in Amsterdam"})
    hiring_organization = Nested(PostingOrganizationView, required=True)
    job_location = Nested(PostingPlaceView, required=True)
    employment_type = List(Code(EmploymentType), required=True, minimum=1)
    occupational_category = List(Nested(PostingCategoryView), required=True)
    work_hours = String(required=True, metadata={"example": "24 tot 32 uur per week"})
    job_start_date = Date()
    total_job_openings = Integer(minimum=1, maximum=500)
    qualifications = String(maximum=500)
    responsibilities = String(maximum=5000)
    direct_apply = Boolean(required=True, metadata={"description": "false: people are introduced by advisors"})


# --- VUM --------------------------------------------------------------------------------------------------------


def _text(path: str, **more: Any) -> String:
    return String(maximum=longest(path), **more)


def _indication(**more: Any) -> Integer:
    return Integer(minimum=1, maximum=2, metadata={"description": "1 yes, 2 no"}, **more)


def _hours() -> Integer:
    return Integer(minimum=0, maximum=99)


class VumAdresView(View):
    postcode = Postcode(required=True)


class VumArbeidsvoorwaardenView(View):
    datum_aanvang_werkzaamheden = Date()
    omschrijving_arbeidsvoorwaarden = _text("arbeidsVoorwaarden.omschrijvingArbeidsvoorwaarden")


class VumContractvormView(View):
    code_type_arbeidscontract = Code(ArbeidscontractType)
    code_type_overeenkomst = Code(OvereenkomstType, required=True)


class VumVacatureFlexibiliteitView(View):
    indicatie_onregelmatig_werk_of_ploegendienst = _indication()


class VumRijbewijsView(View):
    code_soort_rijbewijs = Code(DrivingLicence, required=True)


class VumTaalbeheersingView(View):
    code_taal = _always(DUTCH)
    code_niveau_taalbeheersing_luisteren = Integer(minimum=1, maximum=4, required=True)
    code_niveau_taalbeheersing_mondeling = Integer(minimum=1, maximum=4, required=True)


class VumWerkgeverView(View):
    handelsnaam_organisatie = _text("werkgever.handelsnaamOrganisatie", required=True)


class VumWerktijdenView(View):
    aantal_werkuren_per_week_maximaal = _hours()
    aantal_werkuren_per_week_minimaal = _hours()
    indicatie_kantoortijden = _indication()


class VumVacatureView(View):
    """Vacature of VUM Gegevensstandaard 1.5 (Koppelvlak 3.0.0): what we have of it, see the guide to exports."""

    id_vacature = Id(required=True)
    naam_vacature = _text("naamVacature", required=True)
    nummer_vacature = _text("nummerVacature")
    omschrijving_vacature = String(maximum=longest("omschrijvingVacature"), lines=True)
    sluitingsdatum_vacature = Date(metadata={"description": "The last valid day"})
    adres = Nested(VumAdresView)
    arbeids_voorwaarden = Nested(VumArbeidsvoorwaardenView)
    contractvorm = List(Nested(VumContractvormView), required=True)
    flexibiliteit = Nested(VumVacatureFlexibiliteitView)
    rijbewijs = List(Nested(VumRijbewijsView))
    taalbeheersing = List(Nested(VumTaalbeheersingView))
    werkgever = Nested(VumWerkgeverView, required=True)
    werktijden = Nested(VumWerktijdenView, required=True)


class VumArbeidsmarktkwalificatieView(View):
    rijbewijs = List(Nested(VumRijbewijsView))
    taalbeheersing = List(Nested(VumTaalbeheersingView))


class VumFlexibiliteitView(View):
    datum_aanvang_beschikbaar_voor_werk = Date()
    indicatie_onregelmatig_werk_of_ploegendienst = _indication()


class VumContactView(View):
    naam_contactpersoon_afdeling = _text("contactpersoon[].naamContactpersoonAfdeling", required=True)


class VumEisAanWerkView(View):
    indicatie_aanpassing_werkomgeving = _indication()
    indicatie_begeleiding = _indication()


class VumWerkzoekendeView(View):
    """Werkzoekende of VUM Gegevensstandaard 1.5 (Koppelvlak 3.0.0): what we have of it, see the guide to exports.

    `contactpersoon` and `eisAanWerk` stand in the detail part only.
    """

    id_werkzoekende = Id(required=True)
    indicatie_beschikbaarheid_contactgegevens = _indication(required=True)
    arbeidsmarktkwalificatie = Nested(VumArbeidsmarktkwalificatieView)
    flexibiliteit = Nested(VumFlexibiliteitView)
    werktijden = Nested(VumWerktijdenView)
    contactpersoon = List(Nested(VumContactView))
    eis_aan_werk = Nested(VumEisAanWerkView)


class VumProfileQuery(Schema):
    detail = QueryBoolean(
        load_default=False, metadata={"description": "Add what the standard gives only on asking for one person"}
    )
