"""A card's number is shown to its holder only: after a strong factor, by a grant that works once and soon."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from cardwright import audit, vault
from cardwright.cards import reveal_store, store
from cardwright.cards.domain import Card, CardState
from cardwright.cards.lifecycle import CLOCK_ACTOR, event_of
from cardwright.cards.reveal_store import RevealGrant
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.http.rate_limits import RateLimiter

LIFETIME: Final = timedelta(seconds=60)
PER_HOLDER: Final = "20/hour; 60/day"
PER_CARD: Final = "10/hour; 20/day"
TRIES: Final = "30/hour; 100/day"
_PREFIX: Final = "cw_reveal_"
_SECRET_BYTES: Final = 32
_GRANTS_KEPT: Final = timedelta(days=1)
_SHOWABLE: Final = frozenset({"active", "frozen"})


async def admit(limiter: RateLimiter, card: Card) -> None:
    """Count one wish to see a card; raise TooMany when its holder or the card has had too many."""
    await limiter.hit(PER_HOLDER, "cards", "reveal", "holder", card.user_id)
    await limiter.hit(PER_CARD, "cards", "reveal", "card", card.id)


async def admit_try(limiter: RateLimiter, user_id: str) -> None:
    """Count one try of a grant, whatever it is for; raise TooMany when somebody has tried too often."""
    await limiter.hit(TRIES, "cards", "reveal-try", user_id)


async def showable_card(session: Session, card_id: str, *, user_id: str) -> Card:
    """Return one's own card; raise NotFound for any other, Conflict for one that cannot pay at all."""
    card = await store.find_card(session, card_id)
    if card is None or card.user_id != user_id:
        raise NotFound("card_unknown", "There is no such card.")
    if card.effective_state not in _SHOWABLE:
        raise Conflict(f"card_{card.effective_state}", f"The card is {card.effective_state}.")
    return card


async def give_grant(session: Session, card: Card, *, at: datetime) -> tuple[Sensitive, datetime]:
    """Return the secret of a new grant for a card's holder, which is kept nowhere, and when it is over."""
    secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    grant = RevealGrant(
        new_id("rvl"), card.program_id, card.user_id, card.id, _hash_of(secret), at, at + LIFETIME
    )
    await reveal_store.insert_grant(session, grant)
    details = {"grant_id": grant.id}
    await audit.record(session, card.user_id, card.program_id, "card.reveal_granted", card.id, details, at)
    return Sensitive(secret), grant.expires_at


async def use_grant(session: Session, card: Card, secret: Sensitive, *, at: datetime) -> bool:
    """Use a grant up, and note and tell that the card's number is shown; False for any other grant.

    Commit before anything is shown or refused: what may have been seen, and what was tried, is then always in
    the trail.
    """
    grant_id = await reveal_store.use_grant(
        session, _hash_of(secret.reveal()), user_id=card.user_id, card_id=card.id, at=at
    )
    if grant_id is None:
        await audit.record(session, card.user_id, card.program_id, "card.reveal_refused", card.id, {}, at)
        return False
    details = {"grant_id": grant_id}
    await audit.record(session, card.user_id, card.program_id, "card.number_revealed", card.id, details, at)
    await outbox.append(session, event_of("cards.number_revealed", card, at))
    return True


def wrong_grant() -> Invalid:
    """Return the one answer to every grant that does not fit."""
    return Invalid("reveal_grant_invalid", "The grant is not for this, used or expired. Ask for another.")


async def note_key(session: Session, card: Card, *, at: datetime) -> None:
    """Note, before the processor is asked, that it shall show a card to whoever holds the key it makes."""
    await audit.record(session, card.user_id, card.program_id, "card.key_requested", card.id, {}, at)


async def tell_of_key(session: Session, card: Card, *, at: datetime) -> None:
    """Tell the holder that the processor made a key; commit before it is handed out."""
    await outbox.append(session, event_of("cards.number_revealed", card, at))


async def forget_grants(work: Work) -> None:
    """Forget the grants that were over a day ago; the trail keeps what became of them."""
    async with work.transaction() as session:
        await reveal_store.remove_grants_before(session, work.clock.now() - _GRANTS_KEPT)


async def let_number_go(work: Work, event: Event) -> None:
    """Have the number of a card that was canceled erased from the vault in a while."""
    async with work.transaction() as session:
        card = await store.find_card(session, event.subject_id)
        if card is not None and card.state is CardState.CANCELED:
            await vault.let_go(session, card_id=card.id, program_id=card.program_id, at=event.occurred_at)


async def erase_numbers(work: Work) -> int:
    """Erase the numbers of cards that were canceled long enough ago; return how many."""
    at = work.clock.now()
    async with work.transaction() as session:
        erased = await vault.erase_due(session, at)
        for card_id, program_id in erased:
            await audit.record(session, CLOCK_ACTOR, program_id, "card.number_erased", card_id, {}, at)
    return len(erased)


SUBSCRIPTION: Final = Subscription("cards.let_number_go", "cards.card_state_changed", let_number_go)


def _hash_of(secret: str) -> str:
    # So many random bits need no slow hash.
    return sha256(secret.encode()).hexdigest()
