"""The door of the simulator: `python -m stations.simulator run|load`."""

import argparse
import asyncio
import sys
from datetime import datetime
from pathlib import Path

from stations.simulator import load, plan, reading, runner

BUNDLED = Path(__file__).parent / "scenarios"


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.mode == "run":
            asyncio.run(runner.run_until_told(_run_options(options)))
        else:
            sys.stdout.write(load.run(_load_options(options)) + "\n")
    except reading.BadInput as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stations.simulator", description="Simulated chargers that speak OCPP."
    )
    modes = parser.add_subparsers(dest="mode", required=True)
    run = modes.add_parser("run", help="a lively network")
    drive = modes.add_parser("load", help="a closed loop of transactions, as fast as answers come")
    for mode in (run, drive):
        mode.add_argument("--url", default="ws://127.0.0.1:9000/ocpp", help="without the identity")
        mode.add_argument("--fleet", type=Path, required=True, help="JSON, see docs/simulator.md")
        mode.add_argument("--duration", type=float, metavar="S", help="end after so many seconds")
    run.add_argument("--seed", type=int, default=1)
    run.add_argument("--speed", type=float, default=1.0, help="waits and sessions so much shorter")
    run.add_argument("--demand", type=float, default=1.0, help="so many times the usual visits")
    run.add_argument("--scenario", help="a JSON file, or the name of a shipped one (demo)")
    run.add_argument(
        "--state", type=Path, help="a file that remembers registers and open sessions"
    )
    run.add_argument("--warm", action="store_true", help="a third begins to charge at once")
    run.add_argument("--hour-of-week", default="31", help="0 is Monday 00:00; or now")
    run.add_argument("--min-session", type=float, default=plan.FLOOR_S, metavar="S")
    run.add_argument("--quiet", action="store_true")
    drive.add_argument("--chargers", type=int, help="so many of the fleet; all without")
    drive.add_argument("--loops", type=int, help="end each charger after so many transactions")
    drive.add_argument("--samples", type=int, default=10, help="meter values per transaction")
    drive.add_argument("--acks", type=Path, help="JSON lines of what was acknowledged")
    drive.add_argument("--seed", type=int, default=1)
    return parser


def _run_options(options: argparse.Namespace) -> runner.Options:
    for name in ("speed", "demand", "min_session"):
        if not 0 <= getattr(options, name) < 1e6 or (name == "speed" and options.speed <= 0):
            raise reading.BadInput(
                f"--{name.replace('_', '-')}", f"{getattr(options, name)} is out of range", "Use 1"
            )
    pace = plan.Pace(
        speed=options.speed,
        demand=options.demand,
        floor_s=options.min_session,
        hour_of_week=_hour(options.hour_of_week),
        warm=options.warm,
    )
    if options.state is not None and not options.state.resolve().parent.is_dir():
        raise reading.BadInput("--state", f"no folder for {options.state}", "Make it first")
    return runner.Options(
        url=_url(options.url),
        fleet=options.fleet,
        scenario=_scenario(options.scenario),
        state=options.state,
        seed=options.seed,
        pace=pace,
        duration_s=options.duration,
        quiet=options.quiet,
    )


def _load_options(options: argparse.Namespace) -> load.Options:
    if options.duration is None and options.loops is None:
        raise reading.BadInput("load", "no end is given", "Add --duration S or --loops N")
    return load.Options(
        url=_url(options.url),
        fleet=options.fleet,
        chargers=options.chargers,
        duration_s=options.duration,
        loops=options.loops,
        samples=options.samples,
        acks=options.acks,
        seed=options.seed,
    )


def _url(url: str) -> str:
    if not url.startswith(("ws://", "wss://")):
        raise reading.BadInput("--url", f"{url!r} is no address", "Use ws://HOST:PORT/ocpp")
    return url


def _hour(text: str) -> float:
    if text == "now":
        now = datetime.now().astimezone()
        return now.weekday() * 24 + now.hour + now.minute / 60
    try:
        hour = float(text)
    except ValueError:
        raise reading.BadInput("--hour-of-week", f"{text!r}", "Use now or 0 to 168") from None
    return hour % 168


def _scenario(name: str | None) -> Path | None:
    if name is None:
        return None
    bundled = BUNDLED / f"{name}.json"
    return bundled if bundled.exists() else Path(name)


if __name__ == "__main__":
    sys.exit(main())
