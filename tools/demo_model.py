"""Make the demo's risk model anew of its invented history: `make demo-model`."""

from hashlib import sha256
from pathlib import Path

from rich.console import Console

from cardwright import demo
from cardwright.demo.score import MODEL_FILE, demo_model, train_demo_model


def main() -> None:
    """Train, say what came out, and write the file."""
    before = sha256(demo_model()).hexdigest() if _path().exists() else "none"
    fitted = train_demo_model()
    _path().write_bytes(fitted.content)
    after = sha256(fitted.content).hexdigest()
    console = Console()
    for told in (fitted.described.trained_on, fitted.described.metrics):
        console.print(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items()))
    console.print(f"{len(fitted.content):,} bytes, {after}")
    console.print("the same file as before" if before == after else f"[yellow]before it was {before}")


def _path() -> Path:
    return Path(str(demo.__file__)).with_name(MODEL_FILE)


if __name__ == "__main__":
    main()
