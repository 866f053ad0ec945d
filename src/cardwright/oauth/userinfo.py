"""What a client may know of a person, by the scopes that it was given."""

from collections.abc import Mapping
from typing import Any

from cardwright.authentication import find_identity
from cardwright.db.session import Session
from cardwright.users import Profile, find_profile


async def userinfo_claims(session: Session, user_id: str, scopes: frozenset[str]) -> Mapping[str, Any]:
    """Return OpenID Connect's standard claims; what the person has not told is left out."""
    claims: dict[str, Any] = {"sub": user_id}
    identity = await find_identity(session, user_id)
    if identity is not None and "email" in scopes:
        claims |= {"email": identity.email, "email_verified": identity.verified_at is not None}
    profile = await find_profile(session, user_id)
    return claims if profile is None else claims | _of_profile(profile, scopes)


def _of_profile(profile: Profile, scopes: frozenset[str]) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    if "profile" in scopes:
        claims |= {"name": profile.full_name, "locale": profile.locale, "zoneinfo": profile.time_zone}
    if "phone" in scopes and profile.phone is not None:
        claims["phone_number"] = profile.phone
    if "address" in scopes and profile.address is not None:
        claims["address"] = {
            "street_address": profile.address.line1,
            "locality": profile.address.city,
            "postal_code": profile.address.postal_code,
            "country": profile.address.country,
        }
    return claims
