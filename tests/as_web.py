"""What the fixture `as_web` is: the pages' own database role, on behalf of one person."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from chargenet.core.models import User

AsWeb = Callable[[User | None], AbstractContextManager[None]]
