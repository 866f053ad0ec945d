"""The ledger over HTTP: a cardholder's wallet; for finance the trial balance, the journal, corrections."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import Field

from cardwright import audit, users
from cardwright.access import Actor, Reach, allow
from cardwright.approvals import ApprovalOutput, Reason
from cardwright.core.errors import Invalid
from cardwright.core.money import ensure_currency
from cardwright.db.session import Session
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Amount, CurrencyCode, Id, Input, Instant, Output, SignedAmount
from cardwright.ledger import manual, queries, statements
from cardwright.ledger.domain import EntryFilter, Side
from cardwright.ledger.manual import ManualPosting
from cardwright.programs import Program

router = strict.router("/v1", "ledger")
Finance = Annotated[Actor, Depends(allow("ledger.read", reach=Reach.ANY))]
Corrector = Annotated[Actor, Depends(allow("ledger.write", reach=Reach.ANY))]
Holder = Annotated[Actor, Depends(allow("wallet.read"))]
WalletReader = Annotated[Actor, Depends(allow("wallets.read", reach=Reach.ANY))]


class WalletView(Output):
    """A cardholder's money in one currency, in minor units."""

    currency: CurrencyCode
    available_balance: SignedAmount = Field(description="What can be spent now: posted minus held.")
    held: SignedAmount = Field(description="Set aside for authorized payments.")
    posted_balance: SignedAmount
    owed: SignedAmount = Field(description="Clearings that no balance covered; the next top-up repays it.")


class TrialBalanceLineView(Output):
    """One account code."""

    code: str
    currency: CurrencyCode
    debits: SignedAmount
    credits: SignedAmount
    balance: SignedAmount


class TrialBalanceView(Output):
    """All account codes; every difference is zero, or the books are wrong."""

    at: datetime | None
    lines: list[TrialBalanceLineView]
    difference: dict[str, int]


class PostingView(Output):
    """One line of an entry."""

    account_id: Id
    code: str
    owner_id: Id
    side: str
    amount: SignedAmount
    balance_after: SignedAmount | None


class EntryView(Output):
    """A posted journal entry."""

    id: Id
    kind: str
    external_id: str
    currency: CurrencyCode
    payment_id: Id | None
    posted_at: datetime
    approval_id: Id | None = Field(description="Who proposed and approved it, when it was made by hand.")
    reverses_id: Id | None = Field(description="The entry that it takes back.")
    postings: list[PostingView]


class ManualPostingBody(Input):
    """One line of an entry made by hand."""

    account: Annotated[str, Field(max_length=40, description="A code of the chart.", examples=["fees"])]
    owner_id: Id | None = Field(
        default=None, description="Whose account; left out for those that the program owns."
    )
    side: Side = Field(strict=False)
    amount: Amount


class ManualEntryBody(Input):
    """An entry made by hand: its debits and credits are equal."""

    currency: CurrencyCode
    postings: list[ManualPostingBody] = Field(min_length=2, max_length=20)
    reason: Reason
    posted_at: Instant | None = Field(
        default=None,
        description="When it counts, not in the future nor in a closed month; when approved if left out.",
        examples=[None],
    )


class ReversalBody(Input):
    """Why an entry is taken back."""

    reason: Reason


def _entry_filter(
    account_id: Annotated[Id | None, Query(description="Only those that move this account.")] = None,
    kind: Annotated[
        str | None, Query(max_length=40, description="Only of this kind.", examples=["top_up"])
    ] = None,
    external_id: Annotated[
        str | None, Query(max_length=255, description="Only the one that was posted under this id.")
    ] = None,
    since: Annotated[Instant | None, Query(description="Only dated at this instant or later.")] = None,
    until: Annotated[Instant | None, Query(description="Only dated before this instant.")] = None,
    payment_id: Annotated[Id | None, Query(description="Only what this payment moved.")] = None,
) -> EntryFilter:
    return EntryFilter(account_id, kind, external_id, since, until, payment_id)


@router.get("/wallet")
async def get_wallet(
    session: SessionDep, actor: Holder, program: Annotated[Program, Depends(provided(Program))]
) -> WalletView:
    """Your balance, what is held and what is owed."""
    return await _wallet(session, actor.program_id, actor.user_id, program.currency)


@router.get("/users/{user_id}/wallet")
async def get_wallet_of_user(
    user_id: Id, session: SessionDep, clock: ClockDep, actor: WalletReader,
    program: Annotated[Program, Depends(provided(Program))],
) -> WalletView:  # fmt: skip
    """Somebody's balance, what is held and what they owe."""
    await users.get_person(session, user_id, actor.program_id)
    await audit.record_look(session, actor, "wallet.read", user_id, clock.now(), owner_id=user_id)
    return await _wallet(session, actor.program_id, user_id, program.currency)


async def _wallet(session: Session, program_id: str, user_id: str, currency: str) -> WalletView:
    found = {
        account.code: account
        for account in await queries.owned_accounts(session, program_id, user_id)
        if account.currency == currency
    }
    wallet, receivable = found.get("wallet"), found.get("receivable")
    return WalletView(
        currency=currency,
        available_balance=wallet.available_balance if wallet else 0,
        held=wallet.held if wallet else 0,
        posted_balance=wallet.posted_balance if wallet else 0,
        owed=receivable.posted_balance if receivable else 0,
    )


@router.get("/ledger/trial-balance")
async def get_trial_balance(
    session: SessionDep,
    clock: ClockDep,
    actor: Finance,
    at: Annotated[Instant | None, Query(description="An instant with its zone; now when left out.")] = None,
) -> TrialBalanceView:
    """Debits and credits of every account code, now or as they stood at an instant."""
    await audit.record_look(session, actor, "trial_balance.read", actor.program_id, clock.now(), at=at)
    balance = await statements.trial_balance(session, actor.program_id, at=at)
    lines = [TrialBalanceLineView.model_validate(line) for line in balance.lines]
    return TrialBalanceView(at=at, lines=lines, difference=balance.difference)


@router.get("/ledger/entries")
async def list_entries(
    session: SessionDep,
    clock: ClockDep,
    actor: Finance,
    wanted: Annotated[EntryFilter, Depends(_entry_filter)],
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[EntryView]:
    """Journal entries with their postings, by date and newest first."""
    await audit.record_look(
        session, actor, "journal.read", actor.program_id, clock.now(), account_id=wanted.account_id,
        cursor=cursor,
    )  # fmt: skip
    entries = await statements.entries(session, actor.program_id, wanted, before=cursor, limit=limit + 1)
    return page(entries, limit, show=EntryView.model_validate, cursor_of=lambda entry: entry.id)


@router.get("/ledger/entries/{entry_id}")
async def get_entry(entry_id: Id, session: SessionDep, clock: ClockDep, actor: Finance) -> EntryView:
    """One journal entry with its postings."""
    entry = await statements.get_entry(session, actor.program_id, entry_id)
    await audit.record_look(session, actor, "journal.read", actor.program_id, clock.now(), entry_id=entry_id)
    return EntryView.model_validate(entry)


@router.post("/ledger/entries", status_code=202, response_model=ApprovalOutput)
async def propose_entry(
    body: ManualEntryBody, actor: Corrector, call: IdempotencyDep,
    program: Annotated[Program, Depends(provided(Program))],
) -> Response:  # fmt: skip
    """Propose an entry made by hand; it is posted once somebody else approves it."""
    if ensure_currency(body.currency) != program.currency:
        raise Invalid("currency_not_supported", f"The books of this program are in {program.currency}.")
    postings = [
        ManualPosting(line.account, line.owner_id or actor.program_id, line.side, line.amount)
        for line in body.postings
    ]

    async def effect() -> ApprovalOutput:
        proposed = await manual.propose_entry(
            call.session, program_id=actor.program_id, currency=body.currency,
            postings=postings, reason=body.reason, by=actor.user_id, at=call.clock.now(),
            posted_at=body.posted_at,
        )  # fmt: skip
        return ApprovalOutput.model_validate(proposed)

    return await call.once(actor.user_id, effect, status=202)


@router.post("/ledger/entries/{entry_id}/reversal", status_code=202, response_model=ApprovalOutput)
async def propose_reversal(
    entry_id: Id, body: ReversalBody, actor: Corrector, call: IdempotencyDep
) -> Response:
    """Propose to take an entry back, once, by another with its sides exchanged; somebody else approves it."""

    async def effect() -> ApprovalOutput:
        proposed = await manual.propose_reversal(
            call.session, entry_id, program_id=actor.program_id, reason=body.reason, by=actor.user_id,
            at=call.clock.now(),
        )  # fmt: skip
        return ApprovalOutput.model_validate(proposed)

    return await call.once(actor.user_id, effect, status=202)
