"""Routes that prove a factor: sign in with a passkey, finish a sign-in, confirm what is sensitive."""

from typing import Annotated

from fastapi import Depends, Request, Response

from cardwright.authentication import cookies, sessions
from cardwright.authentication.domain import AuthSession
from cardwright.authentication.factors import passkeys, recovery_codes, totp
from cardwright.authentication.factors.domain import AMR_WORDS, CeremonyPurpose, FactorMethod, Owner
from cardwright.authentication.factors.relying_party import RelyingParty
from cardwright.authentication.factors.schemas import (
    CeremonyOutput,
    PasskeyAnswerInput,
    RecoveryCodeInput,
    TotpInput,
)
from cardwright.authentication.guards import HalfSignedIn
from cardwright.authentication.limits import GateDep
from cardwright.authentication.schemas import SignedInOutput
from cardwright.authentication.store import find_identity
from cardwright.core.errors import Unauthenticated
from cardwright.db.session import Session
from cardwright.http import strict
from cardwright.http.cross_site import CrossSiteGate
from cardwright.http.deps import ClockDep, SessionDep, provided
from cardwright.http.errors import RefusalDep
from cardwright.http.origin import current_origin
from cardwright.programs import Program

router = strict.router("/v1/auth", "authentication")

PartyDep = Annotated[RelyingParty, Depends(provided(RelyingParty))]
ProgramDep = Annotated[Program, Depends(provided(Program))]
CrossSiteDep = Annotated[CrossSiteGate, Depends(provided(CrossSiteGate))]


@router.post("/passkey/options")
async def begin_passkey_sign_in(
    gate: GateDep, session: SessionDep, clock: ClockDep, party: PartyDep, program: ProgramDep
) -> CeremonyOutput:
    """Begin to sign in with a passkey, without saying who you are."""
    await gate.admit_subject("passkey", gate.limits.passkey, gate.client)
    ceremony = await passkeys.begin_sign_in(session, party, program_id=program.id, at=clock.now())
    return CeremonyOutput(ceremony_id=ceremony.id, public_key=ceremony.options)


@router.post("/passkey/sign-in", response_model=SignedInOutput)
async def sign_in_with_passkey(
    body: PasskeyAnswerInput,
    request: Request,
    response: Response,
    session: SessionDep,
    clock: ClockDep,
    party: PartyDep,
    program: ProgramDep,
    cross_site: CrossSiteDep,
    refusal: RefusalDep,
) -> SignedInOutput | Response:
    """Sign in with a passkey; the answer sets the cookie of a new session.

    A session that the browser had before ends.
    """
    cross_site.ensure_not_foreign(request)
    at = clock.now()
    challenge = await passkeys.take_challenge(
        session, body.ceremony_id, CeremonyPurpose.SIGN_IN, program_id=program.id, session_id=None, at=at
    )
    if challenge is None:
        raise _ceremony_unknown()
    passkey = await passkeys.check_passkey(
        session, party, credential=body.credential.as_json(), challenge=challenge,
        program_id=program.id, user_id=None, at=at,
    )  # fmt: skip
    identity = None if passkey is None else await find_identity(session, passkey.user_id)
    if identity is None or identity.verified_at is None:
        return refusal(_passkey_refused())
    origin = current_origin()
    opened = await sessions.open_session(
        session, identity, methods=[AMR_WORDS[FactorMethod.PASSKEY]],
        user_agent=origin.user_agent if origin else None, at=at, factor_used_at=at,
    )  # fmt: skip
    await sessions.end_replaced_session(session, cookies.secret_of(request), at)
    cookies.attach(response, opened)
    return SignedInOutput.of(opened)


@router.post("/step-up/passkey/options")
async def begin_passkey_step_up(
    held: HalfSignedIn, gate: GateDep, session: SessionDep, clock: ClockDep, party: PartyDep
) -> CeremonyOutput:
    """Begin to confirm with one of your passkeys, or to finish signing in with it."""
    await gate.admit_subject("passkey", gate.limits.passkey, gate.client)
    ceremony = await passkeys.begin_step_up(session, party, _owner(held), session_id=held.id, at=clock.now())
    return CeremonyOutput(ceremony_id=ceremony.id, public_key=ceremony.options)


@router.post("/step-up/passkey", response_model=SignedInOutput)
async def step_up_with_passkey(
    body: PasskeyAnswerInput,
    held: HalfSignedIn,
    response: Response,
    session: SessionDep,
    clock: ClockDep,
    party: PartyDep,
    refusal: RefusalDep,
) -> SignedInOutput | Response:
    """Confirm with a passkey, or finish signing in with it; the session gets another cookie."""
    at = clock.now()
    challenge = await passkeys.take_challenge(
        session, body.ceremony_id, CeremonyPurpose.STEP_UP,
        program_id=held.program_id, session_id=held.id, at=at,
    )  # fmt: skip
    if challenge is None:
        raise _ceremony_unknown()
    passkey = await passkeys.check_passkey(
        session, party, credential=body.credential.as_json(), challenge=challenge,
        program_id=held.program_id, user_id=held.user_id, at=at,
    )  # fmt: skip
    if passkey is None:
        return refusal(_passkey_refused())
    return await _strengthened(session, held, FactorMethod.PASSKEY, clock, response)


@router.post("/step-up/totp", response_model=SignedInOutput)
async def step_up_with_totp(
    body: TotpInput,
    held: HalfSignedIn,
    response: Response,
    gate: GateDep,
    session: SessionDep,
    clock: ClockDep,
    refusal: RefusalDep,
) -> SignedInOutput | Response:
    """Confirm with a code of your authenticator app, or finish signing in with it.

    Each code is good once. After five wrong ones in a row you wait; passkeys and recovery codes stay open.
    """
    await gate.admit_subject("totp", gate.limits.factor, held.user_id)
    if not await totp.check_totp(session, held.user_id, body.code, clock.now()):
        return refusal(_code_invalid())
    return await _strengthened(session, held, FactorMethod.TOTP, clock, response)


@router.post("/step-up/recovery-code", response_model=SignedInOutput)
async def step_up_with_recovery_code(
    body: RecoveryCodeInput,
    held: HalfSignedIn,
    response: Response,
    gate: GateDep,
    session: SessionDep,
    clock: ClockDep,
) -> SignedInOutput:
    """Use a recovery code up, to confirm or to finish signing in when everything else is lost."""
    await gate.admit_subject("recovery_code", gate.limits.factor, held.user_id)
    if not await recovery_codes.use_recovery_code(session, _owner(held), body.code, clock.now()):
        raise _code_invalid()
    return await _strengthened(session, held, FactorMethod.RECOVERY_CODE, clock, response)


async def _strengthened(
    session: Session, held: AuthSession, method: FactorMethod, clock: ClockDep, response: Response
) -> SignedInOutput:
    opened = await sessions.strengthen_session(session, held.id, method=AMR_WORDS[method], at=clock.now())
    cookies.attach(response, opened)
    return SignedInOutput.of(opened)


def _owner(held: AuthSession) -> Owner:
    return Owner(held.user_id, held.program_id)


def _ceremony_unknown() -> Unauthenticated:
    return Unauthenticated("ceremony_unknown", "This ceremony was used or has expired. Begin again.")


def _passkey_refused() -> Unauthenticated:
    # Which of the checks failed is nobody's business.
    return Unauthenticated("passkey_refused", "This passkey was not accepted.")


def _code_invalid() -> Unauthenticated:
    return Unauthenticated("code_invalid", "The code is wrong or was used.")
