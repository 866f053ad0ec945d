"""Tokens to a syntax tree, by precedence climbing, within limits on nesting and on the height of the tree."""

from typing import Final, cast

from cardwright.rules.language import syntax
from cardwright.rules.language.diagnostics import ExpressionError, Span, closest, diagnose, shorten
from cardwright.rules.language.syntax import Node
from cardwright.rules.language.tokens import Token, TokenKind, tokenise

MAX_DEPTH: Final = 50

_LOOSEST: Final = 1
_POWERS: Final = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3),
    **dict.fromkeys("+-", 4),
    **dict.fromkeys("*/%", 5),
}
_TEXT_TESTS: Final = ("startsWith", "endsWith", "contains", "matches")
_LISTS: Final = "lists"
_INTENDED_WORDS: Final = {"and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!"}


def parse(source: str) -> Node:
    """Read one expression; raise ExpressionError with the place of the first fault."""
    parser = _Parser(source)
    root = parser.whole()
    _ensure_low(source, root)
    return root


def _ensure_low(source: str, root: Node) -> None:
    pending = [(root, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise ExpressionError(diagnose(source, node.span, f"nested deeper than {MAX_DEPTH} levels"))
        pending.extend((child, depth + 1) for child in syntax.children(node))


class _Parser:
    """Reads tokens from left to right; every method leaves `_index` after what it read."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = tokenise(source)
        self._index = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._expression()
        if self._next.kind is not TokenKind.END:
            raise self._unexpected("an operator or the end")
        return node

    @property
    def _next(self) -> Token:
        return self._tokens[self._index]

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(self._next.span, f"nested deeper than {MAX_DEPTH} levels")
        node = self._binary(_LOOSEST)
        if self._take("?"):
            then = self._binary(_LOOSEST)
            self._expect(":")
            otherwise = self._expression()
            node = syntax.Conditional(node, then, otherwise, node.span.to(otherwise.span))
        self._depth -= 1
        return node

    def _binary(self, weakest: int) -> Node:
        left = self._unary()
        while (power := self._power()) >= weakest:
            operator = self._advance().text
            if operator == "in":
                left = self._membership(left)
            elif operator in {"&&", "||"}:
                left = self._chain(cast("syntax.LogicalOperator", operator), power, left)
            else:
                left = _join(operator, left, self._binary(power + 1))
        return left

    def _power(self) -> int:
        is_operator = self._next.kind in {TokenKind.SYMBOL, TokenKind.NAME}
        return _POWERS.get(self._next.text, 0) if is_operator else 0

    def _chain(self, operator: syntax.LogicalOperator, power: int, first: Node) -> Node:
        operands = [first, self._binary(power + 1)]
        while self._take(operator):
            operands.append(self._binary(power + 1))
        return syntax.Logical(operator, tuple(operands), first.span.to(operands[-1].span))

    def _membership(self, item: Node) -> Node:
        if self._next.kind is TokenKind.NAME and self._next.text == _LISTS:
            field = self._field(self._advance())
            if field.name == _LISTS:
                raise self._error(field.span, "expected lists.name with the name of a list after 'in'")
            named = syntax.ListReference(field.name, field.span)
            return syntax.ListMembership(item, named, item.span.to(named.span))
        opening = self._next.span
        if not self._take("["):
            raise self._unexpected("a list in square brackets, or lists.name, after 'in'")
        options: list[syntax.Literal] = []
        while not self._take("]"):
            if options:
                self._expect(",")
                if self._take("]"):
                    break
            options.append(self._literal("a number, a text, true or false"))
        closing = self._tokens[self._index - 1].span
        if not options:
            raise self._error(opening.to(closing), "an empty list matches nothing")
        return syntax.Membership(item, tuple(options), item.span.to(closing))

    def _literal(self, wanted: str) -> syntax.Literal:
        here = self._next
        node = self._unary() if here.kind is not TokenKind.END else None
        if not isinstance(node, syntax.Literal):
            span = node.span if node else here.span
            raise self._error(span, f"expected {wanted}, not a computed value")
        return node

    def _unary(self) -> Node:
        first = self._next
        if first.kind is not TokenKind.SYMBOL or first.text not in {"!", "-"}:
            return self._postfix()
        signs: list[Span] = []
        while self._next.kind is TokenKind.SYMBOL and self._next.text == first.text:
            signs.append(self._advance().span)
        node = self._postfix()
        for sign in reversed(signs):
            node = _prefixed(first.text, node, sign.to(node.span))
        return node

    def _postfix(self) -> Node:
        node = self._primary()
        while self._take("."):
            method = self._advance()
            if method.kind is not TokenKind.NAME or not self._take("("):
                raise self._error(method.span, f"expected one of {', '.join(_TEXT_TESTS)} with (…)")
            if method.text not in _TEXT_TESTS:
                message = f"unknown function {shorten(method.text)!r}"
                raise self._error(method.span, message, closest(method.text, _TEXT_TESTS))
            argument = self._literal("a text in quotes")
            closing = self._expect(")")
            test = cast("syntax.TextTestName", method.text)
            node = syntax.TextTest(test, node, argument, node.span.to(closing.span))
        return node

    def _primary(self) -> Node:
        start = self._index
        token = self._advance()
        if token.kind is TokenKind.INTEGER:
            return syntax.Literal(int(token.text), token.span)
        if token.kind is TokenKind.TEXT:
            return syntax.Literal(token.text, token.span)
        if token.kind is TokenKind.NAME:
            return self._named(token)
        if token.text == "(":
            node = self._expression()
            self._expect(")")
            return node
        self._index = start
        if token.text == "[":
            raise self._error(token.span, "a list may stand only after 'in'")
        raise self._unexpected("a value")

    def _named(self, token: Token) -> Node:
        if token.text in {"true", "false"}:
            return syntax.Literal(token.text == "true", token.span)
        if token.text == "null":
            raise self._error(token.span, "there is no null; has(field) asks whether a field has a value")
        if token.text in _INTENDED_WORDS or token.text == "in":
            self._index -= 1
            raise self._unexpected("a value")
        if not self._take("("):
            return self._field(token)
        if token.text != "has":
            suggestion = closest(token.text, ["has"])
            raise self._error(token.span, f"unknown function {shorten(token.text)!r}", suggestion)
        name = self._advance()
        if name.kind is not TokenKind.NAME:
            raise self._error(name.span, "has(…) takes the name of a field")
        field = self._field(name)
        return syntax.Has(field, token.span.to(self._expect(")").span))

    def _field(self, first: Token) -> syntax.FieldReference:
        parts = [first]
        while self._is_part_ahead():
            self._advance()
            parts.append(self._advance())
        name = ".".join(part.text for part in parts)
        return syntax.FieldReference(name, first.span.to(parts[-1].span))

    def _is_part_ahead(self) -> bool:
        ahead = self._tokens[self._index : self._index + 3]
        kinds = [token.kind for token in ahead[:2]]
        is_dotted_name = kinds == [TokenKind.SYMBOL, TokenKind.NAME] and ahead[0].text == "."
        return is_dotted_name and (ahead[2].kind is not TokenKind.SYMBOL or ahead[2].text != "(")

    def _advance(self) -> Token:
        token = self._next
        if token.kind is not TokenKind.END:
            self._index += 1
        return token

    def _take(self, symbol: str) -> bool:
        found = self._next.kind is TokenKind.SYMBOL and self._next.text == symbol
        self._index += found
        return found

    def _expect(self, symbol: str) -> Token:
        if not self._take(symbol):
            raise self._unexpected(repr(symbol))
        return self._tokens[self._index - 1]

    def _unexpected(self, wanted: str) -> ExpressionError:
        token = self._next
        found = "the end" if token.kind is TokenKind.END else f"{shorten(token.text)!r}"
        suggestion = _INTENDED_WORDS.get(token.text) if token.kind is TokenKind.NAME else None
        return self._error(token.span, f"expected {wanted}, found {found}", suggestion)

    def _error(self, span: Span, message: str, suggestion: str | None = None) -> ExpressionError:
        return ExpressionError(diagnose(self._source, span, message, suggestion))


def _join(operator: str, left: Node, right: Node) -> Node:
    span = left.span.to(right.span)
    if operator in set("+-*/%"):
        return syntax.Arithmetic(cast("syntax.ArithmeticOperator", operator), left, right, span)
    return syntax.Comparison(cast("syntax.ComparisonOperator", operator), left, right, span)


def _prefixed(operator: str, operand: Node, span: Span) -> Node:
    if operator == "!":
        return syntax.Not(operand, span)
    if isinstance(operand, syntax.Literal) and type(operand.value) is int:
        return syntax.Literal(-operand.value, span)
    return syntax.Negation(operand, span)
