"""How one state looks: icon, word and tone."""

from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Mark:
    """How one state looks: the tones are named in chargenet.css."""

    icon: str
    word: Text
    tone: str
