"""Files between us and stations: secret addresses for one station and one file each."""

import hashlib
import re
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import connection, transaction
from django.db.models import F

from chargenet.core import sealing, tenancy
from stations.models import FirmwareJob, Station, StationLog, TransferLink

SECRET_BYTES: Final = 32
CHUNK: Final = 256 * 1024
MOST_LOG_BYTES: Final = 100 * 1024 * 1024
MOST_FIRMWARE_BYTES: Final = 512 * 1024 * 1024
LONGEST_NAME: Final = 120
_UNSAFE: Final = re.compile(r"[^\w.\- ]+", re.ASCII)


class TooLarge(ValueError):
    """The file is longer than may be taken."""


class FileGone(LookupError):
    """The row is there and its file is not."""


class Source(Protocol):
    """What a file is read from: a request, an upload, an open file."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, none at the end."""
        ...


@dataclass(frozen=True)
class Stored:
    """A file as it was kept."""

    key: str
    size_bytes: int
    sha256: str


def private_storage() -> Storage:
    """Return where files of stations lie: no address leads there."""
    return storages["private"]


def store_file(source: Source, *, folder: str, most_bytes: int) -> Stored:
    """Keep a file under a name that says nothing; raises TooLarge, and keeps nothing then."""
    storage = private_storage()
    key = f"{folder}/{uuid.uuid4().hex}"
    incoming = _Incoming(source, most_bytes)
    try:
        key = storage.save(key, incoming)
    except BaseException:
        storage.delete(key)
        raise
    return Stored(key=key, size_bytes=incoming.taken, sha256=incoming.digest.hexdigest())


class _Incoming(File):  # type: ignore[type-arg]  # no generic where it runs
    """A file that is measured and hashed while it is kept."""

    def __init__(self, source: Source, most_bytes: int) -> None:
        super().__init__(None, name="incoming")
        self._source = source
        self._most_bytes = most_bytes
        self.taken = 0
        self.digest = hashlib.sha256()

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the file in parts; raises TooLarge."""
        while part := self._source.read(chunk_size or CHUNK):
            self.taken += len(part)
            if self.taken > self._most_bytes:
                raise TooLarge(f"more than {self._most_bytes} bytes")
            self.digest.update(part)
            yield part


def open_file(key: str) -> "File[Any]":
    """Return a kept file, open for reading; raises FileGone."""
    try:
        return private_storage().open(key)
    except FileNotFoundError as error:
        raise FileGone(key) from error


def safe_name(name: str, *, otherwise: str) -> str:
    """Return a file's name as a person may be given it: no path, nothing that runs."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = _UNSAFE.sub("_", last).strip(" .")[-LONGEST_NAME:]
    return plain or otherwise


def make_link(
    *,
    station: Station,
    job: FirmwareJob | None = None,
    log: StationLog | None = None,
    uses: int = 1,
    lifetime: timedelta,
    as_of: datetime,
) -> str:
    """Return a new address where a station fetches its image, or leaves its log."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    TransferLink.objects.create(
        operator_id=station.operator_id,
        station=station,
        secret_hash=sealing.digest(secret),
        job=job,
        log=log,
        uses_left=uses,
        expires_at=as_of + lifetime,
        created_at=as_of,
    )
    return f"{settings.TRANSFER_URL}/{'u' if log else 'f'}/{secret}"


def find_link(secret: str, *, is_upload: bool, as_of: datetime) -> TransferLink | None:
    """Return the open link of a secret, and let the transaction see what its operator owns.

    The caller has opened the transaction. A spent, an expired and an unknown one are alike None.
    """
    digest = sealing.digest(secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('chargenet.link', %s, true)", [digest])
    link = TransferLink.objects.filter(
        secret_hash=digest, log__isnull=not is_upload, uses_left__gt=0, expires_at__gt=as_of
    ).first()
    if link is not None:
        tenancy.enter_scope(operators=[link.operator_id], person=None)
    return link


def is_open(secret: str, *, is_upload: bool, as_of: datetime) -> bool:
    """Say whether a secret opens anything, before a body is read."""
    with transaction.atomic():
        return find_link(secret, is_upload=is_upload, as_of=as_of) is not None


@transaction.atomic
def use_link(secret: str, *, is_upload: bool, address: str, as_of: datetime) -> bool:
    """Count one whole delivery; False where somebody else was the last to have one."""
    link = find_link(secret, is_upload=is_upload, as_of=as_of)
    if link is None:
        return False
    return (
        TransferLink.objects.filter(pk=link.pk, uses_left__gt=0).update(
            uses_left=F("uses_left") - 1, last_used_at=as_of, last_used_from=address or None
        )
        == 1
    )


def close_links(*, job: FirmwareJob | None = None, log: StationLog | None = None) -> None:
    """Close the addresses of a job or a log: nothing more is fetched or left there."""
    links = TransferLink.objects.filter(job=job) if job else TransferLink.objects.filter(log=log)
    links.filter(uses_left__gt=0).update(uses_left=0)
