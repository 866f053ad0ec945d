"""What the product is made of: a bill that is valid and whole, licences that were judged, no credentials."""

import json
import shutil
import sys
from base64 import b64encode
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from deploy.programs import DEPLOY
from optional import do_without
from supply import licences, secrets_scan
from supply.sbom import sbom
from supply.wheel import reproduced

ROOT = DEPLOY.parent


def uv() -> str:
    ours = ROOT / ".tools/bin/uv"
    found = shutil.which("uv") or (str(ours) if ours.exists() else None)
    return found or do_without("there is no uv here")


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return sbom(uv())


def test_the_bill_is_valid_by_the_schema_of_cyclonedx(bill: dict[str, Any]) -> None:
    found = find_spec("cyclonedx") or do_without("no cyclonedx here: uv sync --group deploy")
    (package,) = found.submodule_search_locations or ()
    schemas = {it.name: json.loads(it.read_text()) for it in Path(package).glob("schema/_res/*.schema.json")}
    named = [(it["$id"], Resource.from_contents(it)) for it in schemas.values() if "$id" in it]
    validator = Draft7Validator(
        schemas["bom-1.5.SNAPSHOT.schema.json"], registry=Registry().with_resources(named)
    )
    assert [it.message for it in validator.iter_errors(bill)] == []
    assert not validator.is_valid({**bill, "components": [{"name": "without a type"}]})


def test_the_bill_names_each_part_by_address_hash_and_licence(bill: dict[str, Any]) -> None:
    parts = {it["purl"]: it for it in bill["components"]}
    assert len(parts) == len(bill["components"])
    names = {it["name"] for it in bill["components"]}
    assert {"fastapi", "asyncpg", "boto3", "react"} <= names
    assert not {"pytest", "moto", "vite", "playwright"} & names
    for it in bill["components"]:
        hashes = it.get("hashes") or [
            digest for place in it["externalReferences"] for digest in place["hashes"]
        ]
        assert hashes, it["name"]
        assert it["licenses"][0]["expression"], it["name"]


def test_all_that_the_product_needs_hangs_together(bill: dict[str, Any]) -> None:
    known = {it["bom-ref"] for it in bill["components"]}
    follows = {it["ref"]: it.get("dependsOn", []) for it in bill["dependencies"]}
    reached: set[str] = set()
    waiting = [bill["metadata"]["component"]["bom-ref"]]
    while waiting:
        for ref in follows[waiting.pop()]:
            if ref not in reached:
                reached.add(ref)
                waiting.append(ref)
    assert reached == known


def test_the_same_locks_give_the_same_bill(bill: dict[str, Any]) -> None:
    assert sbom(uv()) == bill


def test_the_committed_list_of_licences_is_the_one_the_locks_give(bill: dict[str, Any]) -> None:
    if sys.version_info[:2] != (3, 11):
        pytest.skip("NumPy's licence differs by its release, which differs by the Python's")
    page = licences.page(bill["components"])
    assert (ROOT / "docs/licences.md").read_text() == page, "run `make licences`"


@pytest.mark.parametrize(
    ("expression", "refused"),
    [
        ("MIT", set()),
        ("MIT AND PSF-2.0", set()),
        ("GPL-3.0-only OR MIT", set()),
        ("(AGPL-3.0-only OR MIT) ", set()),
        ("MIT AND GPL-3.0-only", {"GPL-3.0-only"}),
        ("SSPL-1.0", {"SSPL-1.0"}),
    ],
)
def test_a_licence_that_nobody_judged_is_refused(expression: str, refused: set[str]) -> None:
    assert licences.refused(expression.strip()) == refused


def test_a_package_under_such_a_licence_stops_the_list() -> None:
    part = {"name": "thing", "purl": "pkg:pypi/thing@1", "licenses": [{"expression": "AGPL-3.0-only"}]}
    with pytest.raises(licences.UnknownLicence, match=r"thing: nobody judged AGPL-3\.0-only"):
        licences.page([part])
    with pytest.raises(licences.UnknownLicence, match="not installed"):
        licences.licence_of("no-such-package")


def test_nothing_that_is_committed_looks_like_a_credential() -> None:
    assert secrets_scan.found_in(secrets_scan.committed()) == []


def test_what_is_made_up_on_purpose_is_still_there() -> None:
    for name, shapes in secrets_scan.MADE_UP.items():
        assert {it.shape for it in secrets_scan.scan(name, (ROOT / name).read_bytes())} == shapes, name


def _pem(key: Any) -> bytes:
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem


def _planted() -> dict[str, bytes]:
    # Put together here, so that this file holds none of them.
    letters = b64encode(bytes(range(80))).decode()
    plain = "".join(filter(str.isalnum, letters))
    part = b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return {
        "AWS access key": b"AKIA" + b"ABCDEFGHIJKLMNOP",
        "AWS secret key": f"aws_secret_access_key = {plain[:40]}".encode(),
        "Stripe key": f"sk_{'live'}_{plain[:24]}".encode(),
        "webhook secret": f"whsec{'_'}{plain[:40]}".encode(),
        "Twilio account with a token": f"AC{'0a' * 16}\nTOKEN={'1b' * 16}".encode(),
        "Twilio API key": f"SK{'0a' * 16}".encode(),
        "SendGrid key": f"SG.{plain[:22]}.{plain[:43]}".encode(),
        "Google API key": f"AIza{plain[:35]}".encode(),
        "GitHub token": f"ghp_{plain[:36]}".encode(),
        "GitLab token": f"glpat-{plain[:20]}".encode(),
        "Slack token": f"xoxb-{plain[:30]}".encode(),
        "npm token": f"npm_{plain[:36]}".encode(),
        "PyPI token": f"pypi-AgEIcHlwaS{plain[:50]}".encode(),
        "Onfido token": f"api_live_eu.{plain[:10]}.{plain[:30]}".encode(),
        "private key": _pem(Ed25519PrivateKey.generate()),
        "JSON Web Token": f"{part}.{part}.{plain[:50]}".encode(),
        "password in an address": f"postgresql://app:{plain[:10]}4{plain[10:20]}@db/x".encode(),
    }


def test_every_shape_is_found_where_it_is_planted() -> None:
    planted = _planted()
    assert set(planted) == set(secrets_scan.SHAPES)
    for shape, content in planted.items():
        found = secrets_scan.scan("file", b"first line\n" + b"x = '" + content + b"'\n")
        assert shape in {it.shape for it in found}, shape
        assert {it.line for it in found} == {2}
    long_key = _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    # As it stands in JSON, such as in a service account's file.
    escaped = json.dumps({"private_key": long_key.decode()}).encode()
    assert [it.shape for it in secrets_scan.scan("file", escaped)] == ["private key"]


def test_the_wheel_is_the_same_bytes_when_it_is_built_again(tmp_path: Path) -> None:
    find_spec("hatchling") or do_without("no hatchling here: uv sync --group deploy")
    wheel, digest = reproduced(uv(), tmp_path)
    assert len(digest) == 64
    listed = ZipFile(wheel).namelist()
    assert "cardwright/db/migrations/guards.sql" in listed
    assert {name.partition("/")[0].partition("-")[0] for name in listed} == {"cardwright", "simulator"}
    assert not [name for name in listed if name.endswith(".pyc")]
