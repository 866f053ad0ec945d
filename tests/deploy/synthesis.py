"""The stacks of AWS as `cdk synth` makes them, for a made-up site: `python -m deploy.synthesis FOLDER`."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

_AWS: Final = Path(__file__).parents[2] / "deploy/aws"
CONTEXT: Final = {
    "site": "cards.example.com", "zone_id": "Z0123456789", "zone_name": "example.com", "size": "small",
    "image": "registry.example.com/cardwright:1", "alarms_to": "operator@example.com",
    "account": "111111111111", "region": "eu-central-1",
}  # fmt: skip


def synthesize(folder: Path, node: str) -> None:
    """Write the templates into a folder, by a process of its own as the CDK starts it."""
    chosen = json.loads((_AWS / "cdk.json").read_text())["context"]
    told = {
        "CDK_OUTDIR": str(folder.resolve()),
        "CDK_CONTEXT_JSON": json.dumps({**chosen, **CONTEXT}),
        "PATH": f"{Path(node).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=_AWS,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


if __name__ == "__main__":
    synthesize(Path(sys.argv[1]), shutil.which("node") or sys.exit("there is no Node here"))
