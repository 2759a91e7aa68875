"""The doors where stations fetch images and leave logs; who has the secret is let in."""

import re
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from chargenet.core import clock
from stations import diagnostics, transfers
from stations.views import streams

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@require_safe
def send_file(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Send a station its image: whole, or the part it asks for."""
    link = transfers.find_link(secret, is_upload=False, as_of=clock.now())
    if link is None or link.job is None:
        return _nothing_here()
    image = link.job.campaign.image
    size = image.size_bytes
    part = _part(request.headers.get("Range", ""), size)
    if part is None:
        headers = {"Content-Range": f"bytes */{size}"}
        return HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    first, last = part
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{image.file_name}"',
        "Content-Length": str(last - first + 1),
        "ETag": f'"{image.sha256}"',
    }
    is_whole = part == (0, size - 1)
    if not is_whole:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    status = HTTPStatus.OK if is_whole else HTTPStatus.PARTIAL_CONTENT
    kind = "application/octet-stream"
    if request.method == "HEAD":
        return HttpResponse(b"", kind, status, headers=headers)
    use = partial(_use, secret, _address(request)) if last == size - 1 else None
    file = transfers.open_file(image.storage_key)
    body = streams.stream(request, file, first=first, length=last - first + 1, after=use)
    return StreamingHttpResponse(body, content_type=kind, status=status, headers=headers)


@csrf_exempt
@require_http_methods(["PUT", "POST"])
def take_file(request: HttpRequest, secret: str, name: str = "") -> HttpResponse:
    """Take the log a station was asked for."""
    as_of = clock.now()
    link = transfers.find_link(secret, is_upload=True, as_of=as_of)
    if link is None or link.log is None:
        return _nothing_here()
    source: Any = request
    if request.content_type == "multipart/form-data":
        source = next(iter(request.FILES.values()), None)
        if source is None:
            return HttpResponse("no file\n", "text/plain", HTTPStatus.BAD_REQUEST)
        name = name or source.name
    try:
        is_taken = diagnostics.take_log(
            log=link.log,
            secret=secret,
            source=source,
            file_name=name,
            address=_address(request),
            as_of=as_of,
        )
    except transfers.TooLarge:
        return HttpResponse("too large\n", "text/plain", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not is_taken:
        return _nothing_here()
    return HttpResponse("stored\n", "text/plain", HTTPStatus.CREATED)


def _nothing_here() -> HttpResponse:
    """Answer for a spent, an expired and an unknown secret alike."""
    return HttpResponse("not here\n", "text/plain", HTTPStatus.NOT_FOUND)


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")


def _part(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte asked for; None where no such part is there.

    Several parts at once are answered with the whole, as RFC 9110 §14.2 allows.
    """
    found = _RANGE.fullmatch(header.strip())
    if found is None or found.group(0) == "bytes=-":
        return 0, size - 1
    begin, end = found.groups()
    if not begin:
        length = min(int(end), size)
        return (size - length, size - 1) if length else None
    first = int(begin)
    last = min(int(end), size - 1) if end else size - 1
    return (first, last) if first <= last else None


def _use(secret: str, address: str) -> None:
    transfers.use_link(secret, is_upload=False, address=address, as_of=clock.now())
