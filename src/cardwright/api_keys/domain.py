"""What an API key is, what it may be given, and until when it counts."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cardwright.core.errors import Conflict, Forbidden, Invalid

LONGEST_LIFE: Final = timedelta(days=365)
LONGEST_OVERLAP: Final = timedelta(days=7)
USE_NOTED_EVERY: Final = timedelta(minutes=1)
MOST_KEYS: Final = 20
KEPT_FROM_KEYS: Final = frozenset(
    {
        "account.write",
        "api_keys.write",
        "approvals.decide",
        "approvers.write",
        "cards.reveal",
        "challenges.decide",
        "identity_documents.erase",
        "identity_documents.review",
        "payment_questions.answer",
        "reveals.propose",
        "roles.grant",
    }
)
"""What would let a leaked key make itself successors that outlive it, and what people decide and look at."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. `scopes` are names of permissions; `replaced_by` is the id of its successor.

    `last_used_at` and `last_used_address` are of a use at most USE_NOTED_EVERY before the last one.
    """

    id: str
    program_id: str
    user_id: str
    name: str
    scopes: frozenset[str]
    secret_hash: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    last_used_address: str | None = None
    revoked_at: datetime | None = None
    replaced_by: str | None = None

    def is_alive(self, at: datetime) -> bool:
        """Answer whether requests may still be made with it."""
        return self.revoked_at is None and at < self.expires_at

    def is_use_worth_noting(self, at: datetime) -> bool:
        """Answer whether the last noted use is long enough ago."""
        return self.last_used_at is None or at - self.last_used_at >= USE_NOTED_EVERY

    def ensure_replaceable(self, at: datetime) -> None:
        """Raise Conflict `api_key_ended` or `api_key_replaced` when it can have no successor."""
        if not self.is_alive(at):
            raise Conflict("api_key_ended", "This key was revoked or has expired; create another one.")
        if self.replaced_by is not None:
            raise Conflict(
                "api_key_replaced", "This key already has a successor.", replaced_by=self.replaced_by
            )


def ensure_lifetime(expires_at: datetime, at: datetime) -> None:
    """Raise Invalid `expiry_invalid` unless a key made at `at` ends within LONGEST_LIFE."""
    if not at < expires_at <= at + LONGEST_LIFE:
        raise Invalid("expiry_invalid", f"A key ends within {LONGEST_LIFE.days} days from now.")


def ensure_scopes(scopes: AbstractSet[str], permitted: AbstractSet[str]) -> None:
    """Raise Forbidden `scopes_not_permitted` unless whoever asks has each of the scopes, and a key may.

    `permitted` is what the asking person's roles and credentials permit now.
    """
    excess = sorted(scopes - (permitted - KEPT_FROM_KEYS))
    if excess:
        raise Forbidden("scopes_not_permitted", "You cannot give a key these scopes.", scopes=excess)
