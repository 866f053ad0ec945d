"""Under which licences the product's parts are: read from what is installed, judged, written as a page.

    python -m supply.licences UV > docs/licences.md

A licence that nobody judged stops it, and so does a package that names none.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any, Final

_BY_HAND: Final = {
    # Only for other machines or older Pythons than the one that may tell; as their projects say.
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
}
_CLASSIFIERS: Final = {
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND",
    "The Unlicense (Unlicense)": "Unlicense",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
}
_WORDS: Final = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "mit license": "MIT",
    "bsd-2-clause": "BSD-2-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd-3-clause, apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
    "mit": "MIT",
}
"""What packages say that know no better way."""
ALLOWED: Final = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU",
        "OFL-1.1", "PSF-2.0", "Unlicense", "Zlib",
    }
)  # fmt: skip
"""All of a combined expression must be here; what asks for more than to be named is in `JUDGED`."""
JUDGED: Final = {
    "MPL-2.0": "changes to its own files would have to be published; it is used as it comes",
    "LGPL-3.0-only": "whoever runs the product may replace it, as every package; it is used as it comes",
}


class UnknownLicence(Exception):
    """A package tells no licence that is known here."""


def licence_of(name: str) -> str:
    """Return the SPDX expression of an installed package."""
    if name in _BY_HAND:
        return _BY_HAND[name]
    try:
        told = metadata(name)
    except PackageNotFoundError:
        raise UnknownLicence(f"{name} is not installed here, and not known by hand") from None
    expression = told.get("License-Expression")
    if expression:
        return str(expression)
    classified = {
        _CLASSIFIERS[found]
        for it in told.get_all("Classifier") or ()
        if (found := it.rpartition(" :: ")[2]) in _CLASSIFIERS
    }
    if classified:
        return " AND ".join(sorted(classified))
    told_plainly = str(told.get("License") or "").strip()
    if told_plainly in ALLOWED or told_plainly in JUDGED:
        return told_plainly
    if told_plainly.lower() in _WORDS:
        return _WORDS[told_plainly.lower()]
    raise UnknownLicence(f"{name} tells no licence that is known: {told_plainly[:80]!r}")


def refused(expression: str) -> set[str]:
    """Return the parts of an expression that nobody judged; of alternatives one is enough."""
    choices = []
    for choice in re.split(r" OR ", expression.replace("(", "").replace(")", "")):
        parts = {part.partition(" WITH ")[0] for part in choice.split(" AND ")}
        choices.append({part for part in parts if part not in ALLOWED and part not in JUDGED})
    return min(choices, key=len)


def page(components: list[dict[str, Any]]) -> str:
    """Return the list as Markdown; UnknownLicence for one that nobody judged."""
    rows = set()
    for it in components:
        expression = it["licenses"][0]["expression"]
        if unjudged := refused(expression):
            raise UnknownLicence(f"{it['name']}: nobody judged {', '.join(sorted(unjudged))}")
        source = "npm" if it["purl"].startswith("pkg:npm") else "PyPI"
        name = f"{it['group']}/{it['name']}" if it.get("group") else it["name"]
        rows.add(f"| {name} | {source} | {expression} |")
    return "\n".join(
        [
            "# Licences\n",
            "What an installation is made of, apart from interpreter, databases and base images. Written by",
            "`make licences`; Cardwright itself is under Apache-2.0.\n",
            "Judged one by one:\n",
            *(f"* {licence}: {why}." for licence, why in JUDGED.items()),
            "\n| package | from | licence |\n|---|---|---|",
            *sorted(rows, key=str.lower),
            "",
        ]
    )


if __name__ == "__main__":
    from supply.sbom import sbom

    sys.stdout.write(page(sbom(sys.argv[1])["components"]))
