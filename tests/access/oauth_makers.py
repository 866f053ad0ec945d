"""What OAuth knows of somebody: an application, what it may do for them, a request that waits for them."""

from access.world import Person, World
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from cardwright.oauth import AuthMethod, GrantType, NewClient, register_client
from cardwright.oauth.authorization import open_interaction
from cardwright.oauth.domain import GRANT_LIFETIME, Grant
from cardwright.oauth.people import Person as Signer
from cardwright.oauth.people import SignIn
from cardwright.oauth.requests import AuthorizationRequest
from cardwright.oauth.store import grants

CALLBACK = "https://partner.example/connected"


async def a_client(world: World, owner: Person) -> str:
    """An application of the owner's program, which acts for itself."""
    return await _registered(world, owner, GrantType.CLIENT_CREDENTIALS)


async def a_connection(world: World, owner: Person) -> str:
    """What the owner let an application do."""
    now = world.clock.now()
    client_id = await _registered(world, owner, GrantType.AUTHORIZATION_CODE)
    grant = Grant(
        new_id("grant"), owner.program.id, client_id, owner.user_id, owner.session_id,
        frozenset({"account.read"}), ("pwd",), now, now + GRANT_LIFETIME,
    )  # fmt: skip
    async with transaction(world.engine) as session:
        await grants.add_grant(session, grant)
    return grant.id


async def an_interaction(world: World, owner: Person) -> str:
    """An application's request that waits for the owner's yes or no."""
    now = world.clock.now()
    client_id = await _registered(world, owner, GrantType.AUTHORIZATION_CODE)
    request = AuthorizationRequest(client_id, CALLBACK, frozenset({"account.read"}), "x" * 43)
    signer = Signer(owner.user_id, owner.session_id, SignIn(now, ("pwd",), now))
    async with transaction(world.engine) as session:
        return await open_interaction(session, request, signer, owner.program.id, now)


async def _registered(world: World, owner: Person, grant_type: GrantType) -> str:
    uris = (CALLBACK,) if grant_type is GrantType.AUTHORIZATION_CODE else ()
    wanted = NewClient("Tally", AuthMethod.SECRET, (grant_type,), ("account.read",), redirect_uris=uris)
    async with transaction(world.engine) as session:
        made = await register_client(
            session, wanted, program_id=owner.program.id, by="system", at=world.clock.now()
        )
    return made.client.id
