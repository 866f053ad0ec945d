"""The end of the story: what people were told, and whether the books are right."""

from typing import Any, Final

from rich.table import Table

from cardwright import audit as sealed_trail
from cardwright import ledger, payments
from cardwright.core.money import decimal_text
from cardwright.db.session import transaction
from cardwright.demo.people import StoryFailed
from cardwright.demo.story import Scene, Step, device_of, phone_of


async def read_messages(scene: Scene) -> None:
    """Text messages, pushes and e-mails have arrived at the simulator's inbox."""
    places = {"sms": phone_of(scene.ada), "push": device_of(scene.ada), "email": scene.ada.email}
    sms = await scene.outside.message("sms", places["sms"], "declined")
    push = await scene.outside.message("push", places["push"], "refund")
    mail = await scene.outside.message("email", places["email"], "top-up")
    scene.recorder.say(f"SMS (Twilio): {sms['text']}")
    scene.recorder.say(f"push (FCM): {_one_line(push)}")
    scene.recorder.say(f"e-mail (SMTP): {mail['subject']}")
    scene.recorder.note(messages={"sms": sms["text"], "push": push["text"], "email": mail["subject"]})


def _one_line(message: Any) -> str:
    return ": ".join(part for part in (message.get("subject"), message["text"]) if part)


async def close_the_books(scene: Scene) -> None:
    """The trial balance, as finance sees it through the API."""
    await scene.finance.sign_in()
    balance = await scene.finance.get("/v1/ledger/trial-balance")
    table = Table("account", "", "debits", "credits", "balance", title="Trial balance", title_style="bold")
    for column in table.columns[2:]:
        column.justify = "right"
    for line in balance["lines"]:
        figures = (decimal_text(line[name], line["currency"]) for name in ("debits", "credits", "balance"))
        table.add_row(line["code"], line["currency"], *figures)
    scene.recorder.table(table)
    if any(balance["difference"].values()):
        raise StoryFailed(f"the books do not balance: {balance['difference']}")
    scene.recorder.say("debits equal credits: the difference is 0")
    scene.recorder.note(trial_balance=balance)


async def audit(scene: Scene) -> None:
    """Recompute every balance from its postings, every decision from its facts, every leaf from its entry."""
    async with transaction(scene.engine) as session:
        wrong = [*await ledger.verify(session), *await payments.verify(session)]
        replayed = await payments.replay(session)
        trail = await sealed_trail.verify(session)
    different = [found.decision_id for found in replayed if not found.is_identical]
    if wrong or different or trail.findings:
        raise StoryFailed(
            f"differences: {wrong}, {trail.findings}; decisions replaying differently: {different}"
        )
    scene.recorder.say("every balance equals the sum of its postings, every hold its payment's elements")
    scene.recorder.say(f"replayed {len(replayed)} decisions from their stored facts: all identical")
    scene.recorder.say(f"{trail.sealed} audit entries are sealed under a signed Merkle root: all unchanged")
    scene.recorder.note(sealed_audit_entries=trail.sealed)
    scene.recorder.note(replayed_decisions=len(replayed), differing_decisions=len(different))


CLOSING: Final[tuple[tuple[str, Step], ...]] = (
    ("What people were told", read_messages),
    ("The books", close_the_books),
)
AUDIT_TITLE: Final = "The audit: recompute everything"
