"""Scripts that somebody may write where a text is asked for, each in few enough characters for a card's name.

All of them call `trap`, or load something from `beacon.example`: a page that runs one, or makes an element of
it, is caught (`web.scripts.trap`).
"""

from collections.abc import Iterator
from itertools import cycle
from typing import Final

ELEMENTS: Final = (
    "<script>trap()</script>",
    "<img src=x onerror=trap()>",
    "<svg onload=trap()>",
    "<svg/onload=trap()//",
    "<details open ontoggle=trap()>",
    "<video><source onerror=trap()></video>",
    "<input autofocus onfocus=trap()>",
    "<svg><animate onbegin=trap() attributeName=x dur=1s>",
    '<iframe src="javascript:parent.trap()">',
    '<iframe srcdoc="<svg onload=parent.trap()>">',
    '<object data="javascript:trap()">',
    '<embed src="javascript:trap()">',
    "<template><script>trap()</script></template>",
)
BREAKOUTS: Final = (
    "</script><script>trap()</script>",
    '"><img src=x onerror=trap()>',
    "'><svg onload=trap()>",
    '" autofocus onfocus="trap()" x="',
    "' autofocus onfocus='trap()' x='",
    "</title></textarea></style><svg onload=trap()>",
    "<!--><svg onload=trap()>-->",
    "]]><svg onload=trap()>",
)
ADDRESSES: Final = (
    "javascript:trap()",
    "JaVaScRiPt:trap()",
    "java&Tab;script:trap()",
    "data:text/html,<script>parent.trap()</script>",
    '<a href="javascript:trap()">see</a>',
    '<svg><a xlink:href="javascript:trap()"><text>see</text></a>',
    '<form><button formaction="javascript:trap()">see</button>',
    '<base href="https://beacon.example/">',
    '<meta http-equiv=refresh content="0;url=javascript:trap()">',
    "[see](javascript:trap())",
    '![see](x"onerror="trap())',
    '<https://beacon.example/"onmouseover="trap()>',
    '=HYPERLINK("javascript:trap()";"see")',
)
MUTATIONS: Final = (
    "<math><mi><table><mglyph><style><img src=x onerror=trap()>",
    '<noscript><p title="</noscript><img src=x onerror=trap()>">',
    "<svg><style><img src=x onerror=trap()></style></svg>",
    '<p id="<img src=x onerror=trap()>">',
)
TEMPLATES: Final = (
    "${trap()}{{trap()}}#{trap()}<%=trap()%>",
    "{{constructor.constructor('trap()')()}}",
    "{{ ''.__class__ }}{% debug %}{{ 7 * 191 }}",
)
STYLES: Final = (
    "<style>*{background:url(//beacon.example/a)}</style>",
    '<b style="background:url(//beacon.example/b)">see</b>',
    "<link rel=stylesheet href=//beacon.example/c>",
    "red;background:url(//beacon.example/d)",
    "}*{background:url(//beacon.example/e)",
)
TAKEN_APART: Final = (
    "<scr<script>ipt>trap()</scr</script>ipt>",
    "\uff1cscript\uff1etrap()\uff1c/script\uff1e",
    "<\u017fcript>trap()</\u017fcript>",
    r"\u003cscript\u003etrap()\u003c/script\u003e",
    "%3Cscript%3Etrap()%3C/script%3E",
    "&lt;img src=x onerror=trap()&gt;",
    "&#60;svg onload=trap()&#62;",
)
"""Scripts only after somebody removed, folded or decoded something once too often."""
OVER_LINES: Final = (
    "<img\nsrc=x\nonerror=trap()>",
    "java\nscript:trap()",
    "\u202e<svg onload=trap()>\u202c",
    "\u2066<script>\u2069trap()</script>",
)
"""Texts of one line refuse these: they break it, or turn the direction of what follows."""
SCRIPTS: Final = (
    *ELEMENTS, *BREAKOUTS, *ADDRESSES, *MUTATIONS, *TEMPLATES, *STYLES, *TAKEN_APART, *OVER_LINES,
)  # fmt: skip
LONGEST_LABEL: Final = 60
assert len(SCRIPTS) == len(set(SCRIPTS))
assert all(len(script) <= LONGEST_LABEL for script in SCRIPTS)


class Scripts:
    """Deals the corpus out: each text has as many scripts as fit, and goes on where the last one stopped."""

    def __init__(self) -> None:
        self._of_lines = cycle([script for script in SCRIPTS if script not in OVER_LINES])
        self._of_all = cycle(SCRIPTS)

    def line(self, longest: int) -> str:
        """Return scripts for a text of one line."""
        return " ".join(_fitting(self._of_lines, len(SCRIPTS) - len(OVER_LINES), longest))

    def words(self, longest: int) -> str:
        """Return scripts for a text of several lines."""
        return "\n".join(_fitting(self._of_all, len(SCRIPTS), longest))


def _fitting(scripts: Iterator[str], count: int, longest: int) -> list[str]:
    chosen: list[str] = []
    length = 0
    for _, script in zip(range(count), scripts, strict=False):
        if length + len(script) <= longest:
            chosen.append(script)
            length += len(script) + 1
        elif chosen:
            break
    assert chosen, f"no script is as short as {longest} characters"
    return chosen
