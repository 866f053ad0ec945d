"""Routes: replace a forgotten password, change one's password, change one's e-mail address."""

from typing import Annotated

from fastapi import Depends, Response

from cardwright.access import Actor, allow
from cardwright.authentication import changing, email_changes, resets
from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.credentials_schemas import (
    EmailChangeInput,
    EmailChangeOutput,
    EmailConfirmationInput,
    ForgottenInput,
    PasswordChangeInput,
    ResetInput,
    VetoInput,
)
from cardwright.authentication.domain import address_digest, normalize_email
from cardwright.authentication.factors import has_factor
from cardwright.authentication.known_devices import remember_device
from cardwright.authentication.limits import GateDep
from cardwright.authentication.passwords import ensure_acceptable, hash_password
from cardwright.core.errors import Invalid
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, TransactionsDep, provided
from cardwright.programs import Program

router = strict.router("", "authentication")

ProgramDep = Annotated[Program, Depends(provided(Program))]
CodesDep = Annotated[EmailCodes, Depends(provided(EmailCodes))]
WritesAccount = Annotated[Actor, Depends(allow("account.write"))]


@router.post("/v1/auth/forgot-password", status_code=202, response_class=Response)
async def forgot_password(
    body: ForgottenInput, program: ProgramDep, gate: GateDep, session: SessionDep, clock: ClockDep
) -> None:
    """Have a link sent that replaces a forgotten password. The answer is the same for every address."""
    email = await gate.admit("forgot_password", gate.limits.forgot_password, body.email)
    await resets.request_reset(session, program_id=program.id, email=email, at=clock.now())


@router.post("/v1/auth/reset-password", status_code=204)
async def reset_password(
    body: ResetInput,
    response: Response,
    codes: CodesDep,
    gate: GateDep,
    begin: TransactionsDep,
    clock: ClockDep,
) -> None:
    """Replace a forgotten password with the token of a link, good once and for half an hour.

    All sessions end and nobody is signed in; a second factor is asked for at the next sign-in as before.
    """
    subject = address_digest(body.token)
    await gate.admit_subject("reset_password", gate.limits.reset_password, subject)
    async with begin() as session:
        found = await resets.find_open_reset(session, codes, body.token, clock.now())
        if found is None:
            raise _link_invalid()
        reset, identity = found
        is_strong = await has_factor(session, identity.user_id)
    new_password = ensure_acceptable(body.new_password, identity.email, has_factor=is_strong)
    password_hash = await hash_password(new_password)
    async with begin() as session:
        if not await resets.complete_reset(session, reset.id, password_hash, clock.now()):
            raise _link_invalid()
    # Whoever reads the mailbox gets in although strangers may have used up what unknown devices share.
    remember_device(response, codes, identity.email, clock.now())


@router.post("/v1/auth/change-password", status_code=204)
async def change_password(
    body: PasswordChangeInput, actor: WritesAccount, gate: GateDep, begin: TransactionsDep, clock: ClockDep
) -> None:
    """Change your password; all your other sessions end.

    Needs a second factor used within five minutes, if you have one.
    """
    await gate.admit_subject("change_password", gate.limits.change_password, actor.user_id)
    async with begin() as session:
        await changing.ensure_factor_if_any(session, actor, clock.now())
        credentials = await changing.get_credentials(session, actor.user_id)
        is_strong = await has_factor(session, actor.user_id)
    email = credentials.identity.email
    new_password = ensure_acceptable(body.new_password, email, has_factor=is_strong)
    await changing.ensure_password(credentials, body.password)
    password_hash = await hash_password(new_password)
    async with begin() as session:
        await changing.save_new_password(
            session, credentials, password_hash, session_id=actor.principal.session_id, at=clock.now()
        )


@router.post("/v1/auth/email-changes", status_code=202)
async def request_email_change(
    body: EmailChangeInput, actor: WritesAccount, gate: GateDep, begin: TransactionsDep, clock: ClockDep
) -> EmailChangeOutput:
    """Ask for another e-mail address: a code goes to the new one, a notice to the one before."""
    new_email = normalize_email(body.new_email)
    await gate.admit_subject("change_email", gate.limits.change_email, actor.user_id)
    async with begin() as session:
        await changing.ensure_factor_if_any(session, actor, clock.now())
        credentials = await changing.get_credentials(session, actor.user_id)
    await changing.ensure_password(credentials, body.password)
    async with begin() as session:
        change_id = await email_changes.request_change(session, credentials, new_email, clock.now())
    return EmailChangeOutput(email_change_id=change_id)


@router.post("/v1/auth/email-changes/confirm", status_code=204)
async def confirm_email_change(
    body: EmailConfirmationInput,
    actor: WritesAccount,
    codes: CodesDep,
    gate: GateDep,
    begin: TransactionsDep,
    clock: ClockDep,
) -> None:
    """Make the new address yours with its code, good for ten minutes and five tries; other sessions end."""
    await gate.admit_subject("confirm_email", gate.limits.confirm_email, actor.user_id)
    async with begin() as session:
        is_changed = await email_changes.confirm_change(
            session,
            codes,
            user_id=actor.user_id,
            change_id=body.email_change_id,
            code=body.code,
            session_id=actor.principal.session_id,
            at=clock.now(),
        )
    if not is_changed:
        raise Invalid("code_invalid", "The code is wrong, used or expired. Ask for another one.")


@router.post("/v1/auth/email-changes/veto", status_code=204)
async def veto_email_change(
    body: VetoInput, codes: CodesDep, gate: GateDep, begin: TransactionsDep, clock: ClockDep
) -> None:
    """Undo a change of your e-mail address with the link that the address before was sent, for a week.

    All sessions end, the password is good for nothing any more, and a link to set another is sent there.
    """
    await gate.admit_subject("veto_email", gate.limits.veto_email, address_digest(body.token))
    async with begin() as session:
        is_undone = await email_changes.veto_change(session, codes, body.token, clock.now())
    if not is_undone:
        raise _link_invalid()


def _link_invalid() -> Invalid:
    return Invalid("link_invalid", "This link is wrong, used or expired. Ask for another one.")
