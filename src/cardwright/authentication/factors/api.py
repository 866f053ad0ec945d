"""Routes to one's factors: see, add, name and remove them."""

from typing import Annotated

from fastapi import Depends, Response

from cardwright.access import Actor, allow
from cardwright.authentication import cookies, sessions
from cardwright.authentication.factors import codes_store, passkeys, recovery_codes, totp
from cardwright.authentication.factors.domain import AMR_WORDS, CeremonyPurpose, FactorMethod
from cardwright.authentication.factors.guards import Enroller, Enrolling, first_party_session, owner_of
from cardwright.authentication.factors.relying_party import RelyingParty
from cardwright.authentication.factors.schemas import (
    CeremonyOutput,
    FactorsOutput,
    NewPasskeyInput,
    NewPasskeyOutput,
    NewTotpOutput,
    PasskeyNameInput,
    PasskeyOutput,
    RecoveryCodesOutput,
    TotpInput,
)
from cardwright.authentication.store import find_identity
from cardwright.core.errors import Invalid
from cardwright.db.session import Session
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, provided
from cardwright.http.errors import RefusalDep
from cardwright.http.strict import Id

router = strict.router("/v1/me", "factors")

PartyDep = Annotated[RelyingParty, Depends(provided(RelyingParty))]
Reader = Annotated[Actor, Depends(allow("account.read"))]
Writer = Annotated[Actor, Depends(allow("account.write"))]
Confirmed = Annotated[Actor, Depends(allow("account.write", step_up=True))]


@router.get("/factors")
async def list_factors(actor: Reader, session: SessionDep) -> FactorsOutput:
    """See your passkeys, whether you have an authenticator app, and how many recovery codes are left."""
    found = await passkeys.list_passkeys(session, actor.user_id)
    app = await codes_store.find_totp(session, actor.user_id)
    return FactorsOutput(
        passkeys=[PasskeyOutput.of(passkey) for passkey in found],
        totp_confirmed_at=None if app is None else app.confirmed_at,
        recovery_codes_left=await codes_store.count_recovery_codes(session, actor.user_id),
    )


@router.post("/passkeys/options")
async def begin_passkey(
    enroller: Enrolling, session: SessionDep, clock: ClockDep, party: PartyDep
) -> CeremonyOutput:
    """Begin to add a passkey: hand the options to `navigator.credentials.create`.

    Needs a factor used within five minutes; for the first one, a sign-in of the last five minutes.
    """
    ceremony = await passkeys.begin_registration(
        session, party, enroller.owner,
        account=await _account(session, enroller), session_id=enroller.session_id, at=clock.now(),
    )  # fmt: skip
    return CeremonyOutput(ceremony_id=ceremony.id, public_key=ceremony.options)


@router.post("/passkeys", status_code=201, response_model=NewPasskeyOutput)
async def add_passkey(
    body: NewPasskeyInput,
    enroller: Enrolling,
    session: SessionDep,
    clock: ClockDep,
    party: PartyDep,
    refusal: RefusalDep,
    response: Response,
) -> NewPasskeyOutput | Response:
    """Add the passkey that the device has made. With the first factor come ten recovery codes."""
    at = clock.now()
    challenge = await passkeys.take_challenge(
        session, body.ceremony_id, CeremonyPurpose.REGISTRATION,
        program_id=enroller.owner.program_id, session_id=enroller.session_id, at=at,
    )  # fmt: skip
    if challenge is None:
        raise Invalid("ceremony_unknown", "This ceremony was used, has expired or is not yours. Begin again.")
    credential = body.credential.as_json()
    try:
        added = await passkeys.add_passkey(
            session, party, enroller.owner,
            credential=credential, challenge=challenge, name=body.name, at=at,
        )  # fmt: skip
    except Invalid as error:
        # The challenge stays used, whatever was answered to it.
        return refusal(error)
    codes = await recovery_codes.first_recovery_codes(session, enroller.owner, at)
    await _strengthen(session, enroller, FactorMethod.PASSKEY, clock, response)
    shown = RecoveryCodesOutput.of(codes).recovery_codes
    return NewPasskeyOutput(passkey=PasskeyOutput.of(added), recovery_codes=shown)


@router.patch("/passkeys/{passkey_id}")
async def rename_passkey(
    passkey_id: Id, body: PasskeyNameInput, actor: Writer, session: SessionDep, clock: ClockDep
) -> PasskeyOutput:
    """Give a passkey another name."""
    first_party_session(actor)
    renamed = await passkeys.rename_passkey(session, owner_of(actor), passkey_id, body.name, clock.now())
    return PasskeyOutput.of(renamed)


@router.delete("/passkeys/{passkey_id}", status_code=204)
async def remove_passkey(passkey_id: Id, actor: Confirmed, session: SessionDep, clock: ClockDep) -> None:
    """Remove a passkey, after a strong factor was used. With the last factor go the recovery codes."""
    first_party_session(actor)
    await passkeys.remove_passkey(session, owner_of(actor), passkey_id, clock.now())


@router.post("/totp")
async def begin_totp(
    enroller: Enrolling, session: SessionDep, clock: ClockDep, party: PartyDep
) -> NewTotpOutput:
    """Begin to add an authenticator app: show it the QR code, then confirm with a code of it.

    Needs a factor used within five minutes; for the first one, a sign-in of the last five minutes.
    """
    account = await _account(session, enroller)
    new = await totp.begin_totp(session, enroller.owner, account=account, issuer=party.name, at=clock.now())
    return NewTotpOutput.of(new)


@router.post("/totp/confirm", response_model=RecoveryCodesOutput)
async def confirm_totp(
    body: TotpInput,
    enroller: Enrolling,
    session: SessionDep,
    clock: ClockDep,
    refusal: RefusalDep,
    response: Response,
) -> RecoveryCodesOutput | Response:
    """Let the authenticator app count that shows this code. With the first factor come ten recovery codes."""
    at = clock.now()
    if not await totp.confirm_totp(session, enroller.owner, body.code, at):
        return refusal(Invalid("code_invalid", "This is not the code that the app shows now."))
    codes = await recovery_codes.first_recovery_codes(session, enroller.owner, at)
    await _strengthen(session, enroller, FactorMethod.TOTP, clock, response)
    return RecoveryCodesOutput.of(codes)


@router.delete("/totp", status_code=204)
async def remove_totp(actor: Confirmed, session: SessionDep, clock: ClockDep) -> None:
    """Remove the authenticator app, after a strong factor was used."""
    first_party_session(actor)
    await totp.remove_totp(session, owner_of(actor), clock.now())


@router.post("/recovery-codes")
async def replace_recovery_codes(
    actor: Confirmed, session: SessionDep, clock: ClockDep
) -> RecoveryCodesOutput:
    """Get ten new recovery codes, after a strong factor was used; the ones before are good no more."""
    first_party_session(actor)
    codes = await recovery_codes.replace_recovery_codes(session, owner_of(actor), clock.now())
    return RecoveryCodesOutput.of(codes)


async def _account(session: Session, enroller: Enroller) -> str:
    identity = await find_identity(session, enroller.owner.user_id)
    assert identity is not None  # noqa: S101 - whoever has a session has an identity
    return identity.email


async def _strengthen(
    session: Session, enroller: Enroller, method: FactorMethod, clock: ClockDep, response: Response
) -> None:
    # Whoever has just shown a new factor need not do so again at once.
    opened = await sessions.strengthen_session(
        session, enroller.session_id, method=AMR_WORDS[method], at=clock.now()
    )
    cookies.attach(response, opened)
