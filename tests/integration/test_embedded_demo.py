"""`make run`, started, interrupted and killed for real."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from chargenet.embedded import addresses
from tests.integration.test_embedded import Clone, await_that

PYTHON = Path(sys.executable)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo(Clone):
    """A demo on ports and in a folder of its own."""

    def __init__(self, var: Path) -> None:
        super().__init__(var)
        self.web, self.gateway = _free_port(), _free_port()
        self.environment |= {
            "WEB_PORT": str(self.web),
            "GATEWAY_PORT": str(self.gateway),
            "DEMO_STATIONS": "4",
        }

    @contextmanager
    def run(self) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            [PYTHON, "-m", "chargenet.embedded.demo"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=addresses.REPOSITORY,
            env=self.environment,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()

    def await_up(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout
        told = ""
        for line in process.stdout:
            told += line
            if "Ctrl-C ends it" in line:
                return told
        raise AssertionError(f"the demo did not come up:\n{told}")

    def running(self, module: str) -> list[psutil.Process]:
        return [one for one in self.processes() if module in _said(one)]


def _said(process: psutil.Process) -> str:
    """Return a process's command line; one that has died meanwhile, or a zombie, says nothing."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


@pytest.fixture
def demo() -> Iterator[Demo]:
    var = Path(tempfile.mkdtemp(prefix="cn-"))
    var.chmod(0o755)
    made = Demo(var)
    yield made
    made.kill_everything()
    shutil.rmtree(var, ignore_errors=True)


def test_a_port_in_use_stops_the_demo_before_anything_starts(demo: Demo) -> None:
    with socket.create_server(("127.0.0.1", demo.gateway)), demo.run() as process:
        told, _ = process.communicate()

    assert process.returncode == 2
    assert f"Port {demo.gateway} is in use" in told
    assert "GATEWAY_PORT=" in told
    assert not (demo.var / "engines").exists()


def test_ctrl_c_ends_the_demo_and_leaves_no_process_behind(demo: Demo) -> None:
    with demo.run() as process:
        told = demo.await_up(process)
        assert re.search(rf"http://127.0.0.1:{demo.web}\b", told)
        with demo.run() as second:
            assert "running already" in second.communicate()[0]

        process.send_signal(signal.SIGINT)

        process.communicate()
    assert process.returncode == 0
    assert demo.processes() == []


@pytest.mark.chaos
def test_a_killed_process_comes_back_and_a_killed_supervisor_leaves_none(demo: Demo) -> None:
    with demo.run() as process:
        demo.await_up(process)
        for web in demo.running("chargenet.asgi"):
            web.kill()
        await_that(lambda: demo.running("chargenet.asgi"))

        process.kill()

        await_that(lambda: not demo.processes())
    with demo.run() as again:
        demo.await_up(again)
        again.terminate()
        again.communicate()
    assert again.returncode == 0
