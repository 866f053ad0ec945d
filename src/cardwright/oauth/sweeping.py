"""Forgetting what has expired so long ago that nothing asks for it any more."""

from datetime import timedelta
from typing import Final

from cardwright.db.jobs import Work
from cardwright.oauth.store.grants import remove_expired_refresh_tokens
from cardwright.oauth.store.proofs import remove_expired_proofs
from cardwright.oauth.store.requests import remove_expired_requests

_KEPT: Final = timedelta(days=1)
_CLOCKS_APART: Final = timedelta(minutes=5)


async def forget_what_expired(work: Work) -> None:
    """Remove requests, codes, refresh tokens and used proofs; a code is kept a day to notice its reuse."""
    at = work.clock.now()
    async with work.transaction() as session:
        await remove_expired_requests(session, at - _KEPT)
        await remove_expired_refresh_tokens(session, at - _KEPT)
        await remove_expired_proofs(session, at - _CLOCKS_APART)
