"""Routes: register, prove an address, sign in, see one's sessions, sign out."""

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import Depends, Request, Response

from cardwright.access import Actor, allow
from cardwright.authentication import cookies, locks, registration, sessions, signing_in
from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.domain import normalize_email
from cardwright.authentication.guards import HalfSignedIn, NotFromElsewhere
from cardwright.authentication.known_devices import known_device, remember_device
from cardwright.authentication.limits import GateDep
from cardwright.authentication.passwords import check_password
from cardwright.authentication.registration import NewCredentials, prepare_credentials
from cardwright.authentication.schemas import (
    RegistrationInput,
    RegistrationOutput,
    ResendInput,
    SessionOutput,
    SignedInOutput,
    SignInInput,
    VerificationInput,
)
from cardwright.core.errors import Invalid
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, TransactionsDep, provided
from cardwright.http.languages import FavouriteDep
from cardwright.http.origin import current_origin
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id
from cardwright.programs import Program

router = strict.router("", "authentication")

ProgramDep = Annotated[Program, Depends(provided(Program))]
CodesDep = Annotated[EmailCodes, Depends(provided(EmailCodes))]
ReadsAccount = Annotated[Actor, Depends(allow("account.read"))]
WritesAccount = Annotated[Actor, Depends(allow("account.write"))]


async def _prepared_registration(body: RegistrationInput, gate: GateDep) -> NewCredentials:
    await gate.admit("register", gate.limits.register, body.email)
    return await prepare_credentials(body.email, body.password)


# It stands before `call` among the parameters, so that the password is hashed before a transaction opens.
PreparedRegistration = Annotated[NewCredentials, Depends(_prepared_registration)]


@router.post("/v1/auth/register", status_code=202, response_model=RegistrationOutput)
async def register(
    new: PreparedRegistration,
    program: ProgramDep,
    codes: CodesDep,
    call: IdempotencyDep,
    favourite: FavouriteDep,
) -> Response:
    """Sign up: a code is sent to the address. A known address gets the same answer and another e-mail.

    The code is good together with the `registration_id` of this answer only, and the password counts from the
    moment the two are confirmed.
    """

    async def effect() -> RegistrationOutput:
        at = call.clock.now()
        registration_id = await registration.register(
            call.session, new, program_id=program.id, at=at, language=favourite
        )
        return RegistrationOutput(registration_id=registration_id)

    blind_call = replace(call, fingerprint=codes.blind(call.fingerprint))
    # Nobody has a user id yet: keys are kept apart by address, so that strangers' keys never meet. The
    # address is blinded with a key of ours, as a plain digest of one can be guessed.
    return await blind_call.once(f"public:{codes.blind(new.email)}", effect, status=202)


@router.post("/v1/auth/verify-email", status_code=204)
async def verify_email(
    body: VerificationInput,
    program: ProgramDep,
    codes: CodesDep,
    gate: GateDep,
    begin: TransactionsDep,
    clock: ClockDep,
) -> None:
    """Prove an address with the code of your registration, good for ten minutes and five tries.

    The password of that registration becomes yours; all other registrations of the address end.
    """
    email = await gate.admit("verify_email", gate.limits.verify_email, body.email)
    async with begin() as session:
        is_verified = await registration.verify_email(
            session,
            codes,
            program_id=program.id,
            registration_id=body.registration_id,
            email=email,
            code=body.code,
            at=clock.now(),
        )
    if not is_verified:
        raise Invalid("code_invalid", "The code is wrong, used or expired. Ask for another one.")


@router.post("/v1/auth/resend-code", status_code=202, response_class=Response)
async def resend_code(
    body: ResendInput,
    program: ProgramDep,
    codes: CodesDep,
    gate: GateDep,
    session: SessionDep,
    clock: ClockDep,
    favourite: FavouriteDep,
) -> None:
    """Send another code to a registration that waits for one; its last one ends. The answer never differs."""
    email = await gate.admit("resend_code", gate.limits.resend_code, body.email)
    await registration.request_resend(
        session,
        codes,
        program_id=program.id,
        registration_id=body.registration_id,
        email=email,
        at=clock.now(),
        language=favourite,
    )


@router.post("/v1/auth/sign-in", dependencies=[NotFromElsewhere])
async def sign_in(
    body: SignInInput,
    request: Request,
    response: Response,
    program: ProgramDep,
    codes: CodesDep,
    gate: GateDep,
    begin: TransactionsDep,
    clock: ClockDep,
) -> SignedInOutput:
    """Sign in with e-mail and password; the answer sets the cookie of a new session.

    A session that the browser had before ends.
    """
    device_id = known_device(request, codes, normalize_email(body.email), clock.now())
    email = await gate.admit_sign_in(body.email, device_id)
    async with begin() as session:
        credentials = await signing_in.find_credentials(session, program.id, email)
        attempt = await locks.begin_attempt(session, program.id, email, credentials, clock.now())
    check = await check_password(body.password, credentials.password_hash if credentials else None)
    is_admitted = attempt.is_passed_by(check)
    async with begin() as session:
        await locks.end_attempt(session, attempt, check, clock.now())
        if not is_admitted:
            await signing_in.record_refusal(session, program.id, credentials, clock.now())
    async with begin() as session:
        opened = await signing_in.sign_in_with_password(
            session,
            credentials if is_admitted else None,
            check,
            user_agent=_user_agent(),
            at=clock.now(),
        )
        await sessions.end_replaced_session(session, cookies.secret_of(request), clock.now())
    cookies.attach(response, opened)
    if device_id is None:
        remember_device(response, codes, email, clock.now())
    return SignedInOutput.of(opened)


@router.post("/v1/auth/sign-out", status_code=204)
async def sign_out(held: HalfSignedIn, response: Response, session: SessionDep, clock: ClockDep) -> None:
    """End the session that asks; its cookie stops working at once."""
    await sessions.revoke_session(session, held.user_id, held.id, clock.now())
    cookies.clear(response)


@router.get("/v1/auth/sessions")
async def list_sessions(
    actor: ReadsAccount,
    session: SessionDep,
    clock: ClockDep,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[SessionOutput]:
    """List where you are signed in, newest first."""
    found = await sessions.list_sessions(
        session, actor.user_id, at=clock.now(), before=cursor, limit=limit + 1
    )
    show = partial(SessionOutput.of, current_session_id=actor.principal.session_id)
    return page(found, limit, show=show, cursor_of=lambda one: one.id)


@router.delete("/v1/auth/sessions", status_code=204)
async def revoke_other_sessions(actor: WritesAccount, session: SessionDep, clock: ClockDep) -> None:
    """End all your sessions but the one that asks; their cookies stop working at once."""
    await sessions.revoke_all_sessions(
        session, actor.user_id, except_id=actor.principal.session_id, at=clock.now()
    )


@router.delete("/v1/auth/sessions/{session_id}", status_code=204)
async def revoke_session(session_id: Id, actor: WritesAccount, session: SessionDep, clock: ClockDep) -> None:
    """End one of your sessions; its cookie stops working at once."""
    await sessions.revoke_session(session, actor.user_id, session_id, clock.now())


def _user_agent() -> str | None:
    origin = current_origin()
    return origin.user_agent if origin else None
