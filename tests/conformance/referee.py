"""The referee: a foreign validator that says whether a payload follows the OCA's schema."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

BRIDGE = Path(__file__).with_name("referee.cjs")
SUFFIXES = {2: ".req", 3: ".conf"}
# The package names the schemas of 2.1 as the OCA does.
SUFFIXES_21 = {2: "Request", 3: "Response", 6: ""}


class Referee:
    """One Node process around the validator of npm's ocpp-rpc."""

    def __init__(self, node_modules: Path) -> None:
        self._node = subprocess.Popen(
            ["node", str(BRIDGE)],
            env=os.environ | {"NODE_PATH": str(node_modules)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.checked = 0

    def complaint(self, version: str, kind: int, action: str, payload: Any) -> str | None:
        """Return what is wrong with the payload of a CALL (2), CALLRESULT (3) or SEND (6)."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        suffixes = SUFFIXES_21 if version == "2.1" else SUFFIXES
        question = {
            "subprotocol": f"ocpp{version}",
            "schema": f"urn:{action}{suffixes[kind]}",
            "payload": payload,
        }
        self._node.stdin.write(json.dumps(question) + "\n")
        answer = self._node.stdout.readline()
        assert answer, "the foreign validator has died"
        self.checked += 1
        complaint: str | None = json.loads(answer)
        return complaint

    def close(self) -> None:
        self._node.stdin.close()  # type: ignore[union-attr]
        self._node.stdout.close()  # type: ignore[union-attr]
        self._node.wait(timeout=10)
