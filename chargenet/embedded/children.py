"""Keep the demo's processes running, and leave none behind."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from chargenet.embedded import addresses, engine
from chargenet.embedded.parts import Part

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
# Who lived this long did not die of starting.
SETTLED_AFTER_S = 60.0


class Child:
    """One process of the demo with its log, started again when it dies."""

    def __init__(self, part: Part, environment: dict[str, str]) -> None:
        self.part = part
        self.environment = environment | {"CHARGENET_DB_ROLE": part.role} | part.environment
        self.log = addresses.log_dir() / f"{part.name}.log"
        self.pause_s = FIRST_PAUSE_S
        self.start_again_at: float | None = None
        self.started_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None
        _keep_one_old(self.log)

    def start(self) -> None:
        """Start the process in a group of its own: Ctrl-C is the supervisor's to pass on."""
        self.start_again_at = None
        self.started_at = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.part.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=addresses.REPOSITORY,
                env=self.environment,
                start_new_session=True,
                preexec_fn=engine.child_setup(
                    death_signal=signal.SIGKILL, niceness=self.part.niceness
                ),
            )

    def is_running(self) -> bool:
        """Say whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def watch(self, say: Callable[[str], None]) -> None:
        """Start the process again after a pause if it has died, and say so."""
        if self.is_running() or self.process is None:
            return
        now = time.monotonic()
        if self.start_again_at is None:
            if now - self.started_at > SETTLED_AFTER_S:
                self.pause_s = FIRST_PAUSE_S
            self.start_again_at = now + self.pause_s
            say(
                f"{self.part.name} ended (exit {self.process.returncode}), starting it again "
                f"in {self.pause_s:.0f} s. Its log: {self.log}"
            )
            self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S)
            self._signal_group(signal.SIGKILL)
        elif now >= self.start_again_at:
            self.start()

    def ask_to_stop(self) -> None:
        """Ask the process to end by itself."""
        if self.is_running() and self.process:
            self.process.terminate()

    def await_end(self, deadline: float) -> None:
        """Wait until a monotonic time, then end whatever is left of the process's group."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        self._signal_group(signal.SIGKILL)
        self.process.wait()

    def _signal_group(self, which: signal.Signals) -> None:
        # A group outlives its first process while a grandchild lives.
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, which)


def stop(children: Iterable[Child], *, grace_s: float) -> None:
    """End several processes at once."""
    several = list(children)
    for child in several:
        child.ask_to_stop()
    deadline = time.monotonic() + grace_s
    for child in several:
        child.await_end(deadline)


def _keep_one_old(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
