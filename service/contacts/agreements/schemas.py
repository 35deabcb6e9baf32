"""Start agreements as they come in and go out."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.contacts.agreements.rules import AgreementRole, AgreementTask, ConsentAnswer, ContactFunction
from service.contacts.rules import ConsentMeans
from service.contacts.schemas import ContactView, Phone
from service.kernel.fields import Code, Date, Email, Id, List, Moment, Nested, Sentence
from service.kernel.schemas import Schema, View, page_of

_ROLES = {"description": "Who takes part. With the employer, the employee does too; then the employer knows of UWV"}
_COACHES = {
    "description": "The jobcoach organisation of the employment, where it takes part: from then on it sees the contact"
}
_EVALUATIONS = {"description": "The days on which you agreed to look back"}
_CONSENTS = {"description": "What the person said, by subject. One that is left out stays as it was"}


# --- What comes in ----------------------------------------------------------------------------------------------


class AgreementRoleBody(Schema):
    task = Code(AgreementTask, required=True)
    role = Code(AgreementRole, required=True, metadata={"description": "Who sees to it"})


class AgreementJobcoachBody(Schema):
    phone = Phone(required=True)
    email = Email(allow_none=True, load_default=None)


class AgreementEmployerBody(AgreementJobcoachBody):
    """Business data of the employer's own contact; no name."""

    function = Code(ContactFunction, required=True)


class ContactsBody(Schema):
    """UWV's own contact is not among them: it is looked up whenever the agreement is read."""

    employer = Nested(AgreementEmployerBody, allow_none=True)
    jobcoach = Nested(AgreementJobcoachBody, allow_none=True)


class AgreementConsentBody(Schema):
    """What the person said, when and how. The employer gives no consent for the person."""

    answer = Code(ConsentAnswer, required=True)
    on = Date(required=True)
    means = Code(ConsentMeans, required=True)


class ConsentsBody(Schema):
    contact_employer = Nested(
        AgreementConsentBody, metadata={"description": "UWV may contact the employer about the job"}
    )
    share_with_jobcoach = Nested(
        AgreementConsentBody, metadata={"description": "UWV and jobcoach may tell each other how it goes"}
    )
    share_profile_with_wsp = Nested(
        AgreementConsentBody, metadata={"description": "UWV may share a profile with the WSP"}
    )
    share_profile_with_mobility_pool = Nested(
        AgreementConsentBody, metadata={"description": "UWV may share a profile with mobility pools"}
    )


class AgreementBody(Schema):
    """In a change, contacts and consents that are left out stay as they were; every other field comes whole."""

    agreed_on = Date(required=True)
    participants = List(Code(AgreementRole), required=True, minimum=1, maximum=4, unique=True, metadata=_ROLES)
    jobcoach_organisation_id = Id(allow_none=True, load_default=None, metadata=_COACHES)
    roles = List(Nested(AgreementRoleBody), load_default=list, maximum=20, metadata={"description": "Who sees to what"})
    contacts = Nested(ContactsBody, load_default=dict)
    consents = Nested(ConsentsBody, load_default=dict, metadata=_CONSENTS)
    evaluations = List(Date(), load_default=list, maximum=12, unique=True, metadata=_EVALUATIONS)


# --- What goes out ----------------------------------------------------------------------------------------------


class AgreementRoleView(View):
    task = Code(AgreementTask, required=True)
    label = Sentence(required=True, metadata={"description": "The task in words"})
    role = Code(AgreementRole, required=True)


class JobcoachReachView(View):
    phone = Phone(required=True)
    email = Email(required=True, allow_none=True)


class EmployerReachView(JobcoachReachView):
    function = Code(ContactFunction, required=True)


class AgreedContactsView(View):
    employer = Nested(EmployerReachView, required=True, allow_none=True)
    jobcoach = Nested(JobcoachReachView, required=True, allow_none=True)


class ContactsView(AgreedContactsView):
    caseworker = Nested(ContactView, required=True, metadata={"description": "Who answers at UWV today"})


class AgreementConsentView(View):
    """An employer reads only what the answer is."""

    answer = Code(ConsentAnswer, required=True)
    on = Date()
    means = Code(ConsentMeans)
    recorded_by = Code(PartyKind)


class ConsentsView(View):
    """Those that you may read; null: not asked."""

    contact_employer = Nested(AgreementConsentView, required=True, allow_none=True)
    share_with_jobcoach = Nested(AgreementConsentView, allow_none=True)
    share_profile_with_wsp = Nested(AgreementConsentView, allow_none=True)
    share_profile_with_mobility_pool = Nested(AgreementConsentView, allow_none=True)


class _AgreedView(View):
    agreed_on = Date(required=True)
    participants = List(Code(AgreementRole), required=True)
    jobcoach_organisation_id = Id(required=True, allow_none=True)
    roles = List(Nested(AgreementRoleView), required=True)
    consents = Nested(ConsentsView, required=True)
    evaluations = List(Date(), required=True)


class AgreementView(_AgreedView):
    id = Id(required=True)
    employment_id = Id(required=True)
    contacts = Nested(ContactsView, required=True)
    recorded_at = Moment(required=True)


class AgreementVersionView(_AgreedView):
    contacts = Nested(AgreedContactsView, required=True)
    recorded_at = Moment(required=True, metadata={"description": "From when on this was what was agreed"})
    by = Code(PartyKind, required=True, metadata={"description": "Whose side recorded it"})


AgreementPage = page_of(AgreementView, "AgreementPage")
AgreementHistory = page_of(AgreementVersionView, "AgreementHistory")
