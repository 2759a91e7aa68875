"""`make run`: the whole demo, started in order, watched, and ended without a trace."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, NoReturn

from chargenet.embedded import (
    addresses,
    caller,
    children,
    commands,
    engine,
    logins,
    messages,
    parts,
    ports,
    signs,
)
from chargenet.env import env_bool

LOOK_EVERY_S = 0.25
READY_WITHIN_S = 120.0
FLEET_GRACE_S, SERVER_GRACE_S = 3.0, 12.0
NOT_DONE = 2
TAIL_LINES = 15


class NotStarted(Exception):
    """The demo cannot start; the text says why and what to do."""


class Supervisor:
    """One run of the demo."""

    def __init__(self, demo: parts.Demo) -> None:
        self.demo = demo
        self.began = time.monotonic()
        self.caller = caller.Caller()
        self.environment = demo.environment()
        self.servers: list[children.Child] = []
        self.fleet: list[children.Child] = []

    def run(self) -> None:
        """Start everything, tell where it is, and watch until asked to end."""
        self.say("Starting PostgreSQL and Redis")
        with ExitStack() as stack:
            stack.enter_context(commands.running_engines())
            stack.callback(self.stop)
            self.say("Bringing the tables up to date")
            self.manage("migrate", "--noinput", role="owner")
            told = self.load_network()
            self.start_servers()
            self.start_fleet()
            self.tell(told)
            while True:
                self.watch()

    def load_network(self) -> str:
        """Load the demo's network; returns what the command says about logins."""
        if not _has_command("load_demo"):
            return ""
        self.say("Loading the network")
        return self.manage("load_demo", role="system")

    def manage(self, *command: str, role: str) -> str:
        """Run one management command and return what it printed; raises NotStarted."""
        log = addresses.log_dir() / f"{command[0]}.log"
        with log.open("wb") as errors:
            done = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=addresses.REPOSITORY,
                env=self.environment | {"CHARGENET_DB_ROLE": role},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                check=False,
                preexec_fn=engine.child_setup(death_signal=signal.SIGKILL),
            )
        if done.returncode:
            raise NotStarted(f"{command[0]} failed. {log} ends:\n{_tail(log)}")
        return done.stdout.decode("utf-8", "replace")

    def start_servers(self) -> None:
        """Start the product's processes and wait until it answers."""
        parts.demo_dir().mkdir(parents=True, exist_ok=True)
        for part in parts.servers(self.demo):
            if part.exists():
                self.servers.append(children.Child(part, self.environment))
                self.servers[-1].start()
        host = self.demo.reach()
        self.say("Starting web, gateway, worker and beat")
        self.await_sign("web", lambda: signs.page_answers(host, self.demo.web_port))
        if parts.GATEWAY in {child.part.name for child in self.servers}:
            self.await_sign("gateway", lambda: signs.listens(host, self.demo.gateway_port))

    def start_fleet(self) -> None:
        """Connect the simulated stations and wait until the gateway has seen them."""
        part, stations = parts.fleet(self.demo), parts.fleet_size()
        if not part.exists() or not stations:
            return
        self.say(f"Connecting {stations} simulated stations")
        self.fleet.append(children.Child(part, self.environment))
        self.fleet[-1].start()
        self.await_sign("fleet", lambda: signs.stations_online() >= stations)

    def await_sign(self, name: str, seen: Callable[[], bool]) -> None:
        """Watch until a sign of life is seen; a slow one is told, not fatal."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not seen():
            self.watch()
            if time.monotonic() > deadline:
                log = addresses.log_dir() / f"{name}.log"
                self.say(f"{name} is not ready after {READY_WITHIN_S:.0f} s. Its log: {log}")
                return

    def watch(self) -> None:
        """Look after the processes once; leaves when make wants us to."""
        time.sleep(LOOK_EVERY_S)
        if self.caller.wants_us_to_end():
            raise KeyboardInterrupt
        for child in (*self.servers, *self.fleet):
            child.watch(self.say)

    def stop(self) -> None:
        """End the stations, then the product; a second Ctrl-C does not wait."""
        self.say("Ending")
        everybody = [*self.fleet, *self.servers]
        try:
            children.stop(self.fleet, grace_s=FLEET_GRACE_S)
            children.stop(self.servers, grace_s=SERVER_GRACE_S)
        except KeyboardInterrupt:
            children.stop(everybody, grace_s=0)

    def say(self, text: str) -> None:
        """Tell one step with the time since the start."""
        _print(f"[{time.monotonic() - self.began:6.1f} s] {text}")

    def tell(self, told: str) -> None:
        """Print where everything is and who may enter."""
        self.say("ChargeNet is up\n")
        lines = [("Pages", self.demo.web_url)]
        if self.servers:
            lines.append(("Stations connect to", f"{self.demo.gateway_url}/ocpp/IDENTITY"))
        lines.append(("Stations online", str(signs.stations_online())))
        lines += logins.readable(told)
        lines.append(("Logs", str(addresses.log_dir())))
        for name, text in lines:
            _print(f"  {name:20} {text}")
        _print("\nCtrl-C ends it.")


def main() -> int:
    """Run the demo until it is told to end; 2 where it cannot start."""
    demo = parts.read_demo()
    for wish in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wish, _interrupt)
    try:
        with _only_one():
            problems = ports.complaints(
                demo.host, [("WEB_PORT", demo.web_port), ("GATEWAY_PORT", demo.gateway_port)]
            )
            if problems:
                raise NotStarted("\n       ".join(problems))
            addresses.log_dir().mkdir(parents=True, exist_ok=True)
            messages.compile_messages(addresses.REPOSITORY)
            Supervisor(demo).run()
    except (NotStarted, engine.EngineFailed) as error:
        sys.stderr.write(f"error: {error}\n")
        return NOT_DONE
    except KeyboardInterrupt:
        return 0
    return 0


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _only_one() -> IO[str]:
    """Hold the lock of the one demo that may use this var folder."""
    if not env_bool("DEBUG", default=True):
        raise NotStarted("make run is the demo, with known logins; DEBUG=0 is production.")
    path = addresses.var_dir() / "demo.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    held = path.open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.seek(0)
        raise NotStarted(
            f"The demo of this folder is running already (process {held.read()}). End it, or give "
            "this one a folder and ports of its own: CHARGENET_VAR, WEB_PORT, GATEWAY_PORT."
        ) from error
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


def _has_command(name: str) -> bool:
    return any(
        True
        for app in ("*", "chargenet/*")
        for _ in addresses.REPOSITORY.glob(f"{app}/management/commands/{name}.py")
    )


def _print(line: str) -> None:
    # A closed pipe must not keep the processes from being ended.
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-TAIL_LINES:])


if __name__ == "__main__":
    sys.exit(main())
