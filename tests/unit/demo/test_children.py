"""Children of the demo that end by themselves."""

import sys
from pathlib import Path

from cardwright.demo.processes import Children

LONG = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_a_killed_child_is_started_again_a_few_times_in_a_minute_and_is_stopped_with_the_others(
    tmp_path: Path,
) -> None:
    children = Children(tmp_path / "logs", tmp_path / "register")
    child = children.start("worker", LONG, {})
    for second in range(3):
        child.process.kill()
        child.process.wait()
        assert children.find_ended() is child
        assert children.start_again(child, 100.0 + second)
        assert children.find_ended() is None
    child.process.kill()
    child.process.wait()
    assert not children.start_again(child, 104.0)
    assert children.start_again(child, 161.0)
    last = child.process
    children.stop_all()
    assert last.poll() is not None
