"""A card's number is shown to its holder only: after a strong factor, by a grant that works once and soon."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from cardwright import audit
from cardwright.cards import reveal_store, store
from cardwright.cards.domain import Card
from cardwright.cards.lifecycle import event_of
from cardwright.cards.reveal_store import RevealGrant
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db import outbox
from cardwright.db.session import Session
from cardwright.http.rate_limits import RateLimiter

LIFETIME: Final = timedelta(seconds=60)
PER_HOLDER: Final = "20/hour; 60/day"
PER_CARD: Final = "10/hour; 20/day"
_PREFIX: Final = "cw_reveal_"
_SECRET_BYTES: Final = 32
_SHOWABLE: Final = frozenset({"active", "frozen"})


async def admit(limiter: RateLimiter, card: Card) -> None:
    """Count one wish to see a card; raise TooMany when its holder or the card has had too many."""
    await limiter.hit(PER_HOLDER, "cards", "reveal", "holder", card.user_id)
    await limiter.hit(PER_CARD, "cards", "reveal", "card", card.id)


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


async def use_grant(session: Session, card: Card, secret: Sensitive, *, at: datetime) -> None:
    """Use a grant up, and note and tell that the card's number is shown; raise Invalid for any other grant.

    Commit before anything is shown: what may have been seen is then always in the trail.
    """
    grant_id = await reveal_store.use_grant(
        session, _hash_of(secret.reveal()), user_id=card.user_id, card_id=card.id, at=at
    )
    if grant_id is None:
        raise Invalid("reveal_grant_invalid", "The grant is not for this, used or expired. Ask for another.")
    details = {"grant_id": grant_id}
    await audit.record(session, card.user_id, card.program_id, "card.number_revealed", card.id, details, at)
    await outbox.append(session, event_of("cards.number_revealed", card, at))


async def note_key(session: Session, card: Card, *, at: datetime) -> None:
    """Note and tell that the processor shows a card's number to whoever holds the key that is asked for."""
    await audit.record(session, card.user_id, card.program_id, "card.key_requested", card.id, {}, at)
    await outbox.append(session, event_of("cards.number_revealed", card, at))


def _hash_of(secret: str) -> str:
    # So many random bits need no slow hash.
    return sha256(secret.encode()).hexdigest()
