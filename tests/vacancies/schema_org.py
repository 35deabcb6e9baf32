"""What schema.org says of the types in a job posting: their properties, and what may stand in each.

Facts of release 30.0 (schemaorg-current-https, August 2026): all of JobPosting; of the other types what a posting may
need. `check` holds a document in JSON-LD against them, with the keywords that JSON-LD itself has.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

CONTEXTS = {"https://schema.org", "https://schema.org/"}

_TYPES = {
    "JobPosting": """
        additionalType Text|URL; alternateName Text; applicantLocationRequirements AdministrativeArea
        applicationContact ContactPoint; baseSalary MonetaryAmount|Number|PriceSpecification; benefits Text
        datePosted Date|DateTime; description Text|TextObject; directApply Boolean; disambiguatingDescription Text
        educationRequirements EducationalOccupationalCredential|Text; eligibilityToWorkRequirement Text
        employerOverview Text; employmentType Text; employmentUnit Organization
        estimatedSalary MonetaryAmount|MonetaryAmountDistribution|Number; experienceInPlaceOfEducation Boolean
        experienceRequirements OccupationalExperienceRequirements|Text; hiringOrganization Organization|Person
        identifier PropertyValue|Text|URL; image ImageObject|URL; incentiveCompensation Text; incentives Text
        industry DefinedTerm|Text; jobBenefits Text; jobDuration Duration|QuantitativeValue; jobImmediateStart Boolean
        jobLocation Place; jobLocationType Text; jobStartDate Date|Text; mainEntityOfPage CreativeWork|URL; name Text
        occupationalCategory CategoryCode|Text; owner Organization|Person; physicalRequirement DefinedTerm|Text|URL
        potentialAction Action; qualifications Credential|Text; relevantOccupation Occupation; responsibilities Text
        salaryCurrency Text; sameAs URL; securityClearanceRequirement Text|URL
        sensoryRequirement DefinedTerm|Text|URL; skills DefinedTerm|Text; specialCommitments Text
        subjectOf CreativeWork|Event; title Text; totalJobOpenings Integer; url URL; validThrough Date|DateTime
        workHours Text
    """,
    "Organization": "address PostalAddress|Text; identifier PropertyValue|Text|URL; legalName Text; name Text; url URL",
    "Place": "address PostalAddress|Text; geo GeoCoordinates|GeoShape; name Text; url URL",
    "PostalAddress": """
        addressCountry Country|Text; addressLocality Text; addressRegion AdministrativeArea|Text; name Text
        postOfficeBoxNumber Text; postalCode Text; streetAddress Text
    """,
    "CategoryCode": "codeValue Text; inCodeSet CategoryCodeSet|URL; name Text; url URL; termCode Text",
    "PropertyValue": "name Text; propertyID Text|URL; value Boolean|Number|StructuredValue|Text; url URL",
}
VOCABULARY = {
    name: {words[0]: set(words[1].split("|")) for line in re.split(r"[;\n]", listed) if (words := line.split())}
    for name, listed in _TYPES.items()
}


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"https?://\S+", value) is not None


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))


def _is_moment(value: Any) -> bool:
    return isinstance(value, str) and "T" in value and datetime.fromisoformat(value).tzinfo is not None


_IS: dict[str, Callable[[Any], bool]] = {
    "Text": lambda value: isinstance(value, str),
    "URL": _is_url,
    "Date": _is_date,
    "DateTime": _is_moment,
    "Boolean": lambda value: isinstance(value, bool),
    "Integer": lambda value: type(value) is int,
    "Number": lambda value: type(value) in (int, float),
}


def check(node: dict[str, Any], *, inside: bool = False) -> None:
    """Raises AssertionError where the document says what schema.org has no word for."""
    assert inside or node["@context"] in CONTEXTS
    known = VOCABULARY[node["@type"]]
    for name, value in node.items():
        if name == "@type" or (name == "@context" and not inside):
            continue
        assert name in known, f"{node['@type']} has no {name}"
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                assert each["@type"] in known[name], f"{name} is no {each['@type']}"
                check(each, inside=True)
            else:
                assert any(_IS[kind](each) for kind in known[name] & _IS.keys()), f"{name}: {each!r}"
