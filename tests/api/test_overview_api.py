"""The figures that the console opens with."""

from datetime import timedelta

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import browsers
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from cardwright.programs import ensure_program
from proven_people import a_proven_identity
from staff import grant_role

DECISION = text("""
    INSERT INTO decisions (id, program_id, source, request_key, kind, amount, merchant_id, outcome,
                           reason_code,
                           decided_by, facts, verdict, stages_us, decided_at)
    VALUES (:id, :program_id, 'test', :id, 'authorization', 100, 'm', :outcome, :reason, :by, '{}', '{}',
            CAST(:stages AS jsonb), :at)
""")


async def test_the_overview_counts_what_was_decided_in_its_window_and_in_its_program(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    at = clock.now()
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        other = await ensure_program(session, slug="other", name="Other Program", currency="USD")
        user_id = await a_proven_identity(session, "support@example.com", program.id, at)
        await grant_role(session, user_id, Role.SUPPORT, "system", at)
        decided = [
            (program.id, "approved", None, "cardwright", 30, '{"load": 100, "decide": 40}'),
            (program.id, "declined", "insufficient_funds", "cardwright", 30, '{"load": 300, "decide": 60}'),
            (program.id, "declined", "card_frozen", "network", 5, "{}"),
            (program.id, "declined", "card_frozen", "cardwright", 90, '{"load": 9000}'),
            (other.id, "declined", "card_frozen", "cardwright", 30, '{"load": 9000}'),
        ]
        for program_id, outcome, reason, by, minutes, stages in decided:
            values = {
                "id": new_id("dec"), "program_id": program_id, "outcome": outcome, "reason": reason, "by": by,
                "stages": stages, "at": at - timedelta(minutes=minutes),
            }  # fmt: skip
            await session.execute(DECISION, values)
    headers = await browsers.sign_in(engine, clock, user_id)
    answer = await client.get("/v1/overview", headers=headers, params={"hours": 1})
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    assert (seen["approved"], seen["declined"], seen["answered_by_network"]) == (1, 2, 1)
    assert (len(seen["traffic"]), seen["bucket_seconds"]) == (60, 60)
    busy = [(point["approved"], point["declined"]) for point in seen["traffic"] if point["approved"]]
    assert busy == [(1, 1)]
    assert seen["declines"] == [
        {"code": "card_frozen", "count": 1},
        {"code": "insufficient_funds", "count": 1},
    ]
    stages = {stage["name"]: (stage["p50_us"], stage["p99_us"]) for stage in seen["stages"]}
    assert stages == {"load": (100, 300), "decide": (40, 60), "total": (140, 360)}
    assert seen["timed"] == 2
    assert {queue["name"]: queue["waiting"] for queue in seen["queues"]} == dict.fromkeys(
        ("cases", "identity_reviews", "screening_hits", "approvals", "disputes", "differences"), 0
    )
    wider = (await client.get("/v1/overview", headers=headers, params={"hours": 2})).json()
    assert wider["declined"] == 3
