"""What there is to judge a case by: its payment and rules, its card's life, disputes, and cases like it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cardwright import disputes, kyc, payments
from cardwright.access import Actor
from cardwright.cases import queue_queries
from cardwright.cases.domain import Case
from cardwright.cases.working import get_case
from cardwright.core.errors import NotFound
from cardwright.db.session import Session
from cardwright.disputes import Dispute
from cardwright.payments import Explained, LogFilter, Payment
from cardwright.rules import RuleHit

LOOKED_BACK: Final = timedelta(days=90)
MOST_PAYMENTS: Final = 50
_MOST_DISPUTES: Final = 100


@dataclass(frozen=True, slots=True)
class Similar:
    """Another case, and in what it is like this one."""

    case: Case
    same: Sequence[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything about a case that others know; `hits` are what rules said, by decision.

    `payments` are the newest of the card and of those before it, of LOOKED_BACK, one more than MOST_PAYMENTS
    where there are more.
    """

    case: Case
    explained: Explained
    hits: Mapping[str, Sequence[RuleHit]]
    payments: Sequence[Payment]
    disputes: Sequence[Dispute]
    similar: Sequence[Similar]
    kyc_level: int
    since: datetime


async def gather_evidence(session: Session, case_id: str, *, by: Actor, at: datetime) -> Evidence:
    """Return what there is to judge a case by; raise NotFound."""
    case, since = await get_case(session, case_id, by=by), at - LOOKED_BACK
    explained = await payments.explain(session, case.payment_id)
    wanted = LogFilter(card_id=case.card_id, opened_from=since)
    return Evidence(
        case=case,
        explained=explained,
        hits={each.id: await _hits(session, each) for each in explained.decisions},
        payments=await payments.read_log(session, by.viewer, wanted, before=None, limit=MOST_PAYMENTS + 1),
        disputes=await _disputes_of_card(session, case, by),
        similar=[Similar(other, in_common(case, other)) for other in await _like(session, case)],
        kyc_level=int(await kyc.find_status(session, case.user_id, at=at)),
        since=since,
    )


def in_common(case: Case, other: Case) -> Sequence[str]:
    """Name in what two cases are alike: merchant, card, holder, and each rule."""
    same = [
        name
        for name, is_same in (
            ("merchant", case.merchant_id == other.merchant_id),
            ("card", case.card_id == other.card_id),
            ("holder", case.user_id == other.user_id),
        )
        if is_same
    ]
    return [*same, *(f"rule {name}" for name in case.rules if name in other.rules)]


async def _hits(session: Session, decision: payments.Decision) -> Sequence[RuleHit]:
    try:
        return await payments.hits_of(session, decision)
    except NotFound:
        # Its rulebook was brought in from elsewhere and is not here: the decision itself still is.
        return ()


async def _like(session: Session, case: Case) -> Sequence[Case]:
    return await queue_queries.cases_like(session, case)


async def _disputes_of_card(session: Session, case: Case, by: Actor) -> Sequence[Dispute]:
    found = await disputes.list_of_user(session, user_id=case.user_id, before=None, limit=_MOST_DISPUTES)
    chain = await payments.cards_of(session, [each.payment_id for each in found])
    return [each for each in found if by.viewer.sees(each) and chain.get(each.payment_id) == case.card_id]
