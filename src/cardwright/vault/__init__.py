"""The numbers of cards that no processor keeps for us: sealed, and out of reach of everything but this slice.

There is no place for a security code here, nor anywhere else: it is fetched when it is shown.
"""

from cardwright.vault.service import is_kept, keep, reveal
from cardwright.vault.store import SEALED_COLUMNS

__all__ = ["SEALED_COLUMNS", "is_kept", "keep", "reveal"]
