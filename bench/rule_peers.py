"""Other rule engines, each in the form that is fastest there, given the same conditions and transactions.

Conditions are written for each from our checked tree, so that nobody's own wording is timed. A transaction is
a nested dict, as these engines take it, and turning it into their values is part of what they cost.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import cel
import celpy
import json_logic
import rule_engine
import zen

from cardwright.rules.language import syntax
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.syntax import Node

Nested: TypeAlias = dict[str, Any]
Peer: TypeAlias = Callable[[Nested], int]
"""From a transaction to the bits of the conditions that hold."""


def peers(conditions: Sequence[Checked]) -> Mapping[str, Peer]:
    """Return the engines by name, ready to run."""
    return {
        "zen-engine": _zen(conditions),
        "common-expression-language": _rust_cel(conditions),
        "json-logic-qubit": _json_logic(conditions),
        "rule-engine": _rule_engine(conditions),
        "cel-python": _cel_python(conditions),
    }


def _bits(answers: Sequence[Any]) -> int:
    return sum(1 << index for index, answer in enumerate(answers) if answer)


def _zen(conditions: Sequence[Checked]) -> Peer:
    # One expression that is a list: twenty calls would turn the transaction into its values twenty times.
    whole = zen.compile_expression(f"[{', '.join(_worded(each.tree, _zen_call) for each in conditions)}]")
    return lambda transaction: _bits(whole.evaluate(transaction))


def _rust_cel(conditions: Sequence[Checked]) -> Peer:
    whole = cel.compile(f"[{', '.join(each.source for each in conditions)}]")
    return lambda transaction: _bits(whole.execute(transaction))


def _rule_engine(conditions: Sequence[Checked]) -> Peer:
    context = rule_engine.Context(default_value=None)
    rules = [rule_engine.Rule(_worded(each.tree, _rule_engine_call), context=context) for each in conditions]
    return lambda transaction: _bits([rule.matches(transaction) for rule in rules])


def _cel_python(conditions: Sequence[Checked]) -> Peer:
    # Its compiled form is quicker, and fails where has() guards a field that is not there.
    environment = celpy.Environment(runner_class=celpy.InterpretedRunner)
    programs = [environment.program(environment.compile(each.source)) for each in conditions]

    def answer(transaction: Nested) -> int:
        values = {name: celpy.json_to_cel(value) for name, value in transaction.items()}
        return _bits([program.evaluate(values) for program in programs])

    return answer


def _json_logic(conditions: Sequence[Checked]) -> Peer:
    json_logic.add_operation("startsWith", str.startswith)
    json_logic.add_operation("endsWith", str.endswith)
    json_logic.add_operation("matches", lambda text, pattern: re.search(pattern, text) is not None)
    rules = [_json(each.tree) for each in conditions]
    return lambda transaction: _bits([json_logic.jsonLogic(rule, transaction) for rule in rules])


def _zen_call(test: str, target: str, argument: str) -> str:
    return f"{test}({target}, {argument})"


def _rule_engine_call(test: str, target: str, argument: str) -> str:
    if test == "contains":
        return f"({argument} in {target})"
    if test == "matches":
        return f"({target} =~~ {argument})"
    return f"{target}.{ {'startsWith': 'starts_with', 'endsWith': 'ends_with'}[test] }({argument})"


def _worded(node: Node, call: Callable[[str, str, str], str]) -> str:  # noqa: C901, PLR0911 - a case for each node
    """Write a condition for the two engines that spell logic as words."""
    write = partial(_worded, call=call)
    match node:
        case syntax.Literal(value=value):
            return json.dumps(value)
        case syntax.FieldReference(name=name):
            return name
        case syntax.Has(field=field):
            return f"({field.name} != null)"
        case syntax.Not(operand=operand):
            return f"(not ({write(operand)}))"
        case syntax.Logical(operator=operator, operands=operands):
            word = " and " if operator == "&&" else " or "
            return f"({word.join(map(write, operands))})"
        case syntax.Comparison(operator=operator, left=left, right=right):
            return f"({write(left)} {operator} {write(right)})"
        case syntax.Arithmetic(operator=operator, left=left, right=right):
            return f"({write(left)} {operator} {write(right)})"
        case syntax.Membership(item=item, options=options):
            return f"({write(item)} in [{', '.join(map(write, options))}])"
        case syntax.TextTest(test=test, target=target, argument=argument):
            return call(test, write(target), write(argument))
        case syntax.Conditional(condition=condition, then=then, otherwise=otherwise):
            return f"({write(condition)} ? {write(then)} : {write(otherwise)})"
    raise TypeError(f"no rule here has this: {node!r}")


def _json(node: Node) -> Any:  # noqa: C901, PLR0911 - a case for each node
    """Write a condition as JsonLogic."""
    match node:
        case syntax.Literal(value=value):
            return value
        case syntax.FieldReference(name=name):
            return {"var": [name]}
        case syntax.Has(field=field):
            return {"!==": [_json(field), None]}
        case syntax.Not(operand=operand):
            return {"!": [_json(operand)]}
        case syntax.Logical(operator=operator, operands=operands):
            return {"and" if operator == "&&" else "or": list(map(_json, operands))}
        case syntax.Comparison(operator=operator, left=left, right=right):
            strict = {"==": "===", "!=": "!=="}.get(operator, operator)
            return {strict: [_json(left), _json(right)]}
        case syntax.Arithmetic(operator=operator, left=left, right=right):
            return {operator: [_json(left), _json(right)]}
        case syntax.Membership(item=item, options=options):
            return {"in": [_json(item), [option.value for option in options]]}
        case syntax.TextTest(test="contains", target=target, argument=argument):
            return {"in": [argument.value, _json(target)]}
        case syntax.TextTest(test=test, target=target, argument=argument):
            return {test: [_json(target), argument.value]}
        case syntax.Conditional(condition=condition, then=then, otherwise=otherwise):
            return {"if": [_json(condition), _json(then), _json(otherwise)]}
    raise TypeError(f"no rule here has this: {node!r}")
