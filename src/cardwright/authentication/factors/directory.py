"""Which factors each person has, for guards that know of none of them."""

from collections.abc import Sequence

from cardwright.authentication.factors.codes_store import methods_of
from cardwright.db.session import Session


class EnrolledFactors:
    """Answers what `access` asks when a strong factor has to be used."""

    async def methods_of(self, session: Session, user_id: str) -> Sequence[str]:
        """Return the methods that work for somebody now, in the order to offer them."""
        return [method.value for method in await methods_of(session, user_id)]
