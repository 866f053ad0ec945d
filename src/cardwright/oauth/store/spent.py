"""One-time proofs that were used, remembered whatever becomes of the request that brought them."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.db.session import transaction
from cardwright.oauth.store import proofs


class UsedProofs:
    """Remembers proofs in transactions of its own: a request that fails has used its proof as well.

    `engine` is best one that nothing else uses: a request that holds a connection waits for another here.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def use(self, *parts: str, until: datetime) -> bool:
        """Note a proof by what tells it from all others, until it is too old; False when it was used."""
        digest = sha256("\0".join(parts).encode()).hexdigest()
        async with transaction(self._engine) as session:
            return await proofs.add_used(session, digest, until)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._engine.dispose()
