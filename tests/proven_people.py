"""People whose password is one that all of them have: it is hashed once in a run, not for each of them."""

from datetime import datetime
from functools import cache
from typing import Final

from argon2 import PasswordHasher

from cardwright.authentication import find_by_email, hashing
from cardwright.authentication import store as identities
from cardwright.authentication.domain import Credentials, Identity, normalize_email
from cardwright.core.ids import new_id
from cardwright.db.session import Session

PASSWORD: Final = "correct horse battery staple"


async def a_proven_identity(session: Session, email: str, program_id: str, at: datetime) -> str:
    """Return the user id of a proven identity, made on first use, like `create_verified_identity`."""
    found = await find_by_email(session, program_id, email)
    if found is not None:
        return found.user_id
    made = Identity(new_id("user"), program_id, normalize_email(email), None, at)
    await identities.add_identity(session, Credentials(made, None))
    await identities.save_verified(session, made.user_id, _hash(hashing._HASHER), at)
    return made.user_id


@cache
def _hash(hasher: PasswordHasher) -> str:
    """The hash of the one password; one made with other work than the application's would be made anew."""
    return hasher.hash(PASSWORD)
