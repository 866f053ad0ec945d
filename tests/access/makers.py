"""One maker per name that stands in a path: how a thing of that kind comes to be, for a given owner.

Whoever adds a route with a parameter of a new name adds its maker here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import staff
from access.oauth_makers import a_client, a_connection, an_interaction
from access.oracle import Whose
from access.world import Person, World
from browsers import opened_for
from cardwright import cards, challenges, events, funding, kyc, ledger, merchants, payments, vault
from cardwright.access import Actor, Principal, Reach, Role, Viewer
from cardwright.access.permissions import TABLE
from cardwright.adapters.guarded_http import OutboundPolicy
from cardwright.adapters.webhook_sender import HttpWebhookSender
from cardwright.api_keys import Environment, NewKey, create_key
from cardwright.approvals import Approval
from cardwright.authentication import find_identity
from cardwright.authentication.factors.domain import Owner
from cardwright.authentication.federation import store as links
from cardwright.authentication.federation.domain import Link
from cardwright.backtests import draft_request, request_run
from cardwright.cards import CardProcessors, CardType, NewCard, Terms, batches, spending, templates
from cardwright.cards.domain import Blueprint
from cardwright.cases import opening, working
from cardwright.cases import store as cases_store
from cardwright.cases.domain import Finding, ask_holder, decide
from cardwright.cases.opening import new_report
from cardwright.challenges import ChallengeState, Merchant, Notice, approver_store, approvers
from cardwright.challenges import store as challenges_store
from cardwright.core.ids import new_id
from cardwright.core.money import Money
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.disputes import CreditPolicy, FileKind, Reason, Statement
from cardwright.disputes import service as disputing
from cardwright.funding import (
    ChargeResult,
    ChargeStatus,
    FundingGateway,
    auto,
    dispute_store,
    method_store,
    withdrawals,
)
from cardwright.funding.domain import (
    AutoTopUp,
    CardDetails,
    MethodState,
    SavedMethod,
    TopUpDispute,
    TopUpDisputeState,
    WithdrawalOrder,
)
from cardwright.kyc import store as verification_store
from cardwright.kyc.documents import Document, DocumentKind
from cardwright.kyc.documents import store as document_store
from cardwright.kyc.review import opening as review_opening
from cardwright.kyc.review import store as review_store
from cardwright.kyc.review.domain import Cause as ReviewCause
from cardwright.kyc.review.domain import claim
from cardwright.kyc.screening import domain as screening_domain
from cardwright.kyc.screening import hit_store
from cardwright.kyc.screening.births import Agreement
from cardwright.kyc.screening.domain import Subject
from cardwright.kyc.screening.hit_store import Compared
from cardwright.kyc.screening.matching import Listed, Match
from cardwright.notifications import service as notifications_service
from cardwright.notifications.planning import plan
from cardwright.payments import AuthorizationRequest, TransactionKind, convergence, notes
from cardwright.payments import store as payments_store
from cardwright.payments.receipt_files import ReceiptFile
from cardwright.reconciliation import Run, RunState, run_store
from cardwright.reconciliation import store as reconciliation_store
from cardwright.reconciliation.domain import Cause, Difference, DifferenceKind, DifferenceState, Repair
from cardwright.rules import guardrail_store
from cardwright.rules.domain import KeptGuardrail, ListKind, Rule, RuleAction
from cardwright.rules.lists import create_list
from cardwright.users import phones, reveals
from cardwright.webhooks.domain import EndpointDraft
from cardwright.webhooks.replaying import send_test
from cardwright.webhooks.service import create_endpoint
from integration.authentication import factor_people
from integration.kyc.people import deliver, drain
from integration.payments.holders import IssuingAtOnce
from integration.payments.network import BAKERY, SOURCE, a_transaction
from software_authenticator import SoftwareAuthenticator

ELSEWHERE: Final = "elsewhere"
Maker = Callable[[World, Person], Awaitable[str]]


async def _user(world: World, owner: Person) -> str:
    return owner.user_id


async def _card(world: World, owner: Person) -> str:
    await world.verify(owner)
    async with transaction(world.engine) as session:
        card = await cards.create_card(
            session, NewCard("Groceries"),
            program_id=owner.program.id, user_id=owner.user_id, currency="USD", at=world.clock.now(),
        )  # fmt: skip
    await deliver(
        Work(world.engine, world.clock, {CardProcessors: CardProcessors({"stripe": IssuingAtOnce()})}),
        cards.SUBSCRIPTIONS,
    )
    await drain(world.engine)
    return card.id


async def _locked_card(world: World, owner: Person) -> str:
    await world.verify(owner)
    wanted = NewCard("Rent", CardType.MERCHANT_LOCKED, Terms())
    async with transaction(world.engine) as session:
        card = await cards.create_card(
            session, wanted,
            program_id=owner.program.id, user_id=owner.user_id, currency="USD", at=world.clock.now(),
        )  # fmt: skip
    await drain(world.engine)
    return card.id


async def _made_template(world: World, owner: Person) -> str:
    async with transaction(world.engine) as session:
        made = await templates.create_template(
            session, "Ads card", "", Blueprint(CardType.STANDARD, Terms(), (), (), None, None, None, None),
            CardProcessors({}), program_id=owner.program.id, staff_id="user_staff", at=world.clock.now(),
        )  # fmt: skip
    return made.id


async def _retired_template(world: World, owner: Person) -> str:
    template_id = await _made_template(world, owner)
    async with transaction(world.engine) as session:
        await templates.set_active(
            session, template_id, is_active=False, program_id=owner.program.id, staff_id="user_staff",
            at=world.clock.now(),
        )  # fmt: skip
    return template_id


async def _batch(world: World, owner: Person) -> str:
    await world.verify(owner)
    async with transaction(world.engine) as session:
        made = await batches.create_batch(
            session, [{"label": "One of many"}], program_id=owner.program.id, user_id=owner.user_id,
            currency="USD", processor="stripe", at=world.clock.now(),
        )  # fmt: skip
    await drain(world.engine)
    return made.id


async def _exception(world: World, owner: Person) -> str:
    card_id, merchant_id = await thing(world, owner, "card_id"), await thing(world, owner, "merchant_id")
    async with transaction(world.engine) as session:
        made = await spending.allow_merchant(
            session, card_id, merchant_id, timedelta(minutes=15), user_id=owner.user_id,
            at=world.clock.now(),
        )  # fmt: skip
    return made.id


async def _merchant(world: World, owner: Person) -> str:
    async with transaction(world.engine) as session:
        known = await merchants.identify(
            session, program_id=owner.program.id, source=SOURCE, acceptor_id=new_id("acc"),
            descriptor="", mcc="5411", country="US", at=world.clock.now(),
        )  # fmt: skip
    return known.id


async def _vaulted_card(world: World, owner: Person) -> str:
    card_id = await _card(world, owner)
    async with transaction(world.engine) as session:
        await vault.keep(
            session, card_id=card_id, program_id=owner.program.id, number=Sensitive("4000009990123456"),
            at=world.clock.now(),
        )  # fmt: skip
    return card_id


async def _payment(world: World, owner: Person) -> str:
    card_id = await thing(world, owner, "card_id")
    question = AuthorizationRequest(
        SOURCE, f"iauth_{card_id}", 0, f"ic_{card_id}", 10_00, "USD", 10_00, "USD", BAKERY, "ecommerce"
    )
    async with transaction(world.engine) as session:
        await payments.authorize(session, question, program_id=owner.program.id, at=world.clock.now())
        found = await payments_store.find_payment(session, SOURCE, question.reference)
    assert found is not None
    return found.id


async def _entry(world: World, owner: Person) -> str:
    # Of the program's books; whose wallet it moves makes it theirs.
    async with transaction(world.engine) as session:
        entry = await ledger.credit_wallet(
            session, program_id=owner.program.id, user_id=owner.user_id, currency="USD", amount=5_00,
            contra="funding_in_transit", kind="top_up", external_id=new_id("made"), at=world.clock.now(),
        )  # fmt: skip
    return entry.id


async def _account(world: World, owner: Person) -> str:
    async with transaction(world.engine) as session:
        wallet = await ledger.wallet_for_update(
            session, program_id=owner.program.id, user_id=owner.user_id, currency="USD"
        )
    return wallet.id


async def _charged_payment(world: World, owner: Person) -> str:
    card_id = await thing(world, owner, "card_id")
    taken = a_transaction(
        new_id("ipi"), TransactionKind.CLEARING, f"ic_{card_id}", 10_00, BAKERY, world.clock.now()
    )
    async with transaction(world.engine) as session:
        await convergence.record_transaction(session, taken, source=SOURCE, at=world.clock.now())
        found = await payments_store.find_payment(session, SOURCE, taken.reference)
    assert found is not None
    return found.id


async def _dispute(world: World, owner: Person) -> str:
    payment_id = await _charged_payment(world, owner)
    holder = Actor(Principal(owner.user_id, owner.program.id), Reach.OWN)
    by = disputing.By(holder, world.clock.now())
    async with transaction(world.engine) as session:
        opened = await disputing.open_dispute(
            session, payment_id, None, None, Reason.FRAUD, Statement("Not mine."), CreditPolicy.NEVER, by=by
        )
        await disputing.put_file(session, opened.id, FileKind.DOCUMENTATION, b"%PDF-1.7", by=by)
    await drain(world.engine)
    return opened.id


async def _case(world: World, owner: Person) -> str:
    payment_id = await _charged_payment(world, owner)
    at = world.clock.now()
    async with transaction(world.engine) as session:
        payment = (await payments.explain(session, payment_id)).payment
        assert payment is not None
        opened = ask_holder(new_report(payment, at), at)
        await opening.add(session, opened, owner.user_id, at)
    await drain(world.engine)
    return opened.id


async def _claimed_case(world: World, owner: Person) -> str:
    case_id = await _case(world, owner)
    analyst = Actor(Principal(owner.user_id, owner.program.id), Reach.ANY)
    async with transaction(world.engine) as session:
        await working.claim_case(session, case_id, by=analyst, at=world.clock.now())
    return case_id


async def _resolved_case(world: World, owner: Person) -> str:
    case_id, at = await _claimed_case(world, owner), world.clock.now()
    async with transaction(world.engine) as session:
        case = await cases_store.find_case(session, case_id, lock=True)
        assert case is not None
        found = decide(case, Finding.UNCLEAR, by=owner.user_id, version=case.version, at=at)
        await cases_store.save(session, replace(found, version=1))
    return case_id


async def _screening_hit(world: World, owner: Person) -> str:
    listed = Listed("n-1", ("Nestor Nevidimkin",), (), list_name="made-up")
    match = Match(listed, "Nestor Nevidimkin", 90, 90, Agreement.UNKNOWN)
    # Of nobody who does anything else here: whoever has an open hit can do little.
    subject = Subject(owner.program.id, new_id("user"), "0" * 64)
    hit = screening_domain.new_hit(new_id("hit"), subject, match, world.clock.now())
    async with transaction(world.engine) as session:
        # Another one of the same pair was decided by whoever asked before.
        hit = replace(hit, reference=hit.id)
        await hit_store.add_hit(session, hit, Compared("Nestor Nevidimkin", date(1961, 4, 12)))
    return hit.id


async def _identity_review(world: World, owner: Person) -> str:
    # Of nobody who asks: nobody reviews themselves.
    async with transaction(world.engine) as session:
        opened, _ = await review_opening.open_or_join(
            session, program_id=owner.program.id, user_id=new_id("user"), verification_id=None,
            cause=ReviewCause.STAFF, by=owner.user_id, at=world.clock.now(),
        )  # fmt: skip
    await drain(world.engine)
    return opened.id


async def _claimed_identity_review(world: World, owner: Person) -> str:
    review_id = await _identity_review(world, owner)
    async with transaction(world.engine) as session:
        review = await review_store.find_review(session, review_id, lock=True)
        assert review is not None
        await review_store.save(session, replace(claim(review, owner.user_id), version=1))
    return review_id


async def _reviewable_user(world: World, owner: Person) -> str:
    person = await world.stranger(owner.program)
    await world.verify(person)
    return person.user_id


async def _verification(world: World, owner: Person) -> str:
    return await world.verify(owner)


async def _renewable_user(world: World, owner: Person) -> str:
    await world.verify(owner)
    return owner.user_id


async def _documents_to_submit(world: World, owner: Person) -> str:
    await world.verify(owner)
    at = world.clock.now()
    collecting = kyc.Verification(
        new_id("idv"), owner.program.id, owner.user_id, kyc.VerificationState.REQUESTED, at, at,
        state_since=at,
    )  # fmt: skip
    begun = replace(collecting, state=kyc.VerificationState.COLLECTING)
    async with transaction(world.engine) as session:
        for kind in (DocumentKind.PASSPORT, DocumentKind.SELFIE):
            document = Document(
                new_id("idoc"), owner.program.id, owner.user_id, kind, 1, 100, new_id("object"), at,
                at + timedelta(days=9),
            )  # fmt: skip
            await document_store.insert_document(session, document, Sensitive("a key"))
        await verification_store.insert_verification(session, collecting)
        await verification_store.note_attempt(session, collecting.id, first=kyc.MANUAL)
        await verification_store.save(session, begun)
    return collecting.id


async def _top_up(world: World, owner: Person) -> str:
    await world.verify(owner)
    async with transaction(world.engine) as session:
        ordered = await funding.request_top_up(
            session, world.clock, owner.program, user_id=owner.user_id, money=Money(50_00, "USD"),
            token=Sensitive("pm_card_visa"),
        )  # fmt: skip
    return ordered.id


async def _paid_top_up(world: World, owner: Person) -> str:
    await world.verify(owner)
    async with transaction(world.engine) as session:
        paid = await funding.request_top_up(
            session, world.clock, owner.program, user_id=owner.user_id, money=Money(50_00, "USD"),
            token=Sensitive("pm_card_visa"),
        )  # fmt: skip
    answer = ChargeResult(ChargeStatus.SUCCEEDED, f"pi_{paid.id}", Money(50_00, "USD"), paid.id)
    gateway = {FundingGateway: OneAnswer(answer)}
    await funding.refresh_top_up(Work(world.engine, world.clock, gateway), f"pi_{paid.id}")
    await drain(world.engine)
    return paid.id


async def _withdrawal(world: World, owner: Person) -> str:
    await _paid_top_up(world, owner)
    async with transaction(world.engine) as session:
        made = await withdrawals.request_withdrawal(
            session, world.clock, owner.program, user_id=owner.user_id, money=Money(10_00, "USD"),
            order=WithdrawalOrder.NEWEST_FIRST,
        )  # fmt: skip
    await drain(world.engine)
    return made.id


async def _kept_method(world: World, owner: Person) -> str:
    await world.verify(owner)
    at = world.clock.now()
    kept = SavedMethod(
        new_id("pmt"), owner.program.id, owner.user_id, MethodState.ACTIVE, at, at,
        card=CardDetails("visa", "4242", 12, 2030),
    )  # fmt: skip
    async with transaction(world.engine) as session:
        await method_store.insert_method(
            session, replace(kept, state=MethodState.REQUESTED), token=Sensitive("pm_card_visa")
        )
        await method_store.save(session, kept, heard_at=at)
    return kept.id


async def _auto_top_up(world: World, owner: Person) -> str:
    rule = AutoTopUp(
        owner.user_id, owner.program.id, await thing(world, owner, "payment_method_id"), "USD", 20_00, 50_00,
        100_00, 500_00, world.clock.now(),
    )  # fmt: skip
    async with transaction(world.engine) as session:
        await auto.set_rule(session, rule)
    await drain(world.engine)
    return owner.user_id


async def _top_up_dispute(world: World, owner: Person) -> str:
    at, top_up_id = world.clock.now(), await thing(world, owner, "top_up_id")
    made = TopUpDispute(
        new_id("tdis"), owner.program.id, owner.user_id, top_up_id, 50_00, "USD", TopUpDisputeState.INQUIRY,
        "fraudulent", None, new_id("du"), at, at,
    )  # fmt: skip
    async with transaction(world.engine) as session:
        await dispute_store.insert_dispute(session, made)
    return made.id


@dataclass(frozen=True, slots=True)
class OneAnswer:
    """A gateway that knows one charge."""

    answer: ChargeResult

    async def look_up(self, reference: str) -> ChargeResult:
        assert reference == self.answer.reference
        return self.answer


async def _run(world: World, owner: Person) -> str:
    now = world.clock.now()
    made = Run(
        new_id("recon"), owner.program.id, RunState.DONE, "user_finance", now, None, now, finished_at=now
    )
    async with transaction(world.engine) as session:
        await run_store.insert_run(session, made)
    return made.id


async def _difference(world: World, owner: Person) -> str:
    now = world.clock.now()
    made = Difference(
        new_id("diff"), owner.program.id, SOURCE, "transaction", new_id("ipi"), DifferenceKind.MISSING_HERE,
        Cause.NOT_HEARD, {}, None, -5_00, "USD", DifferenceState.OPEN, Repair.CONVERGE, 0, now, now, now,
    )  # fmt: skip
    async with transaction(world.engine) as session:
        await reconciliation_store.insert_difference(session, made)
    return made.id


async def _device(world: World, owner: Person) -> str:
    async with transaction(world.engine) as session:
        device = await notifications_service.register_device(
            session, program_id=owner.program.id, user_id=owner.user_id,
            platform="android", push_token=new_id("token"), at=world.clock.now(),
        )  # fmt: skip
    return device.id


async def _event(world: World, owner: Person) -> str:
    at = world.clock.now()
    told = Event("users.name_changed", owner.program.id, owner.user_id, at)
    async with transaction(world.engine) as session:
        await events.record(session, [told], at=at)
    return told.id


async def _session(world: World, owner: Person) -> str:
    return (await opened_for(world.engine, world.clock, owner.user_id)).session.id


async def _webhook_endpoint(world: World, owner: Person) -> str:
    sender = HttpWebhookSender(OutboundPolicy(), world.clock)
    draft = EndpointDraft("https://hooks.example.com/", ("*",))
    async with transaction(world.engine) as session:
        by = Actor(Principal(owner.user_id, owner.program.id), Reach.OWN)
        opened = await create_endpoint(session, sender, draft, by=by, at=world.clock.now())
    return opened.shown.endpoint.id


async def _webhook_delivery(world: World, owner: Person) -> str:
    endpoint_id = await thing(world, owner, "webhook_endpoint_id")
    async with transaction(world.engine) as session:
        by = Actor(Principal(owner.user_id, owner.program.id), Reach.OWN)
        sent = await send_test(session, endpoint_id, by=by, at=world.clock.now())
    return sent.id


async def _api_key(world: World, owner: Person) -> str:
    now = world.clock.now()
    async with transaction(world.engine) as session:
        wanted = NewKey("Export", frozenset({"account.read"}), now + timedelta(days=1))
        who = Principal(owner.user_id, owner.program.id)
        key, _ = await create_key(session, wanted, Environment.TEST, owner=who, at=now)
    return key.id


async def _passkey(world: World, owner: Person) -> str:
    return (await _with_factors(world, owner).with_passkey(SoftwareAuthenticator())).id


async def _app(world: World, owner: Person) -> str:
    return str((await _with_factors(world, owner).with_app()).name)


async def _begun_app(world: World, owner: Person) -> str:
    return str((await _with_factors(world, owner).begin_app()).name)


def _with_factors(world: World, owner: Person) -> factor_people.Person:
    known = Owner(owner.user_id, owner.program.id)
    return factor_people.Person(world.engine, world.clock, known, new_id("ses"))


async def _proposal(world: World, owner: Person) -> str:
    # Cardholders propose nothing: what stands for theirs is one of the staff's.
    return (await _proposed(world, owner, by=None if owner.role is Role.CARDHOLDER else owner)).id


async def _approved_proposal(world: World, owner: Person) -> str:
    may_propose = owner.role in TABLE["reveals.propose"]
    proposal = await _proposed(world, owner, by=owner if may_propose else None)
    async with transaction(world.engine) as session:
        await staff.approved(session, proposal, world.clock.now())
    return proposal.id


async def _proposed(world: World, owner: Person, *, by: Person | None) -> Approval:
    by = by or await world.colleague(owner.program)
    async with transaction(world.engine) as session:
        return await reveals.propose_reveal(
            session, owner.user_id, program_id=owner.program.id, reason="A question of theirs.",
            by=by.user_id, at=world.clock.now(),
        )  # fmt: skip


async def _notification(world: World, owner: Person) -> str:
    told = Event(
        "kyc.approved", owner.program.id, new_id("idv"), world.clock.now(), {"user_id": owner.user_id}
    )
    await plan(Work(world.engine, world.clock, {}), told)
    async with transaction(world.engine) as session:
        newest = await notifications_service.list_notifications(
            session, owner.user_id, before_id=None, limit=1
        )
    return newest[0].id


async def _link(world: World, owner: Person) -> str:
    now = world.clock.now()
    link = Link(
        new_id("link"), owner.program.id, owner.user_id, ELSEWHERE, "https://elsewhere.example",
        new_id("subject"), now,
    )  # fmt: skip
    async with transaction(world.engine) as session:
        assert await links.add_link(session, link)
    return link.id


async def _phone_verification(world: World, owner: Person) -> str:
    async with transaction(world.engine) as session:
        asked = await phones.request_verification(
            session, program_id=owner.program.id, user_id=owner.user_id, phone="+16175551234",
            at=world.clock.now(),
        )  # fmt: skip
    return asked.id


async def _challenge(world: World, owner: Person) -> str:
    card_id = await thing(world, owner, "card_id")
    now, reference = world.clock.now(), new_id("acsch")
    asked = Notice(
        "acs", reference, ChallengeState.PENDING, f"ic_{card_id}", Merchant("Bakery", "5462", "US", "m_1"),
        49_00, "USD", now + timedelta(hours=1),
    )  # fmt: skip
    async with transaction(world.engine) as session:
        await challenges.apply_notice(session, asked, now)
        found = await challenges_store.find_by_reference_for_update(session, "acs", reference)
    assert found is not None
    return found.id


async def _approver(world: World, owner: Person) -> str:
    card_id = await thing(world, owner, "card_id")
    return await _invited(world, owner, card_id, f"{new_id('somebody')}@example.com")


async def _invitation(world: World, owner: Person) -> str:
    # From somebody whom no request is made by: what the actor accepts puts that one's purchases in reach.
    inviter = await world.stranger(owner.program)
    await world.verify(owner)
    card_id = await _card(world, inviter)
    async with transaction(world.engine) as session:
        identity = await find_identity(session, owner.user_id)
    assert identity is not None
    invitation_id = await _invited(world, inviter, card_id, identity.email)
    async with transaction(world.engine) as session:
        # What the worker does for cardholders; the matrix asks for staff's, too.
        await approver_store.save_invitee(session, invitation_id, owner.user_id)
    return invitation_id


async def _invited(world: World, holder: Person, card_id: str, email: str) -> str:
    by = Principal(holder.user_id, holder.program.id)
    async with transaction(world.engine) as session:
        invited = await approvers.invite(session, card_id, email, by=by, at=world.clock.now())
    await drain(world.engine)
    return invited.id


async def _receipt(world: World, owner: Person) -> str:
    payment_id = await thing(world, owner, "payment_id")
    file = ReceiptFile("lunch.pdf", "application/pdf", b"%PDF-1.4 lunch")
    viewer = Viewer(owner.program.id, owner.user_id)
    async with transaction(world.engine) as session:
        made = await notes.add_receipt(session, payment_id, file, viewer=viewer, at=world.clock.now())
    return made.id


async def _rule_list(world: World, owner: Person) -> str:
    async with transaction(world.engine) as session:
        made = await create_list(
            session, program_id=owner.program.id, name=new_id("list"), kind=ListKind.TEXT,
            description="For tests.", by=owner.user_id, at=world.clock.now(),
        )  # fmt: skip
    return made.id


async def _guardrail(world: World, owner: Person) -> str:
    kept = KeptGuardrail(
        new_id("guard"), new_id("guard"), "amount < 1", "For tests.", owner.user_id, world.clock.now()
    )
    async with transaction(world.engine) as session:
        # Without counting them: everybody here has one.
        await guardrail_store.insert_guardrail(session, owner.program.id, kept)
    return kept.id


async def _backtest(world: World, owner: Person) -> str:
    rule = Rule("all", "amount >= 0", RuleAction.FLAG, "For tests.")
    async with transaction(world.engine) as session:
        request = await draft_request(
            session, owner.program.id, (rule,), None, beside_active=False, since=None, until=None
        )
        made = await request_run(session, owner.program.id, request, by=owner.user_id, at=world.clock.now())
    return made.id


async def _document(world: World, owner: Person) -> str:
    at, document_id = world.clock.now(), new_id("idoc")
    made = Document(
        id=document_id, program_id=owner.program.id, user_id=owner.user_id, kind=DocumentKind.SELFIE,
        pages=1, size_bytes=1, object_name=new_id("object"), uploaded_at=at,
        keep_until=at + timedelta(days=1),
    )  # fmt: skip
    async with transaction(world.engine) as session:
        await document_store.insert_document(session, made, Sensitive("a key"))
    return document_id


MAKERS: Final[Mapping[str, Maker]] = {
    "account_id": _account,
    "backtest_id": _backtest,
    "entry_id": _entry,
    "api_key_id": _api_key,
    "webhook_delivery_id": _webhook_delivery,
    "webhook_endpoint_id": _webhook_endpoint,
    "approver_id": _approver,
    "challenge_id": _challenge,
    "invitation_id": _invitation,
    "approval_id": _proposal,
    "batch_id": _batch,
    "card_id": _card,
    "case_id": _case,
    "question_id": _case,
    "client_id": a_client,
    "connection_id": a_connection,
    "device_id": _device,
    "dispute_id": _dispute,
    "document_id": _document,
    "guardrail_id": _guardrail,
    "hit_id": _screening_hit,
    "review_id": _identity_review,
    "reviewable_user_id": _reviewable_user,
    "difference_id": _difference,
    "event_id": _event,
    "exception_id": _exception,
    "interaction_id": an_interaction,
    "merchant_id": _merchant,
    "passkey_id": _passkey,
    "link_id": _link,
    "payment_id": _payment,
    "payment_method_id": _kept_method,
    "run_id": _run,
    "phone_verification_id": _phone_verification,
    "receipt_id": _receipt,
    "rule_list_id": _rule_list,
    "session_id": _session,
    "template_id": _retired_template,
    "top_up_dispute_id": _top_up_dispute,
    "top_up_id": _top_up,
    "user_id": _user,
    "verification_id": _verification,
    "withdrawal_id": _withdrawal,
}
"""By the name of the path parameter."""

MAKERS_OF: Final[Mapping[tuple[str, str], Maker]] = {
    ("open_dispute", "payment_id"): _charged_payment,
    ("submit_identity_verification", "verification_id"): _documents_to_submit,
    ("require_reverification", "user_id"): _renewable_user,
    ("reopen_case", "case_id"): _resolved_case,
    ("close_identity_review", "review_id"): _claimed_identity_review,
    ("relock_card", "card_id"): _locked_card,
    ("view_revealed_user", "approval_id"): _approved_proposal,
    ("grant_reveal", "card_id"): _vaulted_card,
    ("refund_top_up", "top_up_id"): _paid_top_up,
}
"""Where one operation needs a thing in another state: by the operation and the parameter."""

PREPARED: Final[Mapping[str, Maker]] = {
    "allow_merchant": _passkey,
    "create_card": _verification,
    "create_card_batch": _verification,
    "create_top_up": _verification,
    "create_withdrawal": _paid_top_up,
    "refund_top_up": _passkey,
    "keep_payment_method": _verification,
    "stop_auto_top_up": _auto_top_up,
    "approve_challenge": _passkey,
    "begin_passkey_step_up": _passkey,
    "create_webhook_endpoint": _passkey,
    "rotate_webhook_secret": _passkey,
    "confirm_totp": _begun_app,
    "invite_approver": _passkey,
    "remove_totp": _app,
    "replace_recovery_codes": _passkey,
}
"""What the actor must have for an operation that names nothing, by the operation."""

LISTED_ONLY: Final[Mapping[str, Maker]] = {"notification_id": _notification}
"""Things that no path names, made so that lists have something to leak."""

OF_THE_DEPLOYMENT: Final[Mapping[str, str]] = {
    "source": "stripe",
    "provider_id": ELSEWHERE,
    "level": "1",
    "event_type": "payments.authorization_declined",
    "cause": "screening",
    "file_kind": "documentation",
    "page_number": "1",
}
"""What stands in a path and is nobody's thing."""

NOBODYS: Final[Mapping[str, str]] = {
    "api_key_id": "key", "card_id": "card", "device_id": "dev", "payment_id": "pay", "session_id": "ses",
    "top_up_id": "topup", "approval_id": "appr", "passkey_id": "pkey", "user_id": "user",
    "verification_id": "idv", "phone_verification_id": "phver", "client_id": "client",
    "connection_id": "grant", "interaction_id": "consent", "link_id": "link",
    "event_id": "evt",
    "exception_id": "exc", "merchant_id": "mer", "template_id": "tmpl", "batch_id": "batch",
    "approver_id": "inv", "challenge_id": "chal", "invitation_id": "inv", "account_id": "acct",
    "entry_id": "entry",
    "dispute_id": "disp", "document_id": "idoc", "case_id": "case", "question_id": "case",
    "payment_method_id": "pmt", "top_up_dispute_id": "tdis", "withdrawal_id": "wdr",
    "hit_id": "hit", "review_id": "irev", "run_id": "recon", "difference_id": "diff",
    "receipt_id": "rcpt", "rule_list_id": "rlist", "guardrail_id": "guard", "backtest_id": "btest",
    "webhook_delivery_id": "whd", "webhook_endpoint_id": "wep",
}  # fmt: skip
"""The prefixes of ids, for things that nobody has."""


async def thing(world: World, owner: Person, name: str, *, operation: str = "") -> str:
    """Return the id of a thing of somebody's, made when there is none yet."""
    special = MAKERS_OF.get((operation, name))
    known_as = f"{name} of {operation}" if special else name
    if known_as not in owner.things:
        maker = special or MAKERS.get(name) or LISTED_ONLY[name]
        owner.things[known_as] = await maker(world, owner)
    return owner.things[known_as]


async def prepared(world: World, role: Role, operation: str) -> Person:
    """Return somebody in a role who has what an operation needs without naming it."""
    maker = PREPARED.get(operation)
    actor = await world.actor(role)
    if maker is None or actor.prepared_by is maker:
        return actor
    if actor.prepared_by is not None:
        world.use_up(role, whose=Whose.OWN)
        actor = await world.actor(role)
    await maker(world, actor)
    actor.prepared_by = maker
    return actor


async def one_of_each(world: World, owner: Person) -> Mapping[str, str]:
    """Return the ids of one thing of every kind of somebody's."""
    kinds = MAKERS.keys() | LISTED_ONLY.keys()
    return {name: await thing(world, owner, name) for name in sorted(kinds)}
