"""How the processes of the demo are started."""

import os
import signal
import subprocess
import sys

from chargenet.embedded import engine, parts


def test_a_worker_of_what_comes_in_turn_steps_back_and_the_urgent_one_does_not() -> None:
    demo = parts.Demo(host="127.0.0.1", web_port=1, gateway_port=2, stations=0)
    found = {}
    for part in parts.servers(demo):
        told = subprocess.run(
            [sys.executable, "-c", "import os; print(os.nice(0))"],
            preexec_fn=engine.child_setup(death_signal=signal.SIGKILL, niceness=part.niceness),
            capture_output=True,
            text=True,
            check=True,
        )
        found[part.name] = int(told.stdout) - os.nice(0)

    assert found[parts.URGENT_WORKER] == found[parts.GATEWAY] == found[parts.WEB] == 0
    assert found[parts.WORKER] == found[parts.SLOW_WORKER] == parts.IN_TURN_NICENESS > 0
