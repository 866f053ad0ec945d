"""Gathering what a decision looks at, under the wallet's lock, into plain values."""

from datetime import datetime
from zoneinfo import ZoneInfo

from cardwright import cards, kyc, rules, users
from cardwright.cards import Card, Window
from cardwright.db.session import Session
from cardwright.ledger import Account
from cardwright.payments import queries
from cardwright.payments.decision import Facts, LimitFact, NetworkAnswer, instant_text
from cardwright.payments.domain import ElementKind, Merchant, Payment
from cardwright.rules import CompiledRulebook, FactValue


async def gather(
    session: Session, *, card: Card, wallet: Account, payment: Payment, kind: ElementKind, amount: int,
    currency: str, network: NetworkAnswer | None, at: datetime,
) -> tuple[Facts, CompiledRulebook]:  # fmt: skip
    """Return the facts of a request and the rulebook that decides it."""
    profile = await users.get_profile(session, card.user_id)
    level = int(await kyc.find_status(session, card.user_id))
    rulebook = await rules.active_rulebook(session, card.program_id)
    fields: dict[str, FactValue] = {
        **_asked(kind, amount, currency, payment),
        "card.type": card.type,
        "card.age_days": max(0, (at - card.created_at).days),
        "holder.kyc_level": level,
        "holder.country": profile.address.country if profile.address else None,
        "holder.age_days": max(0, (at - profile.created_at).days),
        **await queries.velocity(session, card.id, at),
    }
    facts = Facts(
        decided_at=at.isoformat(),
        amount=amount,
        currency=currency,
        card_currency=card.currency,
        card_state=card.state,
        kyc_level=level,
        available_balance=wallet.available_balance,
        limits=await limit_facts(
            session, card, ZoneInfo(profile.time_zone), at=payment.opened_at, so_far=payment.totals.counted
        ),
        fields=fields,
        rulebook_version=rulebook.rulebook.version,
        rulebook_hash=rulebook.rulebook.hash,
        network=network,
    )
    return facts, rulebook


async def limit_facts(
    session: Session, card: Card, zone: ZoneInfo, *, at: datetime, so_far: int = 0
) -> tuple[LimitFact, ...]:
    """Return each limit of the card with what it has used in the window around `at`.

    `so_far` is what the payment in question counts already. A payment counts in the windows that it was
    opened in, and so does every increment of it.
    """
    found = []
    for limit in card.limits:
        start, end = cards.window_bounds(limit.window, at, zone)
        if limit.window is Window.PER_AUTHORIZATION:
            used = so_far
        else:
            used = await queries.counted(session, card.id, start, end)
        found.append(LimitFact(limit.window, limit.amount, used, instant_text(end)))
    return tuple(found)


def facts_of_an_unknown_card(
    kind: ElementKind, amount: int, currency: str, merchant: Merchant, channel: str, at: datetime,
    rulebook: CompiledRulebook,
) -> Facts:  # fmt: skip
    """Return the facts of a request for a card that is not ours: nobody's balance, nobody's level."""
    nobody: dict[str, FactValue] = {
        "card.type": "standard",
        "card.age_days": 0,
        "holder.kyc_level": 0,
        "holder.country": None,
        "holder.age_days": 0,
        "velocity.approved_count_1h": 0,
        "velocity.approved_count_24h": 0,
        "velocity.approved_amount_24h": 0,
        "velocity.declined_count_1h": 0,
        "velocity.distinct_merchants_24h": 0,
    }
    return Facts(
        decided_at=at.isoformat(), amount=amount, currency=currency, card_currency=None, card_state=None,
        kyc_level=0, available_balance=0, limits=(),
        fields={**_transaction(kind, amount, currency, merchant, channel), **nobody},
        rulebook_version=rulebook.rulebook.version, rulebook_hash=rulebook.rulebook.hash,
    )  # fmt: skip


def _asked(kind: ElementKind, amount: int, currency: str, payment: Payment) -> dict[str, FactValue]:
    return _transaction(kind, amount, currency, payment.merchant, payment.channel)


def _transaction(
    kind: ElementKind, amount: int, currency: str, merchant: Merchant, channel: str
) -> dict[str, FactValue]:
    return {
        "amount": amount,
        "currency": currency,
        "kind": "verification" if kind is ElementKind.AUTHORIZATION and amount == 0 else str(kind),
        "channel": channel,
        "merchant.id": merchant.id,
        "merchant.name": merchant.name,
        "merchant.mcc": merchant.mcc,
        "merchant.country": merchant.country,
        "merchant.city": merchant.city,
    }
