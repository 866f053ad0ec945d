"""Write what the product is made of as CycloneDX: uv.lock and the web app's lock, with hashes and licences.

    python -m supply.sbom [FILE]

The same locks give the same bytes: no time and no random number is in it.
"""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from supply.licences import licence_of

ROOT: Final = Path(__file__).parents[2]
_WEB_LOCK: Final = ROOT / "web/package-lock.json"


def sbom(uv: str) -> dict[str, Any]:
    """Return the bill of what an installation runs, without what only tests and builds need."""
    command = [
        uv, "export", "--quiet", "--locked", "--no-dev", "--extra", "aws",
        "--format", "cyclonedx1.5", "--preview-features", "sbom-export",
    ]  # fmt: skip
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    bill: dict[str, Any] = json.loads(said)
    project = bill["metadata"]["component"]
    project |= {"type": "application", "licenses": [{"expression": "Apache-2.0"}]}
    bill["metadata"] = {"tools": bill["metadata"]["tools"], "component": project}
    for component in bill["components"]:
        component["licenses"] = [{"expression": licence_of(component["name"])}]
    web = [_web_component(path, found) for path, found in _web_packages()]
    bill["components"] += web
    for entry in bill["dependencies"]:
        if entry["ref"] == project["bom-ref"]:
            entry["dependsOn"] = sorted([*entry.get("dependsOn", ()), *(it["bom-ref"] for it in web)])
    bill["dependencies"] += [{"ref": it["bom-ref"]} for it in web]
    bill.pop("serialNumber", None)
    content = json.dumps(bill, sort_keys=True)
    return {**bill, "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, content)}"}


def _web_packages() -> list[tuple[str, dict[str, Any]]]:
    packages = json.loads(_WEB_LOCK.read_text())["packages"]
    return sorted((path, it) for path, it in packages.items() if path and not it.get("dev"))


def _web_component(path: str, found: dict[str, Any]) -> dict[str, Any]:
    full = path.rpartition("node_modules/")[2]
    group, _, name = full.rpartition("/")
    purl = f"pkg:npm/{'%40' + group[1:] + '/' if group else ''}{name}@{found['version']}"
    algorithm, _, digest = found["integrity"].partition("-")
    return {
        "type": "library",
        "bom-ref": f"npm:{path}@{found['version']}",
        **({"group": group} if group else {}),
        "name": name,
        "version": found["version"],
        "purl": purl,
        "licenses": [{"expression": found["license"]}],
        "hashes": [
            {
                "alg": re.sub(r"^sha(\d+)$", r"SHA-\1", algorithm),
                "content": base64.b64decode(digest).hex(),
            }
        ],
    }


if __name__ == "__main__":
    target = Path(sys.argv[2] if len(sys.argv) > 2 else "sbom.cdx.json")  # noqa: PLR2004 - an optional second
    made = sbom(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(made, indent=2, sort_keys=True) + "\n")
    sys.stdout.write(f"{len(made['components'])} components in {target}\n")
