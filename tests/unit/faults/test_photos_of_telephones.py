"""What telephones of today send as a JPEG."""

import io

import pytest
from PIL import Image

from faults.tickets import photos


def test_a_picture_of_24_megapixels_with_another_behind_it_is_kept_and_the_first_alone() -> None:
    taken, behind = Image.new("RGB", (5712, 4284), "green"), Image.new("RGB", (400, 300), "red")
    sent = io.BytesIO()
    taken.save(sent, "MPO", save_all=True, append_images=[behind], quality=50)

    kept, size = photos.encoded(sent.getvalue())

    assert size == (1600, 1200)
    shown = Image.open(io.BytesIO(kept))
    assert (shown.format, getattr(shown, "n_frames", 1)) == ("JPEG", 1)
    red, green, _blue = shown.convert("RGB").resize((1, 1)).tobytes()
    assert green > red


def test_a_picture_that_comes_sharper_and_sharper_is_taken_only_as_far_as_memory_goes() -> None:
    sent = io.BytesIO()
    Image.new("L", (5800, 4284)).save(sent, "JPEG", progressive=True, quality=30)

    with pytest.raises(photos.PhotoUnfit):
        photos.encoded(sent.getvalue())
