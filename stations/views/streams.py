"""Long files, sent as the other side takes them: read whole into memory they never are."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.files import File
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest

from stations import transfers


def stream(
    request: HttpRequest,
    file: "File[Any]",
    *,
    first: int,
    length: int,
    after: Callable[[], None] | None = None,
) -> Iterator[bytes] | AsyncIterator[bytes]:
    """Return the bytes of a part of a file; `after` is called when the last one was taken.

    Django would collect what a plain iterator yields before an ASGI server sends any of it.
    """
    file.seek(first)
    if isinstance(request, ASGIRequest):
        return _later_pieces(file, length, after)
    return _pieces(file, length, after)


def _pieces(file: "File[Any]", length: int, after: Callable[[], None] | None) -> Iterator[bytes]:
    with file:
        while length > 0 and (piece := file.read(min(transfers.CHUNK, length))):
            length -= len(piece)
            yield piece
    if after is not None:
        after()


async def _later_pieces(
    file: "File[Any]", length: int, after: Callable[[], None] | None
) -> AsyncIterator[bytes]:
    try:
        while length > 0:
            piece = await sync_to_async(file.read)(min(transfers.CHUNK, length))
            if not piece:
                return
            length -= len(piece)
            yield piece
        if after is not None:
            await sync_to_async(after)()
    finally:
        file.close()
