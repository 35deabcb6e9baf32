"""Transfers as they come in and go out."""

from __future__ import annotations

from typing import Any, Final

from service.access.rules import PartyKind
from service.kernel.fields import Boolean, Code, Id, Integer, List, Moment, Nested, QueryBoolean
from service.kernel.schemas import Page, Schema, View, page_of
from service.vacancies.referrals.schemas import ReceiverView
from service.vacancies.referrals.transfers.rules import MOST_NAMED, TransferReason


class TransferBody(Schema):
    from_id = Id(metadata={"description": "Who has the vacancies now. Left out: you. The operator names it always"})
    to_id = Id(required=True, metadata={"description": "Who takes them over: a WSP, a mobility pool or the desk"})
    referral_ids = List(
        Id(),
        minimum=1,
        maximum=MOST_NAMED,
        unique=True,
        metadata={"description": "Left out: all that the old party still has, answered or not"},
    )
    reason = Code(TransferReason, required=True)
    candidates = Boolean(
        load_default=False,
        metadata={"description": "true: all candidates that the old party leads go along, with its proposals of them"},
    )
    memberships = Boolean(
        load_default=False,
        metadata={
            "description": "true: memberships end and begin for the new party, between two of a kind: those of a WSP "
            "in pools, and those of the members of a pool. Only the desk and the operator"
        },
    )


class DryRunQuery(Schema):
    dry_run = QueryBoolean(
        load_default=False,
        metadata={"description": "true: nothing is changed; the answer says what would be, with status 200"},
    )


def _count(about: str) -> Any:
    return Integer(required=True, minimum=0, maximum=10**9, metadata={"description": about})


class TransferTrialView(View):
    """What a transfer would do."""

    from_party = Nested(ReceiverView, data_key="from", required=True)
    to_party = Nested(ReceiverView, data_key="to", required=True)
    reason = Code(TransferReason, required=True)
    with_candidates = Boolean(required=True)
    with_memberships = Boolean(required=True)
    referrals = _count("Referrals that go over")
    joined = _count("Of these: the new party had the vacancy already, so the two became one")
    leads = _count("Vacancies for which the lead goes over")
    employers = _count("Employers of the vacancies for which the lead goes over")
    proposals = _count("Proposals of which the new party is now the proposer")
    candidates = _count("Candidates for whom the new party has the lead")
    memberships = _count("Memberships of mobility pools that end")


class TransferView(TransferTrialView):
    id = Id(required=True)
    at = Moment(required=True)
    by = Code(PartyKind, required=True, metadata={"description": "What kind of party did it"})


class TransferQuery(Page):
    from_id = Id()
    to_id = Id()
    reason = Code(TransferReason)


TransferPage = page_of(TransferView, "TransferPage")
FIGURES: Final = ("referrals", "joined", "leads", "employers", "proposals", "candidates", "memberships")
