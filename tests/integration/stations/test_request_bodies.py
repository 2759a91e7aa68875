"""Bodies at the web server: refused before they are read, cut off where they lie."""

import io
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from chargenet import bodies
from stations import transfers
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return make_cast()


def ask_server(method: str, path: str, body: bytes, length: int | None) -> int:
    """Ask the door in front of the pages; 299 says that it let the request through."""
    told: list[int] = []

    async def pages(_scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["body"] == body
        await send({"type": "http.response.start", "status": 299, "headers": []})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(event: Any) -> None:
        if event["type"] == "http.response.start":
            told.append(event["status"])

    headers = [] if length is None else [(b"content-length", str(length).encode())]
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    async_to_sync(bodies.BodyLimit(pages))(scope, receive, send)
    (status,) = told
    return status


def test_a_body_nobody_asked_for_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transfers, "is_open", lambda secret, **_: secret == "known")

    assert ask_server("PUT", "/u/guessed", b"", None) == 404
    assert ask_server("PUT", "/u/known/x.log", b"", bodies.most_bytes("/u/") + 1) == 413
    assert ask_server("POST", "/sign-in/", b"", bodies.USUAL_BYTES + 1) == 413
    assert ask_server("PUT", "/u/known/x.log", b"12", 2) == 299


@pytest.mark.parametrize(
    ("accept", "kind"), [(b"text/html,*/*", b"text/html"), (b"*/*", b"text/plain")]
)
def test_a_file_that_is_too_large_is_heard_out_and_told_so(accept: bytes, kind: bytes) -> None:
    """Closed on while it sends, a browser shows a broken connection and not the answer."""
    parts = [b"x" * bodies.MEBIBYTE] * 20
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(), "more_body": bool(parts)}

    async def send(event: Any) -> None:
        said.append(event)

    headers = [(b"content-length", b"20971520"), (b"accept", accept)]
    scope = {"type": "http", "method": "POST", "path": "/c/A/report/", "headers": headers}
    async_to_sync(bodies.BodyLimit(None))(scope, receive, send)  # type: ignore[arg-type]

    assert parts == []
    assert said[0]["status"] == 413
    assert dict(said[0]["headers"])[b"content-type"].startswith(kind)
    assert "too large" in said[1]["body"].decode()


def test_a_file_without_end_is_not_heard_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_READ_OFF", 3)
    heard: list[int] = []

    async def receive() -> dict[str, Any]:
        heard.append(1)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async_to_sync(bodies._read_off)(receive)

    assert len(heard) == 3


def test_a_body_longer_than_it_said_is_cut_off() -> None:
    async def run() -> list[str]:
        parts = iter([b"x" * 6, b"x" * 6])

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": next(parts), "more_body": True}

        counted = bodies._counted(receive, 10)
        return [str((await counted())["type"]) for _ in range(2)]

    assert async_to_sync(run)() == ["http.request", "http.disconnect"]


def test_a_broken_upload_leaves_nothing_behind(made: Cast) -> None:
    class Cut(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("gone")

    before = set(transfers.private_storage().listdir("")[0])
    with pytest.raises(OSError, match="gone"):
        transfers.store_file(Cut(b""), folder="cut", most_bytes=10)

    folders = set(transfers.private_storage().listdir("")[0]) - before
    assert all(not transfers.private_storage().listdir(folder)[1] for folder in folders)
