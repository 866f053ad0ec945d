"""What proofs ask of the slice that knows what was decided."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cardwright.db.session import Session
from cardwright.rules.language.interpreter import Facts

Transactions = Callable[[], AbstractAsyncContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Past:
    """A recorded authorization with its fields; what was not recorded and cannot be counted is absent.

    An optional field that the authorization did not have is None.
    """

    decided_at: datetime
    facts: Facts


class PastAuthorizations(Protocol):
    """Recorded authorizations, with velocity as it was at each of them."""

    def newest(
        self, transactions: Transactions, program_id: str, names: Collection[str], *, since: datetime
    ) -> AsyncIterator[Sequence[Past]]:
        """Yield a program's authorizations since an instant, the newest first, with the fields of `names`.

        Each batch is read when it is asked for, in some tens of milliseconds, so that one can stop in time.
        """
        ...
