"""What is known about payments afterwards."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.backtests.labels import latest_labels
from cardwright.cases.label_store import LabelRow, add_label
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from cardwright.disputes import CreditPolicy, Dispute, NetworkStatus, Reason, Statement, store
from integration.kyc.people import the_program


async def test_a_payment_is_fraud_while_its_dispute_as_fraud_stands_and_what_a_case_found_since(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    at, later = clock.now(), clock.now() + timedelta(days=1)

    async with transaction(engine) as session:
        program_id = (await the_program(session)).id

        async def disputed(reason: Reason = Reason.FRAUD, program: str = program_id, **how: object) -> str:
            payment_id = new_id("pay")
            dispute = Dispute(
                id=new_id("disp"), program_id=program, user_id="user", payment_id=payment_id, sequence=2,
                source="stripe", clearing_reference="c", merchant_name="Shop", amount=5_00, currency="USD",
                reason=reason, policy=CreditPolicy.NEVER, created_at=at, submit_by=later, heard_at=at,
                **how,  # type: ignore[arg-type]
            )  # fmt: skip
            await store.insert_dispute(session, dispute, Statement(explanation="Not mine."))
            return payment_id

        submitted = await disputed(submitted_at=later, attempt=1)
        won = await disputed(submitted_at=later, attempt=1, network_status=NetworkStatus.WON)
        await disputed()  # a draft
        await disputed(submitted_at=later, attempt=1, network_status=NetworkStatus.LOST)
        withdrawn = await disputed(submitted_at=later, attempt=1, withdrawn_at=later)
        await add_label(
            session, LabelRow(program_id, "user", withdrawn, "fraud", "dispute", "user", later, "disp_1")
        )
        await disputed(Reason.NOT_RECEIVED, submitted_at=later, attempt=1)
        await disputed(program="prog_of_others", submitted_at=later, attempt=1)
        for payment_id, said in (("pay_1", "genuine"), (won, "genuine"), ("pay_2", "unclear")):
            row = LabelRow(
                program_id,
                "user",
                payment_id,
                said,
                "case",
                "user_staff",
                later + timedelta(days=1),
                "case_1",
            )
            await add_label(session, row)
    async with transaction(engine) as session:
        assert await latest_labels(session, program_id) == {
            submitted: "fraud", won: "genuine", "pay_1": "genuine",
        }  # fmt: skip
