"""Second factors: passkeys, authenticator apps, recovery codes; who has which, and what proving one needs."""

from cardwright.authentication.factors.codes_store import TOTP_SECRET, has_factor
from cardwright.authentication.factors.codes_store import remove_everything as forget_factors
from cardwright.authentication.factors.directory import EnrolledFactors
from cardwright.authentication.factors.relying_party import RelyingParty

__all__ = ["TOTP_SECRET", "EnrolledFactors", "RelyingParty", "forget_factors", "has_factor"]
