import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

START_TIMEOUT_SECONDS = 30


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def start(port: int, smtp_port: int, data: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "simulator", "--port", str(port), "--smtp-port", str(smtp_port)]
    return subprocess.Popen([*command, "--data", str(data)], stdout=subprocess.PIPE, text=True)


def wait_for_health(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        assert process.poll() is None, "the simulator ended"
        assert time.monotonic() < deadline, "the simulator did not start in time"
        try:
            httpx.get(f"http://127.0.0.1:{port}/_sim/health").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return


def test_the_command_serves_says_how_to_reach_it_and_ends_gracefully_on_sigterm(tmp_path: Path) -> None:
    port, smtp_port = free_port(), free_port()
    with start(port, smtp_port, tmp_path) as process:
        try:
            wait_for_health(port, process)
            with socket.create_connection(("127.0.0.1", smtp_port), timeout=5) as mail:
                assert mail.recv(100).startswith(b"220 ")
        finally:
            process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=15)
    assert process.returncode in {0, -signal.SIGTERM}
    assert f"http://127.0.0.1:{port}" in output
    assert f"127.0.0.1:{smtp_port}" in output
    assert (tmp_path / "simulator.sqlite3").exists()
    assert (tmp_path / "fcm-service-account.json").exists()


def test_a_port_that_is_no_port_is_refused() -> None:
    command = [sys.executable, "-m", "simulator", "--port", "70000"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert "65535" in ended.stderr
