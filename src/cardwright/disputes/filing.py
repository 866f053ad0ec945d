"""Disputes at the network, between transactions: filed once each, looked up, and found again by a poll."""

import asyncio
from datetime import timedelta
from typing import Final

from cardwright import audit, payments
from cardwright.access import Viewer
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.disputes import claims, file_store, settling, store
from cardwright.disputes.domain import Dispute, Snapshot, give_back
from cardwright.disputes.evidence import FileKind
from cardwright.disputes.ports import DisputeNetwork, Filing, FilingRefused
from cardwright.disputes.recording import tell

SILENCE_BEFORE_POLL: Final = timedelta(minutes=10)
POLL_BATCH: Final = 50


async def file_dispute(work: Work, event: Event) -> None:
    """File a submitted dispute at the network; one that is there or was given up is left alone."""
    await _file(work, event.subject_id)


async def refresh_dispute(work: Work, reference: str) -> None:
    """Look a dispute up at the network and bring ours to it; one that is not ours is ignored."""
    await _apply(work, await work.get(DisputeNetwork).look_up(reference))


async def refresh_silent_disputes(work: Work) -> int:
    """Close what webhooks and jobs lost: file what is not filed, look up what is; return how many.

    Every failure is raised at the end.
    """
    async with work.transaction() as session:
        since = work.clock.now() - SILENCE_BEFORE_POLL
        ids = await store.silent_ids(session, since=since, limit=POLL_BATCH)
    outcomes = await asyncio.gather(*(_catch_up(work, it) for it in ids), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if failures:
        raise ExceptionGroup("disputes could not be refreshed", failures)
    return len(ids)


async def _catch_up(work: Work, dispute_id: str) -> None:
    async with work.transaction() as session:
        await store.touch(session, dispute_id, work.clock.now())
        dispute = await store.find_dispute(session, dispute_id)
    if dispute is None:
        return
    await _file(work, dispute_id)
    if dispute.network_reference is not None:
        await refresh_dispute(work, dispute.network_reference)


async def _file(work: Work, dispute_id: str) -> None:
    async with work.transaction() as session:
        dispute = await store.find_dispute(session, dispute_id)
    if dispute is None or not dispute.is_to_be_filed:
        return
    network, key = work.get(DisputeNetwork), f"{dispute.id}:{dispute.attempt}"
    try:
        files = await _upload(work, network, dispute)
        filing = await _filing(work, dispute, files)
        prepared = await network.file(filing, key=f"{key}:file")
        present = await _apply(work, prepared)
        # Given up in between: what is prepared there runs out of time by itself.
        if present is not None and present.id == dispute.id and present.is_to_be_filed:
            await _apply(work, await network.submit(prepared.reference, key=f"{key}:submit"))
    except FilingRefused as refusal:
        await _give_back(work, dispute, refusal.code)


async def _upload(work: Work, network: DisputeNetwork, dispute: Dispute) -> dict[FileKind, str]:
    async with work.transaction() as session:
        files = await file_store.list_files(session, dispute.id)
    references = {}
    for file in files:
        reference = file.network_reference
        if reference is None:
            async with work.transaction() as session:
                content = await file_store.read_content(session, dispute, file)
            reference = await network.upload(content, file.type, key=file.id)
            async with work.transaction() as session:
                await file_store.save_reference(session, file.id, reference)
        references[file.kind] = reference
    return references


async def _filing(work: Work, dispute: Dispute, files: dict[FileKind, str]) -> Filing:
    async with work.transaction() as session:
        statement = await store.read_statement(session, dispute)
        duplicated = None
        if statement.duplicate_of is not None:
            viewer = Viewer(dispute.program_id, dispute.user_id)
            other = await payments.get_payment(session, statement.duplicate_of, viewer=viewer)
            duplicated = claims.find_duplicated(other, dispute.payment_id, dispute.sequence)
    return Filing(
        dispute.id, dispute.clearing_reference, dispute.amount, dispute.reason, statement, files,
        None if duplicated is None else duplicated.external_id,
    )  # fmt: skip


async def _apply(work: Work, snapshot: Snapshot) -> Dispute | None:
    source, reference = work.get(DisputeNetwork).source, snapshot.reference
    async with work.transaction() as session:
        dispute_id = await store.find_id(session, source, reference, snapshot.dispute_id)
        if dispute_id is None:
            return None
        return await settling.converge(session, dispute_id, snapshot, work.clock.now())


async def _give_back(work: Work, dispute: Dispute, refusal: str) -> None:
    at = work.clock.now()
    async with work.transaction() as session:
        locked = await settling.lock(session, dispute.id)
        if locked is None:
            return
        wallet, present = locked
        returned = give_back(present, refusal, dispute.attempt)
        if returned == present:
            return
        await tell(session, returned, "dispute_returned", "network", at, refusal=refusal)
        details = {"owner_id": returned.user_id, "refusal": refusal}
        await audit.record(
            session, "network", returned.program_id, "dispute.returned", returned.id, details, at
        )
        await store.save(session, await settling.settled(session, wallet, returned, at))
