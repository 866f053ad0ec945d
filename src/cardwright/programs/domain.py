"""What a card program is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Program:
    """A tenant: one issuer, one currency for now; nothing of it is visible to another."""

    id: str
    slug: str
    name: str
    currency: str
