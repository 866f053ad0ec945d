"""Routes for staff: the applications that may ask for tokens."""

from datetime import datetime
from typing import Annotated, Any, Final, Self

from fastapi import Depends, Path, Query, Response
from pydantic import Field, StringConstraints

from cardwright.access import Actor, Reach, Role, allow
from cardwright.approvals import ApprovalOutput, Reason
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Limit, Page, page
from cardwright.http.strict import Input, Line, Output
from cardwright.oauth import client_roles, clients
from cardwright.oauth.clients import NewClient, Registered
from cardwright.oauth.domain import AuthMethod, Client, GrantType

router = strict.router("/v1/oauth/clients", "oauth")

_ID: Final = "^client_[0-9a-z_]{1,40}$"
ReadsClients = Annotated[Actor, Depends(allow("clients.read", reach=Reach.ANY))]
WritesClients = Annotated[Actor, Depends(allow("clients.write", reach=Reach.ANY))]
GrantsRoles = Annotated[Actor, Depends(allow("roles.grant", reach=Reach.ANY))]
ClientId = Annotated[str, Path(pattern=_ID, examples=["client_mobile"])]
ClientCursor = Annotated[str | None, Query(pattern=_ID, description="`next_cursor` of the page before.")]
Uri = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500)]
Scope = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=60)]


class ClientInput(Input):
    """An application; how it proves itself cannot be changed later."""

    name: Annotated[Line, StringConstraints(strict=True, min_length=1, max_length=80)] = Field(
        examples=["Tally Accounting"]
    )
    auth_method: AuthMethod = Field(
        strict=False, description="`none` for what runs on phones and desktops and keeps no secret."
    )
    grant_types: list[Annotated[GrantType, Field(strict=False)]] = Field(
        max_length=3, examples=[["authorization_code", "refresh_token"]]
    )
    scopes: list[Scope] = Field(max_length=60, examples=[["openid", "payments.read"]])
    redirect_uris: list[Uri] = Field(
        default=[], max_length=20, examples=[["https://tally.example/connected"]]
    )
    post_logout_redirect_uris: list[Uri] = Field(
        default=[], max_length=20, examples=[["https://tally.example/goodbye"]]
    )
    key_set: dict[str, Any] | None = Field(
        default=None, description="A JWK Set of public keys, with `private_key_jwt`."
    )
    requires_push: bool = Field(
        default=False, description="Whether every authorization request has to be pushed."
    )

    def new_client(self) -> NewClient:
        """Return it as the use case takes it."""
        return NewClient(**{name: getattr(self, name) for name in type(self).model_fields})


class ClientRoleInput(Input):
    """A role for an application that acts for itself, and why it needs it."""

    role: Role = Field(strict=False, examples=["finance"])
    reason: Reason


class ClientOutput(Output):
    """An application as staff see it."""

    id: str = Field(examples=["client_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    name: str
    auth_method: AuthMethod
    grant_types: list[GrantType]
    scopes: list[str]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    key_set: dict[str, Any] | None
    is_first_party: bool
    requires_push: bool
    created_at: datetime
    disabled_at: datetime | None

    @classmethod
    def of(cls, client: Client) -> Self:
        """Show a client without its secret, which nobody knows any more."""
        return cls(**_fields(client))


class RegisteredClientOutput(ClientOutput):
    """The same beside its secret, which is shown this once."""

    client_secret: str | None = Field(description="Keep it now; it is stored as a digest only.")

    @classmethod
    def registered(cls, registered: Registered) -> Self:
        """Show a client and its new secret."""
        return cls(**_fields(registered.client), client_secret=registered.secret)


@router.post("", status_code=201)
async def register_client(
    body: ClientInput, actor: WritesClients, session: SessionDep, clock: ClockDep
) -> RegisteredClientOutput:
    """Register an application; a secret is in this answer and nowhere else."""
    registered = await clients.register_client(
        session, body.new_client(), program_id=actor.program_id, by=actor.user_id, at=clock.now()
    )
    return RegisteredClientOutput.registered(registered)


@router.get("")
async def list_clients(
    actor: ReadsClients, session: SessionDep, limit: Limit = 20,
    cursor: ClientCursor = None,
) -> Page[ClientOutput]:  # fmt: skip
    """List the applications of the program."""
    found = await clients.list_clients(session, program_id=actor.program_id, before=cursor, limit=limit + 1)
    return page(found, limit, show=ClientOutput.of, cursor_of=lambda client: client.id)


@router.get("/{client_id}")
async def get_client(client_id: ClientId, actor: ReadsClients, session: SessionDep) -> ClientOutput:
    """Show one application."""
    return ClientOutput.of(await clients.get_client(session, client_id, actor.program_id))


@router.post("/{client_id}/secret", status_code=201)
async def replace_client_secret(
    client_id: ClientId, actor: WritesClients, session: SessionDep, clock: ClockDep
) -> RegisteredClientOutput:
    """Give an application another secret; the one before is refused at once."""
    replaced = await clients.replace_secret(
        session, client_id, program_id=actor.program_id, by=actor.user_id, at=clock.now()
    )
    return RegisteredClientOutput.registered(replaced)


@router.delete("/{client_id}", status_code=204)
async def disable_client(
    client_id: ClientId, actor: WritesClients, session: SessionDep, clock: ClockDep
) -> None:
    """End an application for good; all its tokens stop working at once."""
    await clients.disable_client(
        session, client_id, program_id=actor.program_id, by=actor.user_id, at=clock.now()
    )


@router.post("/{client_id}/roles", status_code=202, response_model=ApprovalOutput)
async def propose_client_role(
    client_id: ClientId, body: ClientRoleInput, actor: GrantsRoles, call: IdempotencyDep
) -> Response:
    """Propose that an application acts for itself in a role; it counts once another approves."""

    async def effect() -> ApprovalOutput:
        proposed = await client_roles.propose_client_role(
            call.session, client_id, body.role, program_id=actor.program_id, reason=body.reason,
            by=actor.user_id, at=call.clock.now(),
        )  # fmt: skip
        return ApprovalOutput.model_validate(proposed)

    return await call.once(actor.user_id, effect, status=202)


def _fields(client: Client) -> dict[str, Any]:
    return {
        "id": client.id,
        "name": client.name,
        "auth_method": client.auth_method,
        "grant_types": sorted(client.grant_types),
        "scopes": sorted(client.scopes),
        "redirect_uris": list(client.redirect_uris),
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "key_set": None if client.key_set is None else dict(client.key_set),
        "is_first_party": client.is_first_party,
        "requires_push": client.requires_push,
        "created_at": client.created_at,
        "disabled_at": client.disabled_at,
    }
