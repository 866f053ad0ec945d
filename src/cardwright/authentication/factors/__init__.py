"""Second factors: passkeys, authenticator apps, recovery codes; who has which, and what proving one needs."""

from typing import Final

from cardwright.authentication.factors.codes_store import TOTP_SECRET, has_factor
from cardwright.authentication.factors.codes_store import remove_everything as forget_factors
from cardwright.authentication.factors.directory import EnrolledFactors
from cardwright.authentication.factors.relying_party import RelyingParty
from cardwright.encryption import SealedColumn

SEALED_COLUMNS: Final[tuple[SealedColumn, ...]] = (TOTP_SECRET,)
"""What of the factors is encrypted at rest."""

__all__ = ["SEALED_COLUMNS", "EnrolledFactors", "RelyingParty", "forget_factors", "has_factor"]
