from collections.abc import Callable
from typing import Any

import pytest

from cardwright.rules.language import syntax
from cardwright.rules.language.diagnostics import ExpressionError
from cardwright.rules.language.parser import parse

WRITERS: dict[type, Callable[[Any], str]] = {
    syntax.Literal: lambda node: repr(node.value),
    syntax.FieldReference: lambda node: node.name,
    syntax.Has: lambda node: f"has({node.field.name})",
    syntax.Not: lambda node: f"!{write(node.operand)}",
    syntax.Negation: lambda node: f"-{write(node.operand)}",
    syntax.Logical: lambda node: f"({f' {node.operator} '.join(map(write, node.operands))})",
    syntax.Comparison: lambda node: f"({write(node.left)} {node.operator} {write(node.right)})",
    syntax.Arithmetic: lambda node: f"({write(node.left)} {node.operator} {write(node.right)})",
    syntax.Membership: lambda node: f"({write(node.item)} in {[option.value for option in node.options]})",
    syntax.ListMembership: lambda node: f"({write(node.item)} in {node.list.name})",
    syntax.TextTest: lambda node: f"{write(node.target)}.{node.test}({node.argument.value!r})",
    syntax.Conditional: lambda node: f"({' : '.join(map(write, syntax.children(node)))})",
}


def write(node: syntax.Node) -> str:
    """Write the tree with every bracket, so that precedence can be read."""
    return WRITERS[type(node)](node)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a || b && c", "(a || (b && c))"),
        ("a && b && c", "(a && b && c)"),
        ("!a == b", "(!a == b)"),
        ("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("-a * b", "(-a * b)"),
        ("- -5", "5"),
        ("- -a", "--a"),
        ("a + 1 > 2 == true", "(((a + 1) > 2) == True)"),
        ("a ? b : c ? d : e", "(a : b : (c : d : e))"),
        ("a.b.c in ['x', -1, true,]", "(a.b.c in ['x', -1, True])"),
        ('a.b.contains("q").startsWith("r")', "a.b.contains('q').startsWith('r')"),
        ("has(a.b) // to the end of the line\n && a.b > 0", "(has(a.b) && (a.b > 0))"),
        (r'"\"\\\n\t\r\u00e9" == name', r"""('"\\\n\t\ré' == name)"""),
        (r"""r"\d'" == name || R'\"' == name""", r"""(("\\d'" == name) || ('\\"' == name))"""),
        ("a.b in lists.c && d", "((a.b in lists.c) && d)"),
        ("a.matches('b').matches('c')", "a.matches('b').matches('c')"),
        ("'in' == name && name == '&&'", "(('in' == name) && (name == '&&'))"),
    ],
)
def test_operators_bind_as_in_the_standard(source: str, expected: str) -> None:
    assert write(parse(source)) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "1:1 expected a value, found the end"),
        ("(", "1:2 expected a value, found the end"),
        ("(a", "1:3 expected ')', found the end"),
        ("a b", "1:3 expected an operator or the end, found 'b'"),
        ("a and b", "1:3 expected an operator or the end, found 'and'; did you mean '&&'?"),
        ("not a", "1:1 expected a value, found 'not'; did you mean '!'?"),
        ("a = 1", "1:3 unexpected character '='; did you mean '=='?"),
        ("a & b", "1:3 unexpected character '&'; did you mean '&&'?"),
        ("a > 5.5", "1:5 only whole numbers exist here; amounts are in minor units, 12.50 USD is 1250"),
        ("a > 9223372036854775808", "1:5 the number is greater than 9223372036854775807"),
        ("a > -9223372036854775808", "1:6 the number is less than -9223372036854775807"),
        ("a - 9223372036854775808", "1:5 the number is greater than 9223372036854775807"),
        ("(a) - 9223372036854775808", "1:7 the number is greater than 9223372036854775807"),
        ("a == mérchant", "1:7 unexpected character 'é'"),
        ("a == \u202e", r"1:6 unexpected character '\u202e'"),
        ("a >\n  'x", "2:3 the text that starts here has no closing quote"),
        ("a in b", "1:6 expected a list in square brackets, or lists.name, after 'in', found 'b'"),
        ("a in lists", "1:6 expected lists.name with the name of a list after 'in'"),
        ("a in []", "1:6 an empty list matches nothing"),
        ("a in [b]", "1:7 expected a number, a text, true or false, not a computed value"),
        ("a in [1", "1:8 expected ',', found the end"),
        ("[1] == a", "1:1 a list may stand only after 'in'"),
        ("a.startWith('x')", "1:3 unknown function 'startWith'; did you mean 'startsWith'?"),
        ("a.contains(b)", "1:12 expected a text in quotes, not a computed value"),
        ("a.contains('x'", "1:15 expected ')', found the end"),
        ("a.", "1:3 expected one of startsWith, endsWith, contains, matches with (…)"),
        ("hass(a.b)", "1:1 unknown function 'hass'; did you mean 'has'?"),
        ("has(1)", "1:5 has(…) takes the name of a field"),
        ("a == null", "1:6 there is no null; has(field) asks whether a field has a value"),
        (r"a == '\q'", r"1:7 unknown escape; use one of \\ \" \' \n \r \t \uXXXX"),
        (r"a == '\ud800'", "1:7 U+D800 cannot be part of a text"),
        ("a == '\x00'", "1:7 U+0000 cannot be part of a text"),
        ("a ? b", "1:6 expected ':', found the end"),
        ("in", "1:1 expected a value, found 'in'"),
    ],
)
def test_each_syntax_fault_is_named_with_its_place(source: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert [str(each) for each in caught.value.diagnostics] == [message]


def test_the_excerpt_shows_the_line_of_the_fault_with_a_caret_under_it() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("flag &&\n\tname.startWith('x') &&\nflag")
    assert caught.value.diagnostics[0].excerpt == "\tname.startWith('x') &&\n\t     ^^^^^^^^^"


def test_the_excerpt_of_a_very_long_line_stays_short() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("a ||" * 300 + "£" + " || a" * 300)
    text, caret = caught.value.diagnostics[0].excerpt.split("\n")
    assert len(text) <= 100
    assert text[caret.index("^")] == "£"
