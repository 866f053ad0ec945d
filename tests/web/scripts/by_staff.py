"""The texts of those who look after customers, payments and rules."""

import json
from typing import Any

from web.holder import Holder
from web.outside import eventually
from web.scripts.by_holders import RECEIPT, Planted
from web.scripts.corpus import LONGEST_LABEL, OVER_LINES, SCRIPTS
from web.scripts.planting import Planting


def plant_as_support(planting: Planting, planted: Planted, suspect_id: str) -> None:
    """Lock a card, sign somebody out, act in disputes, ask to see somebody's data."""
    support, admin = planting.member("support"), planting.member("admin")
    planting.send(support, "POST", f"/v1/cards/{planted.card_ids[1]}/lock", {"reason": planting.line(200)})
    planting.send(support, "POST", f"/v1/users/{suspect_id}/sign-out", {"reason": planting.line()})
    reveal = planting.send(support, "POST", f"/v1/users/{suspect_id}/reveals", {"reason": planting.line()})
    decide(planting, admin, reveal, "reject")
    _dispute_for_the_holder(planting, support, planted)


def _dispute_for_the_holder(planting: Planting, support: Holder, planted: Planted) -> None:
    def why() -> dict[str, str]:
        return {"staff_reason": planting.line()}

    told = {"explanation": planting.words(1500)}
    wanted = {"reason": "fraud", "statement": told, **why()}
    opened = planting.send(support, "POST", f"/v1/payments/{planted.payment_ids[3]}/disputes", wanted)
    path = f"/v1/disputes/{opened['id']}"
    planting.send(support, "PATCH", path, {"statement": {"explanation": planting.words(1500)}, **why()})
    planting.send(support, "PUT", f"{path}/files/documentation", {"content": RECEIPT, **why()})
    planting.send(support, "POST", f"{path}/submit", why())
    first = planted.dispute_ids[0]
    planting.send(support, "POST", f"/v1/disputes/{first}/withdraw", why())
    planting.pages_of_staff += [
        f"/console/disputes?open={each}" for each in (opened["id"], *planted.dispute_ids)
    ]


def plant_as_analyst(planting: Planting, planted: Planted) -> None:
    """Judge a case, correct merchants, make templates, lists, guardrails and rules."""
    analyst = planting.member("analyst")
    list_id = _lists(planting, analyst)
    _case(planting, analyst, planted.payment_ids[4])
    _merchants(planting, analyst, planted)
    _templates(planting, analyst)
    _guardrail(planting, analyst)
    _rulebook(planting, analyst)
    planting.pages_of_staff += [f"/console/payments/{payment_id}" for payment_id in planted.payment_ids]
    planting.pages_of_staff += [f"/console/rules/lists/{list_id}"]


def _lists(planting: Planting, analyst: Holder) -> str:
    wanted = {"name": "scripts", "kind": "text", "description": planting.line(200)}
    made = planting.send(analyst, "POST", "/v1/rule-lists", wanted)
    entries = f"/v1/rule-lists/{made['id']}/entries"
    values = [script for script in SCRIPTS if script not in OVER_LINES]
    given = {"entries": [{"value": value} for value in values], "reason": planting.line()}
    planting.send(analyst, "PUT", entries, given)
    rows = '"' + planting.line(LONGEST_LABEL).replace('"', '""') + '"'
    planting.send(analyst, "PUT", f"{entries}.csv", {"csv": f"value\n{rows}\n", "reason": planting.line()})
    removed = {"values": values[:1], "reason": planting.line()}
    planting.send(analyst, "POST", f"{entries}/remove", removed)
    return str(made["id"])


def _case(planting: Planting, analyst: Holder, payment_id: str) -> None:
    opened = planting.send(
        analyst,
        "POST",
        "/v1/cases",
        {"payment_id": payment_id, "reason": planting.line(), "ask_holder": True},
    )
    case_id = opened["case"]["id"]
    path = f"/v1/cases/{case_id}"
    version = analyst.call("POST", f"{path}/claim")["version"]
    planting.send(analyst, "POST", f"{path}/notes", {"words": planting.words(2000)})
    finding = {
        "finding": "fraud", "reason": planting.line(), "version": version,
        "dispute": {"explanation": planting.words(2000)},
    }  # fmt: skip
    decided = planting.send(analyst, "POST", f"{path}/decide", finding)
    reopened = {"reason": planting.line(), "version": decided["version"]}
    planting.send(analyst, "POST", f"{path}/reopen", reopened)
    planting.pages_of_staff.append(f"/console/cases?open={case_id}")


def _merchants(planting: Planting, analyst: Holder, planted: Planted) -> None:
    merchants = {
        planted.holder.call("GET", f"/v1/payments/{payment_id}")["merchant"]["id"]
        for payment_id in planted.payment_ids
    }
    # The last one keeps the name that the network gave it.
    for merchant_id in sorted(merchants)[:-1]:
        path = f"/v1/merchants/{merchant_id}"
        planting.send(analyst, "PATCH", path, {"name": planting.line(80)})
        told = {"source": "stripe", "acceptor_id": planting.line(100)}
        planting.send(analyst, "POST", f"{path}/acceptors", told)
        planting.send(analyst, "POST", f"{path}/split", told)


def _templates(planting: Planting, analyst: Holder) -> None:
    made = planting.send(
        analyst, "POST", "/v1/card-templates", {"name": planting.line(60), "description": planting.line(300)}
    )
    changed = {"name": planting.line(60), "description": planting.line(300)}
    planting.send(analyst, "PUT", f"/v1/card-templates/{made['id']}", changed)


def _guardrail(planting: Planting, analyst: Holder) -> None:
    wanted = {"name": "never_scripts", "when": _condition(planting), "reason": planting.line()}
    kept = planting.send(analyst, "POST", "/v1/rules/guardrails", wanted)
    dropped = planting.send(
        analyst, "POST", f"/v1/rules/guardrails/{kept['id']}/drop", {"reason": planting.line()}
    )
    decide(planting, planting.member("admin"), dropped, "reject")


def _rulebook(planting: Planting, analyst: Holder) -> None:
    admin = planting.member("admin")
    rules = [
        {
            "name": f"scripts_{number}", "when": _condition(planting), "action": "flag",
            "reason": planting.line(200), "stage": stage,
        }
        for number, stage in enumerate(("live", "shadow"))
    ]  # fmt: skip
    backtest = planting.send(analyst, "POST", "/v1/rules/backtests", {"rules": rules})
    for _ in range(2):
        version = analyst.call("GET", "/v1/rules")["version"]
        book = {
            "expected_version": version, "rules": rules, "note": planting.line(), "accept_unproven": True,
        }  # fmt: skip
        decide(planting, admin, planting.send(analyst, "PUT", "/v1/rules", book), "approve")
        _wait_for_newer_rules(analyst, version)
        rules = [{**rule, "reason": planting.line(200)} for rule in rules]
    back = {"version": version, "reason": planting.line(), "accept_unproven": True}
    planting.send(admin, "POST", "/v1/rules/rollback", back)
    done = eventually(
        "the backtest",
        lambda: (
            (it := analyst.call("GET", f"/v1/rules/backtests/{backtest['id']}"))["state"] == "done" and it
        ),
    )
    planting.pages_of_staff.append(f"/console/rules/backtests/{done['id']}")
    planting.pages_of_staff += [f"/console/rules/edit?rule={rule['name']}" for rule in rules]


def _wait_for_newer_rules(analyst: Holder, version: int) -> None:
    eventually("the rules", lambda: analyst.call("GET", "/v1/rules")["version"] > version)


def stop_the_rules(planting: Planting) -> None:
    """Stop them all, when everything else is written."""
    planting.send(planting.member("admin"), "POST", "/v1/rules/kill", {"reason": planting.line()})


def _condition(planting: Planting) -> str:
    return f"merchant.name == {json.dumps(planting.line(300), ensure_ascii=False)}"


def decide(planting: Planting, who: Holder, proposal: Any, how: str) -> None:
    """Approve or reject a proposal, with a note."""
    approval_id = proposal["id"]
    planting.send(who, "POST", f"/v1/approvals/{approval_id}/{how}", {"note": planting.line()})
    planting.pages_of_staff.append(f"/console/approvals?open={approval_id}")
