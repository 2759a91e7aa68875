"""The processes of the demo: what each is, and how it is started."""

import importlib.util
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from chargenet import serving
from chargenet.embedded import addresses
from chargenet.env import env_int, env_str

WEB, GATEWAY, WORKER, BEAT, FLEET = "web", "gateway", "worker", "beat", "fleet"
URGENT_WORKER, SLOW_WORKER = "urgent-worker", "slow-worker"
WEB_GRACE_S, GATEWAY_GRACE_S = 5, 20
WORKER_PROCESSES = 2
# What comes in turn leaves the processor to those who answer a station or a person.
IN_TURN_NICENESS = 5
# People at the simulated stations live this much faster: a visitor sees sessions end.
FLEET_SPEED = 10


@dataclass(frozen=True)
class Demo:
    """What the environment says about the demo."""

    host: str
    web_port: int
    gateway_port: int
    stations: int

    @property
    def web_url(self) -> str:
        """Return the address of the pages."""
        return f"http://{self.reach()}:{self.web_port}"

    @property
    def gateway_url(self) -> str:
        """Return the address the stations connect to."""
        return f"ws://{self.reach()}:{self.gateway_port}"

    def environment(self) -> dict[str, str]:
        """Return the environment of every process of the demo."""
        return {
            "PUBLIC_URL": self.web_url,
            "GATEWAY_URL": self.gateway_url,
            # One heap a thread costs more memory than it saves time here.
            "MALLOC_ARENA_MAX": "2",
            "PYTHONUNBUFFERED": "1",
            **os.environ,
            "CHARGENET_VAR": str(addresses.var_dir()),
        }

    def reach(self) -> str:
        """Return the host name a program on this machine connects to."""
        return "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104  compared, not bound


@dataclass(frozen=True)
class Part:
    """One process of the demo."""

    name: str
    argv: list[str]
    module: str
    role: str = "system"
    environment: dict[str, str] = field(default_factory=dict)
    niceness: int = 0

    def exists(self) -> bool:
        """Say whether this clone has the module that the part runs."""
        try:
            return importlib.util.find_spec(self.module) is not None
        except ModuleNotFoundError:
            return False


def read_demo() -> Demo:
    """Return the demo the environment asks for."""
    return Demo(
        host=env_str("DEMO_HOST", "127.0.0.1"),
        web_port=env_int("WEB_PORT", 8000),
        gateway_port=env_int("GATEWAY_PORT", 9000),
        stations=env_int("DEMO_STATIONS", 50),
    )


def servers(demo: Demo) -> list[Part]:
    """Return the processes that make the product, in the order they start."""
    return [
        Part(
            WEB,
            _uvicorn(demo, demo.web_port, WEB_GRACE_S, "chargenet.asgi"),
            "chargenet.asgi",
            "web",
        ),
        Part(
            GATEWAY,
            [
                *_uvicorn(demo, demo.gateway_port, GATEWAY_GRACE_S, "chargenet.gateway"),
                *serving.GATEWAY_FLAGS,
            ],
            "chargenet.gateway",
        ),
        # it has nothing else to do: what a station tells never waits for a sweep to end
        _worker(URGENT_WORKER, "urgent@localhost", 1, "urgent"),
        _worker(WORKER, "demo@localhost", WORKER_PROCESSES, "urgent,default", IN_TURN_NICENESS),
        # what takes minutes
        _worker(SLOW_WORKER, "slow@localhost", 1, "slow", IN_TURN_NICENESS),
        Part(
            BEAT,
            _celery("beat", "--schedule", str(demo_dir() / "beat-schedule"), "--pidfile", ""),
            "chargenet.celery",
        ),
    ]


def fleet(demo: Demo) -> Part:
    """Return the simulated stations, which reach the product as real ones do."""
    return Part(
        FLEET,
        [
            *(sys.executable, "-m", "stations.simulator", "run"),
            *("--url", f"{demo.gateway_url}/ocpp", "--fleet", str(fleet_file())),
            *("--state", str(demo_dir() / "fleet-state.json"), "--scenario", "demo"),
            *("--speed", str(FLEET_SPEED), "--warm", "--quiet"),
        ],
        "stations.simulator.__main__",
    )


def fleet_file() -> Path:
    """Return the list of stations that load_demo writes for the simulator."""
    return demo_dir() / "fleet.json"


def fleet_size() -> int:
    """Return how many stations the fleet file lists, 0 where there is none."""
    try:
        told = json.loads(fleet_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    return len(told.get("stations", []))


def demo_dir() -> Path:
    """Return the folder of the demo's own files."""
    return addresses.var_dir() / "demo"


def _uvicorn(demo: Demo, port: int, grace_s: int, module: str) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", f"{module}:application"),
        *("--host", demo.host, "--port", str(port), "--no-access-log", "--lifespan", "auto"),
        *("--timeout-graceful-shutdown", str(grace_s)),
    ]


def _worker(name: str, host: str, processes: int, queues: str, niceness: int = 0) -> Part:
    return Part(
        name,
        [
            *_celery("worker", "--concurrency", str(processes), "--pool", "prefork"),
            *("--without-gossip", "--without-mingle", "--hostname", host, "--queues", queues),
        ],
        "chargenet.celery",
        niceness=niceness,
    )


def _celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "chargenet.celery", *arguments]
