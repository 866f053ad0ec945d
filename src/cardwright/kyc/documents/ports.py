"""Where sealed documents are kept, in our words."""

from typing import Protocol


class ObjectMissing(LookupError):
    """There is no object of that name."""


class DocumentStore(Protocol):
    """Keeps objects under names of 64 hexadecimal digits; what it is given says nothing to it.

    Every method raises Unavailable `documents_unavailable` while the store does not answer.
    """

    async def put(self, name: str, content: bytes) -> None:
        """Keep an object, whole or not at all; one of the same name is replaced."""
        ...

    async def get(self, name: str) -> bytes:
        """Return an object; raise ObjectMissing when there is none."""
        ...

    async def remove(self, name: str) -> None:
        """Remove an object; one that is gone already is no mistake."""
        ...
