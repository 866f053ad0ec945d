"""Whom an item of a list can be given to."""

from cardwright import access, authentication
from cardwright.access import Permission
from cardwright.core.errors import Invalid
from cardwright.db.session import Session


async def ensure_fit(session: Session, user_id: str, permission: Permission) -> None:
    """Raise Invalid `assignee_unfit` unless somebody of the program has the permission to decide."""
    roles = (await access.find_roles(session, [user_id]))[user_id]
    # Whoever is of another program is nobody here.
    is_known = await authentication.find_identity(session, user_id) is not None
    if not is_known or permission not in access.permissions_of(roles):
        raise Invalid("assignee_unfit", "That is nobody who decides this.")
