"""A station that plays a conformance case: straight-line scripts over a real socket.

Every frame of the gateway goes past the referee before the script sees it; so does what the
script itself says, for a case played with a wrong frame proves nothing.
"""

import itertools
import json
from collections import deque
from contextlib import ExitStack
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from stations.models import Station
from tests.conformance.referee import Referee
from tests.integration.stations.charger import PASSWORD, basic

WITHIN_S = 20
# What our TLS front says of a connection that came to it over TLS.
FRONT_SECRET = "only-the-front-knows"
OVER_TLS = {"X-ChargeNet-Front": FRONT_SECRET, "X-Forwarded-Proto": "https"}
CALL, RESULT, ERROR, RESULT_ERROR, SEND = 2, 3, 4, 5, 6
CODES_16 = {
    *("NotImplemented", "NotSupported", "InternalError", "ProtocolError", "SecurityError"),
    *("FormationViolation", "PropertyConstraintViolation", "OccurenceConstraintViolation"),
    *("TypeConstraintViolation", "GenericError"),
}
CODES_2 = {
    *("NotImplemented", "NotSupported", "InternalError", "ProtocolError", "SecurityError"),
    *("FormatViolation", "FormationViolation", "PropertyConstraintViolation"),
    *("OccurrenceConstraintViolation", "TypeConstraintViolation", "GenericError"),
    *("MessageTypeNotSupported", "RpcFrameworkError"),
}


class Player:
    """One scripted station at one gateway."""

    def __init__(self, url: str, row: Station, version: str, referee: Referee) -> None:
        self.row = row
        self.version = version
        self.url = f"{url}/ocpp/{row.identity}"
        self.password = PASSWORD
        self.is_tls = False
        self.socket: ClientConnection
        self._closing = ExitStack()
        self._referee = referee
        self._ids = itertools.count(1)
        self._calls: deque[list[Any]] = deque()
        self._open: list[Any] = []

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    # --- the connection --------------------------------------------------------------------

    def connect(self) -> None:
        self._calls.clear()
        headers = basic(self.row.identity.encode(), self.password.encode())
        self.socket = self._closing.enter_context(
            connect(
                self.url,
                subprotocols=[Subprotocol(f"ocpp{self.version}")],
                additional_headers=headers | (OVER_TLS if self.is_tls else {}),
                open_timeout=WITHIN_S,
            )
        )
        assert self.socket.subprotocol == f"ocpp{self.version}"

    def leave(self) -> None:
        self._closing.close()

    def reconnect(self) -> None:
        self.leave()
        self.connect()

    # --- what the station says -------------------------------------------------------------

    def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Call the gateway and return its answer."""
        frame = self._asked(action, payload)
        assert frame[0] == RESULT, frame
        self._check(RESULT, action, frame[2])
        answer: dict[str, Any] = frame[2]
        return answer

    def refused(self, action: str, payload: dict[str, Any]) -> str:
        """Call the gateway and return the code of the CALLERROR it answers."""
        frame = self._asked(action, payload)
        assert frame[0] == ERROR, frame
        code: str = frame[2]
        return code

    def send(self, action: str, payload: dict[str, Any]) -> None:
        """Send what gets no answer (OCPP 2.1's SEND)."""
        self._check(SEND, action, payload)
        self.socket.send(json.dumps([SEND, self._id(), action, payload]))

    # --- what the station is asked ---------------------------------------------------------

    def expect(self, action: str) -> dict[str, Any]:
        """Return the payload of the gateway's next call, which must be this one."""
        frame = self._calls.popleft() if self._calls else self._read()
        assert frame[0] == CALL, frame
        assert frame[2] == action, frame
        self._open = frame
        payload: dict[str, Any] = frame[3]
        return payload

    def answer(self, **payload: Any) -> None:
        """Answer the call that was expected."""
        _, message_id, action, _ = self._open
        self._check(RESULT, action, payload)
        self.socket.send(json.dumps([RESULT, message_id, payload]))

    def answer_error(self, code: str, description: str = "") -> None:
        """Answer the call that was expected with a CALLERROR."""
        self.socket.send(json.dumps([ERROR, self._open[1], code, description, {}]))

    def answer_badly(self, payload: str) -> str:
        """Answer the call that was expected with what is no object; return its id."""
        message_id: str = self._open[1]
        self.socket.send(f'[{RESULT},"{message_id}",{payload}]')
        return message_id

    def complaint(self) -> list[Any]:
        """Return type and id of the gateway's next frame, which finds fault with an answer."""
        frame: list[Any] = json.loads(self.socket.recv(timeout=WITHIN_S))
        assert len(frame) == 5, frame
        return frame[:2]

    def obey(self, action: str, **answer: Any) -> dict[str, Any]:
        """Expect a call, give this answer, and return what was asked."""
        asked = self.expect(action)
        self.answer(**answer)
        return asked

    # --- frames ----------------------------------------------------------------------------

    def _id(self) -> str:
        return f"{self.row.identity[-12:]}-{next(self._ids)}"

    def _asked(self, action: str, payload: dict[str, Any]) -> list[Any]:
        self._check(CALL, action, payload)
        message_id = self._id()
        self.socket.send(json.dumps([CALL, message_id, action, payload]))
        while True:
            frame = self._read()
            if frame[0] == CALL:
                self._calls.append(frame)
                continue
            assert frame[1] == message_id, frame
            return frame

    def _read(self) -> list[Any]:
        frame: list[Any] = json.loads(self.socket.recv(timeout=WITHIN_S))
        assert frame[0] in {CALL, RESULT, ERROR}, frame
        assert isinstance(frame[1], str)
        assert 0 < len(frame[1]) <= 36
        if frame[0] == CALL:
            assert len(frame) == 4, frame
            self._check(CALL, frame[2], frame[3])
        elif frame[0] == ERROR:
            codes = CODES_16 if self.version == "1.6" else CODES_2
            assert (len(frame), frame[2] in codes, len(frame[3]) <= 255) == (5, True, True), frame
        else:
            assert len(frame) == 3, frame
        return frame

    def _check(self, kind: int, action: str, payload: Any) -> None:
        complaint = self._referee.complaint(self.version, kind, action, payload)
        assert complaint is None, f"{action} {payload}: {complaint}"
