"""The texts of those who look after identities, books, access and developers."""

from typing import Any
from uuid import uuid4

import httpx
import pyotp

from web.holder import PROFILE, Holder
from web.outside import eventually
from web.scripts.by_holders import Planted
from web.scripts.by_staff import decide
from web.scripts.planting import Planting

ON_THE_LIST = ("Nestor Nevidimkin", "Vydumka Nesushchestvov")
"""Names of the invented list that the demo screens by."""


def plant_as_reviewer(planting: Planting, planted: Planted, suspect_id: str) -> None:
    """Judge identities and hits, and propose what people of a level may do."""
    reviewer, admin = planting.member("reviewer"), planting.member("admin")
    _reviews(planting, reviewer, admin, planted, suspect_id)
    again = {"reason": planting.line()}
    planting.send(reviewer, "POST", f"/v1/users/{suspect_id}/require-reverification", again)
    for name, verb in zip(ON_THE_LIST, ("confirm", "dismiss"), strict=True):
        _hit(planting, reviewer, name, verb)
    more = {"cards": 9_000, "balance": None, "added_30d": None, "reason": planting.line()}
    raised = planting.send(admin, "PUT", "/v1/identity-levels/1", more)
    decide(planting, reviewer, {"id": raised["proposal_id"]}, "approve")
    planting.pages_of_staff.append(f"/console/customers/{suspect_id}")


def _reviews(planting: Planting, reviewer: Holder, admin: Holder, planted: Planted, suspect_id: str) -> None:
    path = _review(planting, reviewer, planted.user_id)
    closed = {"reason": planting.line(), "version": _version(reviewer, path)}
    planting.send(reviewer, "POST", f"{path}/close", closed)
    path = _review(planting, reviewer, _somebody_halfway(planting))
    asked = {
        "missing": ["proof_of_address"], "message": planting.words(2000), "reason": planting.line(),
        "version": _version(reviewer, path),
    }  # fmt: skip
    planting.send(reviewer, "POST", f"{path}/ask-for-more", asked)
    path = _review(planting, reviewer, suspect_id)
    turned = {
        "decision": "rejected", "rejection_reason": "unverified", "reason": planting.line(),
        "version": _version(reviewer, path),
    }  # fmt: skip
    proposed = planting.send(reviewer, "POST", f"{path}/decide", turned)
    decide(planting, admin, {"id": proposed["override_id"]}, "reject")


def _review(planting: Planting, reviewer: Holder, user_id: str) -> str:
    wanted = {"user_id": user_id, "reason": planting.line()}
    review_id = planting.send(reviewer, "POST", "/v1/identity-reviews", wanted)["id"]
    path = f"/v1/identity-reviews/{review_id}"
    reviewer.call("POST", f"{path}/claim")
    planting.send(reviewer, "POST", f"{path}/notes", {"words": planting.words(2000)})
    planting.pages_of_staff.append(f"/console/reviews/{review_id}")
    return path


def _version(reviewer: Holder, path: str) -> int:
    return int(reviewer.call("GET", path)["review"]["version"])


def _somebody_halfway(planting: Planting) -> str:
    """Sign somebody up whose documents the vendor still looks at."""
    person = Holder(planting.stack.api, planting.outside, f"halfway-{uuid4().hex[:8]}@people.example")
    person.sign_up()
    person.call("PUT", "/v1/me/profile", PROFILE)
    person.call("POST", "/v1/identity-verifications")
    url = eventually("the verifier's page", lambda: person.call("GET", "/v1/me/identity")["url"])
    planting.outside.hand_in_documents(url, "processing")
    path = "/v1/me/identity"
    eventually("the documents", lambda: person.call("GET", path)["status"] not in ("collecting", "requested"))
    return str(person.call("GET", "/v1/me")["id"])


def _hit(planting: Planting, reviewer: Holder, name: str, verb: str) -> None:
    somebody = Holder(planting.stack.api, planting.outside, f"listed-{uuid4().hex[:8]}@people.example")
    somebody.sign_up()
    somebody.call("PUT", "/v1/me/profile", {**PROFILE, "full_name": name})
    user_id = somebody.call("GET", "/v1/me")["id"]
    found = f"/v1/screening-hits?user_id={user_id}"
    [hit] = eventually("the hit", lambda: reviewer.call("GET", found)["data"])[:1]
    judged = {"reason": planting.line(), "version": hit["version"]}
    planting.send(reviewer, "POST", f"/v1/screening-hits/{hit['id']}/{verb}", judged)
    planting.pages_of_staff.append(f"/console/customers/{user_id}")


def plant_as_finance(planting: Planting, planted: Planted) -> None:
    """Propose entries and months, refund a top-up, say why two sides differ."""
    finance, admin = planting.member("finance"), planting.member("admin")
    with_factor(finance)
    postings = [
        {"account": account, "side": side, "amount": 1_00}
        for account, side in (("corrections", "debit"), ("fees", "credit"))
    ]
    wanted = {"currency": "USD", "postings": postings, "reason": planting.line()}
    decide(planting, admin, planting.send(finance, "POST", "/v1/ledger/entries", wanted), "approve")
    entry = eventually("the entry", lambda: finance.call("GET", "/v1/ledger/entries?kind=manual")["data"])[0]
    back = planting.send(
        finance, "POST", f"/v1/ledger/entries/{entry['id']}/reversal", {"reason": planting.line()}
    )
    decide(planting, admin, back, "reject")
    month = {"month": "2026-09", "action": "closed", "reason": planting.line()}
    planting.send(finance, "POST", "/v1/ledger/period-changes", month)
    top_up = planted.holder.call("GET", "/v1/top-ups")["data"][0]["id"]
    refund = {"amount": 1_00, "reason": planting.line(200)}
    planting.send(finance, "POST", f"/v1/top-ups/{top_up}/refund", refund)
    _differences(planting, finance)


def _differences(planting: Planting, finance: Holder) -> None:
    stripe = f"{planting.stack.simulator}/_sim/stripe"
    taken = [httpx.post(f"{stripe}/fees", json={"amount": 10 + number}).json()["id"] for number in range(3)]
    # What is an hour old could still be on its way; these are said to be older.
    order = {"list": "balance_transactions", "action": "alter", "member": "created", "count": len(taken)}
    httpx.post(f"{stripe}/misreports", json={**order, "among": taken}).raise_for_status()
    run = finance.call("POST", "/v1/reconciliation/runs", {})
    path = f"/v1/reconciliation/runs/{run['id']}"
    eventually("the comparison", lambda: finance.call("GET", path)["finished_at"])
    found = finance.call("GET", "/v1/reconciliation/differences?record=fee")["data"]
    for it, verb in zip(found, ("explain", "accept", "entry"), strict=True):
        decision = {"reason": planting.line()}
        planting.send(finance, "POST", f"/v1/reconciliation/differences/{it['id']}/{verb}", decision)
        planting.pages_of_staff.append(f"/console/reconciliation?id={it['id']}")


def plant_as_administrator(planting: Planting) -> None:
    """Give roles to people and clients, make keys."""
    admin, admin2, developer = (planting.member(name) for name in ("admin", "admin2", "developer"))
    newcomer = Holder(planting.stack.api, planting.outside, f"new-{uuid4().hex[:8]}@people.example")
    newcomer.sign_up()
    path = f"/v1/users/{newcomer.call('GET', '/v1/me')['id']}"
    for change, how in (("roles", "approve"), ("role-revocations", "reject")):
        wanted = {"role": "support", "reason": planting.line()}
        decide(planting, admin2, planting.send(admin, "POST", f"{path}/{change}", wanted), how)
    client = planting.send(developer, "POST", "/v1/oauth/clients", _client(planting))
    role = {"role": "support", "reason": planting.line()}
    planting.send(admin, "POST", f"/v1/oauth/clients/{client['id']}/roles", role)
    with_factor(developer)
    key = {"name": planting.line(60), "scopes": ["events.read"], "expires_at": "2027-01-01T00:00:00Z"}
    planting.send(developer, "POST", "/v1/api-keys", key)


def _client(planting: Planting) -> dict[str, Any]:
    # Of a script such an address may hold no more.
    address = "https://partner.example/back?to=javascript:trap()"
    return {
        "name": planting.line(80), "auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "client_credentials"], "scopes": ["profile"],
        "redirect_uris": [address],
        "post_logout_redirect_uris": [address],
    }  # fmt: skip


def with_factor(somebody: Holder) -> None:
    """Give somebody an authenticator app, and use it."""
    secret = somebody.call("POST", "/v1/me/totp")["secret"]
    somebody.call("POST", "/v1/me/totp/confirm", {"code": pyotp.TOTP(secret).now()})
