"""What a card program is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Program:
    """A tenant: one issuer, one currency for now; nothing of it is visible to another.

    `brand_color` is what e-mails show beside the name, as #rrggbb; the deployment's settings say it.
    """

    id: str
    slug: str
    name: str
    currency: str
    brand_color: str | None = None
