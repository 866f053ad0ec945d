"""Use cases of clients: registering, new secrets, disabling, roles for what acts for itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from cardwright import access, audit
from cardwright.access import Role
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.oauth.digests import new_secret, secret_hash
from cardwright.oauth.domain import OFFLINE, AuthMethod, Client, GrantType
from cardwright.oauth.jose import NotGenuine, public_key
from cardwright.oauth.redirects import ensure_redirect_uri
from cardwright.oauth.scopes import IDENTITY_SCOPES, KNOWN_SCOPES
from cardwright.oauth.store import clients as store

MOBILE_CLIENT_ID: Final = "client_mobile"
_FIRST_PARTY_SCOPES: Final = frozenset({"account.write"})
_CODE_GRANTS: Final = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN})


@dataclass(frozen=True, slots=True)
class NewClient:
    """What staff say of an application; see Client for what the fields mean."""

    name: str
    auth_method: AuthMethod
    grant_types: Collection[GrantType]
    scopes: Collection[str]
    redirect_uris: Sequence[str] = ()
    post_logout_redirect_uris: Sequence[str] = ()
    key_set: Mapping[str, Any] | None = None
    requires_push: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """A client beside its secret, which is shown this once; None for one that has none."""

    client: Client
    secret: str | None = field(default=None, repr=False)


def mobile_client(program_name: str, redirect_uris: Sequence[str]) -> NewClient:
    """Return the program's own application for phones: it may do what a cardholder may."""
    return NewClient(
        name=f"{program_name} for phones",
        auth_method=AuthMethod.NONE,
        grant_types=_CODE_GRANTS,
        scopes=IDENTITY_SCOPES | access.permissions_of([Role.CARDHOLDER]),
        redirect_uris=redirect_uris,
        post_logout_redirect_uris=redirect_uris,
    )


async def register_client(
    session: Session, new: NewClient, *, program_id: str, by: str, at: datetime
) -> Registered:
    """Register an application; raise Invalid `client_invalid` or `redirect_uri_invalid`.

    What changes somebody's credentials and sessions is for the program's own applications.
    """
    if _FIRST_PARTY_SCOPES & set(new.scopes):
        raise Invalid("client_invalid", "A scope is for the program's own applications alone.")
    client = _checked(new, client_id=new_id("client"), program_id=program_id, at=at)
    secret = new_secret() if client.auth_method is AuthMethod.SECRET else None
    if secret is not None:
        client = replace(client, secret_hash=secret_hash(secret))
    await store.add_client(session, client)
    details = {"auth_method": client.auth_method, "scopes": sorted(client.scopes)}
    await audit.record(session, by, program_id, "client.registered", client.id, details, at)
    return Registered(client, secret)


async def ensure_first_party_client(
    session: Session, client_id: str, new: NewClient, *, program_id: str, at: datetime
) -> None:
    """Keep the program's own application as the settings describe it; nobody is asked for consent to it."""
    client = _checked(new, client_id=client_id, program_id=program_id, at=at)
    await store.save_settled_client(session, replace(client, is_first_party=True))


async def get_client(session: Session, client_id: str, program_id: str) -> Client:
    """Return a program's client; raise NotFound `client_not_found`."""
    return _found(await store.find_client(session, client_id, program_id))


async def list_clients(
    session: Session, *, program_id: str, before: str | None, limit: int
) -> Sequence[Client]:
    """Return a program's clients, starting after the id `before`."""
    return await store.list_clients(session, program_id=program_id, before=before, limit=limit)


async def replace_secret(
    session: Session, client_id: str, *, program_id: str, by: str, at: datetime
) -> Registered:
    """Give a client another secret; the one before is refused at once.

    Raises NotFound `client_not_found` and Conflict `client_without_secret`.
    """
    client = _found(await store.client_for_update(session, client_id, program_id))
    if client.auth_method is not AuthMethod.SECRET:
        raise Conflict("client_without_secret", "This client does not prove itself by a secret.")
    secret = new_secret()
    await store.save_secret_hash(session, client.id, secret_hash(secret))
    await audit.record(session, by, program_id, "client.secret_replaced", client.id, {}, at)
    return Registered(client, secret)


async def disable_client(session: Session, client_id: str, *, program_id: str, by: str, at: datetime) -> None:
    """End a client for good, and with it all it was granted; ending it again changes nothing."""
    client = _found(await store.client_for_update(session, client_id, program_id))
    if client.disabled_at is None:
        await store.save_disabled(session, client.id, at)
        await audit.record(session, by, program_id, "client.disabled", client.id, {}, at)


def _checked(new: NewClient, *, client_id: str, program_id: str, at: datetime) -> Client:
    grant_types, scopes = frozenset(new.grant_types), frozenset(new.scopes)
    for problem, is_wrong in _problems(new, grant_types, scopes).items():
        if is_wrong:
            raise Invalid("client_invalid", problem)
    is_native = new.auth_method is AuthMethod.NONE
    _ensure_keys(new.key_set)
    return Client(
        id=client_id,
        program_id=program_id,
        name=new.name,
        auth_method=new.auth_method,
        redirect_uris=tuple(ensure_redirect_uri(uri, is_native=is_native) for uri in new.redirect_uris),
        post_logout_redirect_uris=tuple(
            ensure_redirect_uri(uri, is_native=is_native) for uri in new.post_logout_redirect_uris
        ),
        grant_types=grant_types,
        scopes=scopes,
        is_first_party=False,
        requires_push=new.requires_push,
        created_at=at,
        key_set=new.key_set,
    )


def _problems(
    new: NewClient, grant_types: frozenset[GrantType], scopes: frozenset[str]
) -> Mapping[str, bool]:
    has_code = GrantType.AUTHORIZATION_CODE in grant_types
    is_public, has_keys = new.auth_method is AuthMethod.NONE, new.key_set is not None
    return {
        "A client has at least one grant type and one scope.": not grant_types or not scopes,
        "A scope is not known.": not scopes <= KNOWN_SCOPES,
        "A public client keeps no secret, so it cannot act for itself.": is_public
        and GrantType.CLIENT_CREDENTIALS in grant_types,
        "Refresh tokens come with authorization codes only.": GrantType.REFRESH_TOKEN in grant_types
        and not has_code,
        "Authorization codes need a redirect URI, and nothing else has one.": has_code
        != bool(new.redirect_uris),
        "Only people have a profile: these scopes need authorization codes.": not has_code
        and bool(scopes & IDENTITY_SCOPES),
        "offline_access needs refresh tokens.": OFFLINE in scopes and not grant_types >= _CODE_GRANTS,
        "A key set is what private_key_jwt is proven by, and nothing else.": has_keys
        != (new.auth_method is AuthMethod.PRIVATE_KEY),
    }


def _ensure_keys(key_set: Mapping[str, Any] | None) -> None:
    if key_set is None:
        return
    keys = key_set.get("keys")
    if not isinstance(keys, list) or not keys:
        raise Invalid("client_invalid", "A key set has a list of keys.")
    try:
        for jwk in keys:
            public_key(jwk)
    except NotGenuine as error:
        raise Invalid(
            "client_invalid", "A key is public, and Ed25519, P-256 or RSA of 2048 bits or more."
        ) from error


def _found(client: Client | None) -> Client:
    if client is None:
        raise NotFound("client_not_found", "There is no client with this id.")
    return client
