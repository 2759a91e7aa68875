"""The real gateway process, told what time it is: eight bytes of a file, seconds since 1970."""

import mmap
import os
import struct
from datetime import UTC, datetime
from pathlib import Path

from chargenet.core import clock

FILE = "CHARGENET_TEST_CLOCK"


def reader(path: Path) -> "mmap.mmap":
    with path.open("r+b") as told:
        return mmap.mmap(told.fileno(), 8)


if FILE in os.environ:
    _told = reader(Path(os.environ[FILE]))

    def now() -> datetime:
        return datetime.fromtimestamp(struct.unpack("d", _told[:8])[0], UTC)

    # before the gateway is imported: some of it binds the function once
    clock.now = now

from chargenet.gateway import application  # noqa: E402

__all__ = ["application"]
