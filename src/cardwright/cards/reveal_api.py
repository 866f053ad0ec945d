"""Seeing a card's number over HTTP: one's own, from the vault or from the processor, never for staff."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Response
from pydantic import Field, StringConstraints

from cardwright import vault
from cardwright.access import Actor
from cardwright.cards import reveals
from cardwright.cards.domain import Card
from cardwright.cards.guards import CardId, Revealer, RevealerWithFactor
from cardwright.cards.ports import CardProcessors
from cardwright.core.errors import Conflict
from cardwright.core.sensitive import Sensitive
from cardwright.db.confinement import confine_to_customer
from cardwright.db.session import Session
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, TransactionsDep, provided
from cardwright.http.rate_limits import RateLimiter
from cardwright.http.strict import Id, Input, Output

router = strict.router("/v1/cards", "cards")
ProcessorsDep = Annotated[CardProcessors, Depends(provided(CardProcessors))]
LimiterDep = Annotated[RateLimiter, Depends(provided(RateLimiter))]
_NO_STORE: Final = {"Cache-Control": "no-store"}


class GrantView(Output):
    """The right to see the card's number once, told once."""

    grant: str
    expires_at: datetime


class Reveal(Input):
    """A grant for this very card."""

    grant: Annotated[
        str,
        StringConstraints(pattern=r"^cw_reveal_[A-Za-z0-9_-]{43}$"),
        Field(examples=["cw_reveal_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]),
    ]


class CardNumberView(Output):
    """What a merchant asks for; `security_code` is null where the processor does not tell it."""

    card_id: Id
    number: str
    exp_month: int | None
    exp_year: int | None
    security_code: str | None


class AskForKey(Input):
    """What the processor's code in the page made for this card."""

    nonce: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,255}$"),
        Field(examples=["ephkn_1PqY8d2eZvKYlo2C"]),
    ]


class KeyView(Output):
    """With this key the processor's code in the page shows the card itself."""

    secret: str
    expires_at: datetime
    issuing_card: str


@router.post("/{card_id}/reveal-grants", status_code=201)
async def grant_reveal(
    card_id: CardId, response: Response, session: SessionDep, begin: TransactionsDep, clock: ClockDep,
    actor: RevealerWithFactor, limiter: LimiterDep,
) -> GrantView:  # fmt: skip
    """Get the right to see a card's number once within a minute; needs a strong factor used lately."""
    card = await reveals.showable_card(session, card_id, user_id=actor.user_id)
    await reveals.admit(limiter, card)
    if not await _is_vaulted(begin, card):
        raise Conflict("reveal_at_processor", "The processor shows this card: ask for an ephemeral key.")
    grant, expires_at = await reveals.give_grant(session, card, at=clock.now())
    response.headers.update(_NO_STORE)
    return GrantView(grant=grant.reveal(), expires_at=expires_at)


@router.post("/{card_id}/reveal")
async def reveal_number(
    card_id: CardId, body: Reveal, response: Response, begin: TransactionsDep, clock: ClockDep,
    actor: Revealer, limiter: LimiterDep, processors: ProcessorsDep,
) -> CardNumberView:  # fmt: skip
    """See your card's number, its expiry and its security code, once for each grant."""
    await reveals.admit_try(limiter, actor.user_id)
    async with begin() as session:
        await _confine(session, actor)
        card = await reveals.showable_card(session, card_id, user_id=actor.user_id)
        is_granted = await reveals.use_grant(session, card, Sensitive(body.grant), at=clock.now())
    if not is_granted:
        raise reveals.wrong_grant()
    async with begin() as session:
        number = await vault.reveal(session, card_id=card.id, program_id=card.program_id)
    code = card.processor_reference and await processors.of(card.processor).security_code(
        card.processor_reference
    )
    response.headers.update(_NO_STORE)
    return CardNumberView(
        card_id=card.id, number=number.reveal(), exp_month=card.exp_month, exp_year=card.exp_year,
        security_code=code.reveal() if code else None,
    )  # fmt: skip


@router.post("/{card_id}/ephemeral-keys", status_code=201)
async def make_ephemeral_key(
    card_id: CardId, body: AskForKey, response: Response, begin: TransactionsDep, clock: ClockDep,
    actor: RevealerWithFactor, limiter: LimiterDep, processors: ProcessorsDep,
) -> KeyView:  # fmt: skip
    """Get a key to have the processor show your card in the browser; needs a strong factor used lately."""
    async with begin() as session:
        await _confine(session, actor)
        card = await reveals.showable_card(session, card_id, user_id=actor.user_id)
        await reveals.admit(limiter, card)
    if await _is_vaulted(begin, card) or card.processor_reference is None:
        raise _from_vault()
    async with begin() as session:
        await _confine(session, actor)
        await reveals.note_key(session, card, at=clock.now())
    key = await processors.of(card.processor).ephemeral_key(card.processor_reference, nonce=body.nonce)
    if key is None:
        raise _from_vault()
    async with begin() as session:
        await _confine(session, actor)
        await reveals.tell_of_key(session, card, at=clock.now())
    response.headers.update(_NO_STORE)
    return KeyView(secret=key.secret.reveal(), expires_at=key.expires_at, issuing_card=key.issuing_card)


async def _is_vaulted(begin: TransactionsDep, card: Card) -> bool:
    async with begin() as session:
        return await vault.is_kept(session, card_id=card.id, program_id=card.program_id)


async def _confine(session: Session, actor: Actor) -> None:
    await confine_to_customer(session, program_id=actor.program_id, user_id=actor.user_id)


def _from_vault() -> Conflict:
    return Conflict("reveal_from_vault", "This card's number is shown here: ask for a reveal grant.")
