"""Photos of a ticket: read as pictures, encoded anew, so that nothing else comes along."""

import io
import warnings
from datetime import datetime

from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from chargenet.core import audit, events
from chargenet.core.events import Event
from faults.models import TicketPhoto
from faults.tickets import story

MOST_BYTES = 9 * 1024 * 1024
MOST_PIXELS = 60_000_000
# Only a JPEG that comes in one go can be read smaller than it is: another, and one that comes
# sharper and sharper, is all in memory at once.
MOST_WHOLE_PIXELS = 24_000_000
# A broken pin is seen at that size, and a page of ten loads over a poor network.
LONGEST_SIDE, QUALITY = 1600, 80
MOST_PHOTOS = 40
KINDS = ("JPEG", "PNG", "WEBP")
# A telephone's JPEG with a depth or brightness picture behind the first is known as MPO.
READ_SMALLER = frozenset({"JPEG", "MPO"})


class PhotoUnfit(Exception):
    """It is no picture, or too large a one; nothing was kept."""


def add_photo(
    *,
    ticket_id: int,
    actor_id: int,
    raw: bytes,
    caption: str,
    idempotency_key: str,
    as_of: datetime,
) -> TicketPhoto:
    """Keep a photo with a ticket; the same key twice is one photo.

    Where and when a telephone took it does not come along. Raises PhotoUnfit, NotOfTheCrew.
    """
    with transaction.atomic():
        ticket = story.locked(ticket_id)
        story.require_crew(ticket, actor_id)
        same = TicketPhoto.objects.filter(ticket=ticket, idempotency_key=idempotency_key[:80])
        before = same.first()
        if before is not None:
            return before
        if TicketPhoto.objects.filter(ticket=ticket).count() >= MOST_PHOTOS:
            raise PhotoUnfit("a ticket holds forty photos")
        picture, size = encoded(raw)
        photo = TicketPhoto.objects.create(
            operator_id=ticket.operator_id,
            ticket=ticket,
            author_id=actor_id,
            picture=picture,
            width=size[0],
            height=size[1],
            caption=caption.strip()[:160],
            idempotency_key=idempotency_key[:80],
            at=as_of,
        )
        _tell(photo, as_of)
        return photo


def _tell(photo: TicketPhoto, as_of: datetime) -> None:
    audit.record(
        operator_id=photo.operator_id,
        user_id=photo.author_id,
        action="ticket.photo",
        object_type="ticket",
        object_id=photo.ticket_id,
        as_of=as_of,
        details={"photo_id": photo.pk},
    )
    ids = {"ticket_id": photo.ticket_id, "operator_id": photo.operator_id}
    events.publish(Event.TICKET_CHANGED, **ids)


def encoded(raw: bytes) -> tuple[bytes, tuple[int, int]]:
    """Return a picture as a plain JPEG and its size; raises PhotoUnfit.

    By its content, whatever it is called: turned upright, made smaller, without any note inside.
    """
    if not 0 < len(raw) <= MOST_BYTES:
        raise PhotoUnfit("empty, or more than 9 MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=KINDS) as opened:
                is_smaller = opened.format in READ_SMALLER and "progressive" not in opened.info
                most = MOST_PIXELS if is_smaller else MOST_WHOLE_PIXELS
                if opened.width * opened.height > most:
                    raise PhotoUnfit("too many pixels")
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ) as error:
        raise PhotoUnfit("not a picture that can be read") from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain = Image.new("RGB", picture.size)
    plain.paste(picture)
    kept = io.BytesIO()
    plain.save(kept, "JPEG", quality=QUALITY, optimize=True)
    return kept.getvalue(), plain.size
