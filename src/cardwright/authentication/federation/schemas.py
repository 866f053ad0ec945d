"""What the routes of outside providers answer."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path
from pydantic import Field

from cardwright.authentication.federation.domain import Link
from cardwright.http.strict import Output

ProviderId = Annotated[
    str, Path(pattern="^[a-z0-9-]{1,40}$", description="From the list of providers.", examples=["example"])
]


class ProviderOutput(Output):
    """An outside provider that people may sign in with."""

    id: str = Field(examples=["example"])
    name: str = Field(examples=["Example"])


class ProviderList(Output):
    """All providers of the deployment."""

    data: list[ProviderOutput]


class DepartureOutput(Output):
    """Where to send the browser; the cookie that this answer sets has to come back with it."""

    authorization_url: str = Field(examples=["https://provider.example/authorize?client_id=…&state=…"])


class LinkOutput(Output):
    """An account at an outside provider that signs in as you."""

    id: str = Field(examples=["link_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    provider_id: str = Field(examples=["example"])
    linked_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, link: Link) -> Self:
        """Show a link to its owner."""
        return cls(
            id=link.id,
            provider_id=link.provider_id,
            linked_at=link.linked_at,
            last_used_at=link.last_used_at,
        )


class LinkList(Output):
    """All accounts that sign in as you."""

    data: list[LinkOutput]
