"""What `cdk` runs: the stacks for one site, of one size. docs/guides/aws.md leads through it."""

import os

import aws_cdk as cdk

from cardwright_aws.main import Site, build
from cardwright_aws.sizes import SIZES

app = cdk.App()


def given(name: str, otherwise: str | None = None) -> str:
    """Return a word of the context, as `cdk --context name=…` gives it."""
    found = app.node.try_get_context(name) or otherwise
    if not found:
        raise SystemExit(f"say --context {name}=…")
    return str(found)


build(
    app,
    Site(
        name=given("site"),
        zone_id=given("zone_id"),
        zone_name=given("zone_name"),
        image=given("image"),
        alarms_to=given("alarms_to"),
        account=given("account", os.environ.get("CDK_DEFAULT_ACCOUNT")),
        region=given("region", os.environ.get("CDK_DEFAULT_REGION")),
        is_first=given("first", "no") == "yes",
    ),
    SIZES[given("size", "small")],
)
app.synth()
