"""The demo's risk model: a file trained on an invented history, which no other command ever activates."""

from datetime import datetime
from importlib.resources import files
from typing import Final

from cardwright import rules
from cardwright.db.session import Session
from cardwright.demo.invented import invent
from cardwright.demo.invented_features import samples_of
from cardwright.training import Fitted, fit, split_in_time

MODEL_FILE: Final = "model.onnx"
SEED: Final = 2026
HOLDERS: Final = 400
_ABOUT: Final = {"source": "a generated history, for the demo only", "seed": SEED, "holders": HOLDERS}
_OPERATOR: Final = "operator"


def demo_model() -> bytes:
    """Return the file that is in the repository."""
    return files("cardwright.demo").joinpath(MODEL_FILE).read_bytes()


def train_demo_model() -> Fitted:
    """Make the model anew; raises TrainingUnavailable without the group `train`."""
    return fit(split_in_time(samples_of(invent(SEED, HOLDERS))), about=_ABOUT)


async def ensure_demo_score(session: Session, program_id: str, at: datetime) -> None:
    """Let the demo's model score in a program that has none yet; what was chosen there since is left."""
    if not await rules.risk_models_of(session, program_id):
        model = await rules.import_model(session, program_id, demo_model(), by=_OPERATOR, at=at)
        await rules.activate_model(session, program_id, model.version, by=_OPERATOR, at=at)
