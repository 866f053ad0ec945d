"""What the routes of API keys read and answer."""

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints

from cardwright.access import Permission
from cardwright.api_keys.domain import LONGEST_LIFE, LONGEST_OVERLAP, ApiKey
from cardwright.api_keys.service import NewKey
from cardwright.api_keys.text import MintedKey
from cardwright.http.strict import Id, Input, Instant, Line, Output

_LONGEST_OVERLAP_HOURS = LONGEST_OVERLAP // timedelta(hours=1)
Name = Annotated[Line, StringConstraints(min_length=1, max_length=60), Field(examples=["Nightly export"])]
ExpiresAt = Annotated[
    Instant,
    Field(description=f"At most {LONGEST_LIFE.days} days from now.",
          examples=["2027-06-30T00:00:00Z"]),
]  # fmt: skip
Scopes = Annotated[
    list[Permission],
    Field(min_length=1, max_length=50, description="Names of permissions that you have.",
          examples=[["cards.read", "payments.read"]]),
]  # fmt: skip


class ApiKeyInput(Input):
    """A key to make."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Nightly export", "scopes": ["account.read"], "expires_at": "2027-06-30T00:00:00Z"}
            ]
        }
    )

    name: Name
    scopes: Scopes
    expires_at: ExpiresAt

    def wanted(self) -> NewKey:
        """Return it as the use case takes it."""
        return NewKey(self.name, frozenset(self.scopes), self.expires_at)


class RotationInput(Input):
    """When the successor ends, and for how long both keys count."""

    expires_at: ExpiresAt
    overlap_hours: int = Field(
        default=24, ge=0, le=_LONGEST_OVERLAP_HOURS, description="How long the old key still counts."
    )

    def overlap(self) -> timedelta:
        """Return the overlap as a span."""
        return timedelta(hours=self.overlap_hours)


class ApiKeyOutput(Output):
    """A key as it can be shown at any time: without its secret."""

    id: Id
    name: str
    owner_id: Id
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="Noted at most once a minute.")
    last_used_address: str | None
    revoked_at: datetime | None
    replaced_by: Id | None = Field(description="The key that it was rotated to.")

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """Show a key to those who may see it."""
        return cls(
            id=key.id, name=key.name, owner_id=key.user_id, scopes=sorted(key.scopes),
            created_at=key.created_at, expires_at=key.expires_at, last_used_at=key.last_used_at,
            last_used_address=key.last_used_address, revoked_at=key.revoked_at, replaced_by=key.replaced_by,
        )  # fmt: skip


class NewApiKeyOutput(ApiKeyOutput):
    """A fresh key with its text."""

    key: str | None = Field(
        description="Shown this once: it is null when the same Idempotency-Key is sent again, as it is kept "
        "nowhere. If this answer got lost, revoke the key and make another.",
        examples=["cw_test_01kb3x9p4fe8s8b9xkq5n2r7vt_4g9x2kq7m1v0z8c6b3n5h2j4w6y8t0rs01d5fa9"],
    )

    @classmethod
    def shown_once(cls, key: ApiKey, minted: MintedKey) -> Self:
        """Show a key and its text to whoever made it."""
        return cls(**ApiKeyOutput.of(key).model_dump(), key=minted.text.reveal())

    def withheld(self) -> Self:
        """Return the same without the text: what may be kept."""
        return self.model_copy(update={"key": None})
