"""`make simulate`: connect more stations to a running demo, which misbehave on purpose."""

import csv
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

from chargenet.embedded import addresses, parts, signs
from chargenet.env import env_int

NOT_DONE = 2
SITE = "Trouble yard"
FALLBACK_TOKENS = ["SIM0001"]
# The demo's scenario picks its stations by their place: enough of both versions for all of it.
STATIONS = 30


def main() -> int:
    """Register the stations, then let them loose until Ctrl-C."""
    demo = parts.read_demo()
    if not signs.listens(demo.reach(), demo.gateway_port):
        sys.stderr.write(
            f"error: gateway: nobody listens at {demo.gateway_url}. Start the demo: make run\n"
        )
        return NOT_DONE
    known = [_station(number) for number in range(1, env_int("SIMULATE_STATIONS", STATIONS) + 1)]
    parts.demo_dir().mkdir(parents=True, exist_ok=True)
    registered = _register(known, demo)
    if registered:
        return registered
    fleet = parts.demo_dir() / "more-fleet.json"
    fleet.write_text(
        json.dumps({"format": 1, "tokens": _tokens(), "stations": known}), encoding="utf-8"
    )
    fleet.chmod(0o600)
    sys.stdout.write(f"Connecting {len(known)} stations of the site {SITE}. Ctrl-C ends them.\n")
    sys.stdout.flush()
    os.chdir(addresses.REPOSITORY)
    os.execv(  # noqa: S606  we become the simulator, so that Ctrl-C is its own
        sys.executable,
        [
            *(sys.executable, "-m", "stations.simulator", "run", "--scenario", "demo", "--warm"),
            *("--url", f"{demo.gateway_url}/ocpp", "--fleet", str(fleet)),
            *("--state", str(parts.demo_dir() / "more-fleet-state.json")),
        ],
    )


def _station(number: int) -> dict[str, object]:
    is_dc = number % 3 == 0
    return {
        "identity": f"SIM-{number:03}",
        "password": secrets.token_hex(10),
        "ocpp": "2.0.1" if number % 2 else "1.6",
        "site": SITE,
        "connectors": [
            {
                "number": 1,
                "current": "DC" if is_dc else "AC",
                "max_power_kw": 150 if is_dc else 22,
            }
        ],
    }


def _register(stations: list[dict[str, object]], demo: parts.Demo) -> int:
    """Make the stations known, with new passwords; returns the exit code."""
    file = parts.demo_dir() / "more-stations.csv"
    with file.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(["identity", "operator", "site", "ocpp", "connectors", "password"])
        operator = signs.first_operator()
        for one in stations:
            row = [one["identity"], operator, SITE, one["ocpp"], 1, one["password"]]
            rows.writerow(row)
    file.chmod(0o600)
    try:
        return subprocess.run(
            [sys.executable, "manage.py", "add_stations", str(file)],
            cwd=addresses.REPOSITORY,
            env=demo.environment(),
            stdout=subprocess.DEVNULL,
            check=False,
        ).returncode
    finally:
        file.unlink()


def _tokens() -> list[object]:
    """Return the tokens of the demo's drivers, so that sessions of these stations are billed."""
    try:
        told = json.loads(Path(parts.fleet_file()).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return list(FALLBACK_TOKENS)
    return list(told.get("tokens") or FALLBACK_TOKENS)


if __name__ == "__main__":
    sys.exit(main())
