"""What the routes of endpoints read and answer."""

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from cardwright.http.strict import Id, Input, Line, Output
from cardwright.webhooks.domain import Changes, DisabledBecause, EndpointDraft, Signature
from cardwright.webhooks.service import LONGEST_OVERLAP, Opened, Shown

_MOST_TYPES = 100
_HOURS = LONGEST_OVERLAP // timedelta(hours=1)


def _once_each(given: list[str]) -> list[str]:
    return list(dict.fromkeys(given))


def _ensure_some(given: list[Signature]) -> list[Signature]:
    if len(set(given)) != len(given):
        raise ValueError("a scheme is named once")
    return sorted(given)


Url = Annotated[
    Line,
    StringConstraints(min_length=1, max_length=2048),
    Field(
        description="An https URL of the public Internet. Redirects are not followed.",
        examples=["https://hooks.example.com/cardwright"],
    ),
]
Description = Annotated[
    Line,
    StringConstraints(max_length=200),
    Field(description="What it is for.", examples=["Bookkeeping"]),
]
EventFilter = Annotated[
    str, StringConstraints(pattern=r"^(\*|[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?)$", max_length=80)
]
EventTypes = Annotated[
    list[EventFilter],
    AfterValidator(_once_each),
    Field(
        min_length=1,
        max_length=_MOST_TYPES,
        description="Types of events, `payments.*` for all of a kind, `*` for everything.",
        examples=[["payments.*", "cards.card_issued"]],
    ),
]
Signatures = Annotated[
    list[Annotated[Signature, Field(strict=False)]],
    AfterValidator(_ensure_some),
    Field(
        min_length=1,
        max_length=2,
        description="`v1`: HMAC-SHA256 with a shared secret. `v1a`: Ed25519 with a key pair of ours.",
        examples=[["v1"]],
    ),
]


class EndpointInput(Input):
    """Where events are to be sent, and which."""

    url: Url
    event_types: EventTypes
    description: Description = ""
    signatures: Signatures = Field(default_factory=lambda: [Signature.HMAC])

    def draft(self) -> EndpointDraft:
        """Return it as the use case takes it."""
        return EndpointDraft(self.url, tuple(self.event_types), self.description, tuple(self.signatures))


class EndpointChanges(Input):
    """What is to be different; what is left out or null stays."""

    url: Url | None = None
    event_types: EventTypes | None = None
    description: Description | None = None
    signatures: Signatures | None = None
    is_enabled: bool | None = Field(
        default=None,
        description="False: nothing is sent, and what waits is canceled. True: enabled, also after failures.",
        examples=[True],
    )

    def changes(self) -> Changes:
        """Return it as the use case takes it."""
        return Changes(
            url=self.url,
            event_types=None if self.event_types is None else tuple(self.event_types),
            description=self.description,
            signatures=None if self.signatures is None else tuple(self.signatures),
            is_enabled=self.is_enabled,
        )


class SecretRotation(Input):
    """How long the old keys sign beside the new ones."""

    overlap_hours: int = Field(
        default=24, ge=0, le=_HOURS, strict=True, examples=[24],
        description="Meanwhile each message carries both signatures; 0 ends all old keys at once.",
    )  # fmt: skip

    def overlap(self) -> timedelta:
        """Return the overlap as a span."""
        return timedelta(hours=self.overlap_hours)


class PublicKeyView(Output):
    """A key that verifies `v1a` signatures."""

    public_key: str = Field(
        description="`whpk_` and 32 bytes in base64.",
        examples=["whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
    )
    created_at: datetime
    ends_at: datetime | None = Field(description="Set once the key has a successor.")


class EndpointOutput(Output):
    """An endpoint as it can be shown at any time: without its secret."""

    id: Id
    owner_id: Id | None = Field(description="The holder whose it is; null for the program's own.")
    url: str
    description: str
    event_types: list[str]
    signatures: list[Signature]
    is_enabled: bool
    disabled_because: DisabledBecause | None = Field(
        description="`by_owner`: it was switched off. `gone`: it answered 410. `failing`: nothing was "
        "answered well for five days."
    )
    disabled_at: datetime | None
    failing_since: datetime | None = Field(description="Since when there was no success.")
    public_keys: list[PublicKeyView] = Field(description="Those of `v1a`, newest first; each of them signs.")
    secret_ends_at: datetime | None = Field(
        description="Until when the last of the former secrets signs, too."
    )
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, shown: Shown) -> Self:
        """Show an endpoint to those who may see it."""
        it = shown.endpoint
        public = [key for key in shown.keys if Signature.ED25519 in it.signatures and key.public_key]
        ending = [key.ends_at for key in shown.keys if key.signature is Signature.HMAC and key.ends_at]
        return cls(
            id=it.id, owner_id=it.user_id, url=it.url, description=it.description,
            event_types=list(it.event_types), signatures=list(it.signatures), is_enabled=it.is_enabled,
            disabled_because=it.disabled_because, disabled_at=it.disabled_at, failing_since=it.failing_since,
            public_keys=[
                PublicKeyView(public_key=key.public_key or "", created_at=key.created_at, ends_at=key.ends_at)
                for key in public
            ],
            secret_ends_at=max(ending, default=None),
            created_at=it.created_at, updated_at=it.updated_at,
        )  # fmt: skip


class NewSecretOutput(EndpointOutput):
    """An endpoint with its fresh secret."""

    secret: str | None = Field(
        description="For `v1`, shown this once: it is null when the same Idempotency-Key is sent again. If "
        "this answer got lost, rotate the secret.",
        examples=["whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
    )

    @classmethod
    def shown_once(cls, opened: Opened) -> Self:
        """Show an endpoint and its secret to whoever made it."""
        secret = None if opened.secret is None else opened.secret.reveal()
        return cls(**EndpointOutput.of(opened.shown).model_dump(), secret=secret)

    def withheld(self) -> Self:
        """Return the same without the secret: what may be kept."""
        return self.model_copy(update={"secret": None})
