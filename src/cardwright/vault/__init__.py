"""The numbers of cards that no processor keeps for us: sealed, and out of reach of everything but this slice.

There is no place for a security code here, nor anywhere else: it is fetched when it is shown.
"""

from cardwright.vault.service import (
    KEPT_AFTER_CANCELLATION,
    erase_due,
    is_kept,
    keep,
    let_go,
    reveal,
)
from cardwright.vault.store import SEALED_COLUMNS

__all__ = ["KEPT_AFTER_CANCELLATION", "SEALED_COLUMNS", "erase_due", "is_kept", "keep", "let_go", "reveal"]
