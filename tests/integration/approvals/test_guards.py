"""What the database refuses: these tests go round the application with plain SQL, as whom it works as."""

import json
from hashlib import sha256
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.access import CONFLICTS, Role
from cardwright.core.ids import new_id
from cardwright.db.confinement import confine_to_program
from cardwright.db.session import Session, canonical_json, transaction
from integration.approvals.office import RULE, Colleague, Office, line

pytestmark = pytest.mark.four_eyes
ACTING_AS = ("request", "worker")
"""A request's transaction is confined to a role that owns nothing; the worker's is not."""

PROPOSE = (
    "INSERT INTO approvals VALUES (:id, :program, :kind, :subject, :payload, :digest, 'because', 'proposed',"
    " :by, now(), now() + interval '1 day', NULL, NULL, NULL, now())"
)
# By the time of the proposal, which may be a test's own: the machine's today may be later than it ends.
APPROVE = (
    "UPDATE approvals SET state = 'approved', decided_by = :by, decided_at = proposed_at + interval '1 s'"
    " WHERE id = :id"
)
GRANT = "INSERT INTO user_roles VALUES (:user, :role, :by, now(), :approval)"


Statement = tuple[str, dict[str, Any]]


class Intruder:
    """Whoever can run any SQL that the application could run."""

    def __init__(self, office: Office, acting_as: str) -> None:
        self.office, self.acting_as = office, acting_as

    async def begin(self, session: Session) -> None:
        if self.acting_as == "request":
            await confine_to_program(session, program_id=self.office.program_id, user_id="user_intruder")

    async def run(self, *statements: Statement) -> None:
        """Run statements in one transaction and commit."""
        async with transaction(self.office.engine) as session:
            await self.begin(session)
            for statement, parameters in statements:
                await session.execute(text(statement), parameters)

    async def fails(self, match: str, *statements: Statement) -> None:
        with pytest.raises(DBAPIError, match=match):
            await self.run(*statements)

    def proposal(
        self, kind: str, subject: str, payload: dict[str, Any], by: Colleague, *, program: str | None = None
    ) -> tuple[str, Statement]:
        """Return the id of a forged proposal, and the statement that makes it."""
        approval_id, written = new_id("appr"), canonical_json(payload)
        parameters = {
            "id": approval_id, "program": program or self.office.program_id, "kind": kind, "subject": subject,
            "payload": written, "digest": sha256(written.encode()).hexdigest(), "by": by.user_id,
        }  # fmt: skip
        return approval_id, (PROPOSE, parameters)


def approving(approval_id: str, by: str) -> Statement:
    return (APPROVE, {"id": approval_id, "by": by})


def granting(user_id: str, role: str, by: str, approval_id: str | None) -> Statement:
    return (GRANT, {"user": user_id, "role": role, "by": by, "approval": approval_id})


@pytest.fixture(params=ACTING_AS)
def intruder(office: Office, request: pytest.FixtureRequest) -> Intruder:
    return Intruder(office, request.param)


@pytest.fixture
async def people(office: Office) -> tuple[Colleague, Colleague, Colleague]:
    return (
        await office.colleague("admin", Role.ADMINISTRATOR),
        await office.colleague("other", Role.ADMINISTRATOR),
        await office.colleague("ada"),
    )


People = tuple[Colleague, Colleague, Colleague]


async def test_who_proposed_is_never_who_decided_nor_is_whom_it_is_about(
    people: People, intruder: Intruder
) -> None:
    admin, other, ada = people
    approval_id, proposing = intruder.proposal("role.grant", ada.user_id, {"role": "support"}, admin)
    await intruder.run(proposing)
    await intruder.fails("four_eyes", approving(approval_id, admin.user_id))
    about_other, proposing = intruder.proposal("role.revoke", other.user_id, {"role": "support"}, admin)
    await intruder.run(proposing)
    await intruder.fails("four_eyes", approving(about_other, other.user_id))


async def test_only_staff_of_the_program_propose_and_decide(
    office: Office, people: People, intruder: Intruder
) -> None:
    admin, _, ada = people
    elsewhere = Office(office.client, office.engine, office.clock, "prog_of_somebody_else")
    stranger = await elsewhere.colleague("stranger", Role.ADMINISTRATOR)
    approval_id, proposing = intruder.proposal("role.grant", ada.user_id, {"role": "support"}, admin)
    await intruder.run(proposing)
    for nobody in (ada.user_id + "x", stranger.user_id, "operator", "system"):
        await intruder.fails("only staff of the program decide", approving(approval_id, nobody))
    for somebody in (ada, stranger):
        _, proposing = intruder.proposal("role.grant", admin.user_id, {"role": "support"}, somebody)
        await intruder.fails("only staff of the program propose", proposing)


@pytest.mark.parametrize(
    "change",
    [
        """payload = '{"role":"auditor"}', payload_digest = encode(sha256('{"role":"auditor"}'), 'hex')""",
        "subject_id = proposed_by",
        "kind = 'role.revoke'",
        "proposed_by = 'user_somebody'",
        "reason = 'another'",
        "expires_at = expires_at + interval '1 year'",
        "program_id = 'prog_other'",
    ],
)
async def test_what_was_proposed_cannot_be_swapped_before_the_approval(
    people: People, intruder: Intruder, change: str
) -> None:
    admin, _, ada = people
    proposed = await admin.grant(ada.user_id, "support")
    await intruder.fails(
        "does not change|row-level security",
        (f"UPDATE approvals SET {change} WHERE id = :id", {"id": proposed.json()["id"]}),  # noqa: S608
    )


async def test_a_digest_is_the_digest_of_its_payload(people: People, intruder: Intruder) -> None:
    admin, _, ada = people
    _, (statement, parameters) = intruder.proposal("role.grant", ada.user_id, {"role": "support"}, admin)
    await intruder.fails("ck_approvals_digest", (statement, {**parameters, "digest": "0" * 64}))
    listed = json.dumps(["support"])
    forged = {**parameters, "payload": listed, "digest": sha256(listed.encode()).hexdigest()}
    await intruder.fails("ck_approvals_payload", (statement, forged))


async def test_an_approval_begins_as_a_proposal_is_decided_once_and_is_never_removed(
    office: Office, people: People, intruder: Intruder
) -> None:
    admin, other, ada = people
    _, (statement, parameters) = intruder.proposal("role.grant", ada.user_id, {"role": "support"}, admin)
    born_approved = statement.replace("'proposed'", "'approved'").replace(
        "NULL, NULL, NULL", ":other, now(), NULL"
    )
    await intruder.fails("begins as a proposal", (born_approved, {**parameters, "other": other.user_id}))
    proposed = (await admin.grant(ada.user_id, "support")).json()["id"]
    assert (await other.post(f"/approvals/{proposed}/reject", {"note": "No"})).status_code == 200
    await intruder.fails("does not go from", approving(proposed, other.user_id))
    for change in ("state = 'proposed', decided_by = NULL, decided_at = NULL", "note = 'Yes'"):
        await intruder.fails("does not go from", (f"UPDATE approvals SET {change}", {}))  # noqa: S608
    await intruder.fails("append-only", ("DELETE FROM approvals", {}))
    await intruder.fails("append-only|permission denied", ("TRUNCATE approvals", {}))
    [row] = await office.rows("SELECT state, note FROM approvals")
    assert (row.state, row.note) == ("rejected", "No")


async def test_an_approval_that_has_expired_approves_nothing(people: People, intruder: Intruder) -> None:
    admin, other, ada = people
    approval_id, (statement, parameters) = intruder.proposal(
        "role.grant", ada.user_id, {"role": "support"}, admin
    )
    await intruder.run((statement.replace("+ interval '1 day'", "- interval '1 second'"), parameters))
    await intruder.fails("expired", approving(approval_id, other.user_id))


async def test_what_is_approved_is_applied_in_the_same_transaction_or_not_at_all(
    people: People, intruder: Intruder
) -> None:
    admin, other, ada = people
    approval_id, proposing = intruder.proposal("role.grant", ada.user_id, {"role": "support"}, admin)
    await intruder.fails("was not applied", proposing, approving(approval_id, other.user_id))


async def test_the_history_writes_itself_and_stays(people: People, intruder: Intruder) -> None:
    admin, _, ada = people
    proposed = (await admin.grant(ada.user_id, "support")).json()["id"]
    forged = ("INSERT INTO approval_steps VALUES (:id, 2, 'approved', 'user_x', now())", {"id": proposed})
    await intruder.fails("writes itself", forged)
    await intruder.fails("append-only", ("UPDATE approval_steps SET actor_id = 'user_x'", {}))
    await intruder.fails("append-only", ("DELETE FROM approval_steps", {}))


async def test_no_role_comes_or_goes_without_an_approval_of_exactly_that(
    office: Office, people: People, intruder: Intruder
) -> None:
    admin, other, ada = people
    nobody, grant = "nobody approved", intruder.proposal
    await intruder.fails(nobody, granting(ada.user_id, "support", admin.user_id, None))
    await intruder.fails(nobody, granting(ada.user_id, "support", admin.user_id, "appr_made_up"))
    await intruder.fails(nobody, granting(ada.user_id, "support", "operator", None))
    open_id, proposing = grant("role.grant", ada.user_id, {"role": "support"}, admin)
    await intruder.run(proposing)
    await intruder.fails(nobody, granting(ada.user_id, "support", admin.user_id, open_id))
    approve = approving(open_id, other.user_id)
    await intruder.fails("another role", approve, granting(ada.user_id, "finance", admin.user_id, open_id))
    await intruder.fails("another role", approve, granting(ada.user_id, "support", other.user_id, open_id))
    third = await office.colleague("third")
    await intruder.fails(nobody, approve, granting(third.user_id, "support", admin.user_id, open_id))
    wrong_kind, proposing = grant("role.revoke", ada.user_id, {"role": "support"}, admin)
    apply = granting(ada.user_id, "support", admin.user_id, wrong_kind)
    await intruder.fails(nobody, proposing, approving(wrong_kind, other.user_id), apply)
    for statement in ("DELETE FROM user_roles", "DELETE FROM user_roles WHERE role = 'administrator'"):
        await intruder.fails(nobody, (statement, {}))
    await intruder.fails("append-only", ("UPDATE user_roles SET role = 'auditor'", {}))
    await intruder.fails("append-only|permission denied", ("TRUNCATE user_roles", {}))
    assert len(await office.rows("SELECT role FROM user_roles")) == 2


async def test_an_approval_is_used_up_by_its_effect(people: People, intruder: Intruder) -> None:
    admin, other, ada = people
    granted = (await admin.grant(ada.user_id, "support")).json()["id"]
    assert (await other.post(f"/approvals/{granted}/approve", {})).status_code == 200
    body = {"role": "support", "reason": "Left"}
    revoked = (await admin.post(f"/users/{ada.user_id}/role-revocations", body)).json()["id"]
    assert (await other.post(f"/approvals/{revoked}/approve", {})).status_code == 200
    await intruder.fails("nobody approved", granting(ada.user_id, "support", admin.user_id, granted))


async def test_a_person_of_another_program_gets_no_role_by_an_approval_of_this_one(
    office: Office, people: People, intruder: Intruder
) -> None:
    admin, other, _ = people
    elsewhere = Office(office.client, office.engine, office.clock, "prog_of_somebody_else")
    stranger = await elsewhere.colleague("stranger")
    approval_id, proposing = intruder.proposal("role.grant", stranger.user_id, {"role": "support"}, admin)
    apply = granting(stranger.user_id, "support", admin.user_id, approval_id)
    await intruder.fails("nobody approved", proposing, approving(approval_id, other.user_id), apply)


async def test_a_table_of_the_same_name_fools_no_guard(people: People, office: Office) -> None:
    admin, other, ada = people
    intruder = Intruder(office, "worker")
    await intruder.fails(
        "nobody approved",
        ("CREATE TEMP TABLE approvals (LIKE public.approvals) ON COMMIT DROP", {}),
        intruder.proposal("role.grant", ada.user_id, {"role": "support"}, admin)[1],
        ("UPDATE approvals SET state = 'approved', decided_by = :by", {"by": other.user_id}),
        ("INSERT INTO user_roles SELECT subject_id, 'support', proposed_by, now(), id FROM approvals", {}),
    )


async def test_the_database_and_the_code_agree_on_the_roles_that_nobody_holds_together(
    engine: AsyncEngine,
) -> None:
    async with transaction(engine) as session:
        for one, other in combinations(Role, 2):
            for pair in ((one, other), (other, one)):
                refused = await session.scalar(
                    text("SELECT are_in_conflict(:one, :other)"), {"one": pair[0], "other": pair[1]}
                )
                assert refused is (frozenset(pair) in CONFLICTS), pair


async def test_roles_that_nobody_holds_together_are_refused_though_both_were_approved(
    people: People, intruder: Intruder
) -> None:
    admin, other, _ = people
    approval_id, proposing = intruder.proposal("role.grant", other.user_id, {"role": "auditor"}, admin)
    third = await intruder.office.colleague("third", Role.ADMINISTRATOR)
    apply = granting(other.user_id, "auditor", admin.user_id, approval_id)
    await intruder.fails("nobody holds", proposing, approving(approval_id, third.user_id), apply)


PUBLISH = (
    "INSERT INTO rulebooks SELECT :program, :version, payload::jsonb ->> 'hash', cast(:rules AS jsonb),"
    " proposed_by, 'note', now(), id FROM approvals WHERE id = :id"
)


async def test_no_rulebook_is_published_but_the_one_that_was_approved(
    office: Office, people: People, intruder: Intruder
) -> None:
    admin, other, _ = people
    proposed = (await admin.propose_rules(RULE)).json()["id"]
    right = {"program": office.program_id, "version": 1, "rules": json.dumps([RULE]), "id": proposed}
    approve = approving(proposed, other.user_id)
    await intruder.fails("nobody approved", (PUBLISH, right))
    for wrong in ({"rules": json.dumps([{**RULE, "action": "flag"}])}, {"rules": "[]"}, {"version": 2}):
        await intruder.fails("another rulebook", approve, (PUBLISH, {**right, **wrong}))
    without = (
        "INSERT INTO rulebooks VALUES (:program, 1, 'x', '[]', 'user_x', '', now(), NULL)",
        {"program": office.program_id},
    )
    await intruder.fails("nobody approved", without)
    assert await office.rows("SELECT version FROM rulebooks") == []


async def test_nobody_goes_back_to_an_older_rulebook_or_to_none(
    office: Office, people: People, intruder: Intruder
) -> None:
    admin, other, _ = people
    for version in (0, 1):
        rules = [{**RULE, "name": f"rule_{version}"}]
        await other.decide(await admin.propose_rules(*rules, expected_version=version))
    older = "UPDATE active_rulebooks SET version = 1, hash = (SELECT hash FROM rulebooks WHERE version = 1)"
    none = "UPDATE active_rulebooks SET version = 0"
    for statement in (older, none, "UPDATE active_rulebooks SET hash = 'x'"):
        await intruder.fails("only the newest", (statement, {}))
    await intruder.fails("append-only", ("DELETE FROM active_rulebooks", {}))
    assert (await admin.get("/rules")).json()["version"] == 2


ENTRY = (
    "INSERT INTO journal_entries"
    " VALUES ('entry_x', :program, :kind, :external, 'USD', NULL, now(), :approval)"
)
LINE = (
    "INSERT INTO postings SELECT 'entry_x', :line, id, :side, :amount, NULL FROM ledger_accounts"
    " WHERE code = :code"
)


def posting(office: Office, kind: str, approval_id: str | None, amount: int) -> list[Statement]:
    head = {
        "program": office.program_id, "kind": kind, "external": f"manual:{approval_id}",
        "approval": approval_id,
    }  # fmt: skip
    lines = [("corrections", "debit"), ("fees", "credit")]
    return [
        (ENTRY, head),
        *[
            (LINE, {"line": number, "code": code, "side": side, "amount": amount})
            for number, (code, side) in enumerate(lines, start=1)
        ],
    ]


async def test_no_entry_is_made_by_hand_but_the_one_that_was_approved(
    office: Office, intruder: Intruder
) -> None:
    finance, other = [await office.colleague(name, Role.FINANCE) for name in ("finance", "other")]
    lines = (line("corrections", "debit", 500), line("fees", "credit", 500))
    await other.decide(await finance.propose_entry(*lines))
    proposed = (await finance.propose_entry(*lines)).json()["id"]
    approve = approving(proposed, other.user_id)
    await intruder.fails("nobody approved", *posting(office, "manual", None, 500))
    await intruder.fails("nobody approved", *posting(office, "manual", proposed, 500))
    await intruder.fails("other postings", approve, *posting(office, "manual", proposed, 501))
    await intruder.fails("only entries made by hand", approve, *posting(office, "fee", proposed, 500))
    more = [
        (LINE, {"line": number, "code": code, "side": side, "amount": 7})
        for number, (code, side) in enumerate([("corrections", "debit"), ("fees", "credit")], start=3)
    ]
    [posted] = await office.rows("SELECT id FROM journal_entries")
    later = [(statement.replace("'entry_x'", f"'{posted.id}'"), values) for statement, values in more]
    await intruder.fails("nothing is added to it", *later)
    assert len(await office.rows("SELECT id FROM journal_entries")) == 1


async def test_an_entry_posted_exactly_as_approved_is_accepted(office: Office, intruder: Intruder) -> None:
    finance, other = [await office.colleague(name, Role.FINANCE) for name in ("finance", "other")]
    lines = (line("corrections", "debit", 500), line("fees", "credit", 500))
    await other.decide(await finance.propose_entry(*lines))
    proposed = (await finance.propose_entry(*lines)).json()["id"]
    await intruder.run(approving(proposed, other.user_id), *posting(office, "manual", proposed, 500))
    assert len(await office.rows("SELECT id FROM journal_entries")) == 2
