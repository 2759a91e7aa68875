"""A word for who charged that does not give away what is on the card."""

from hashlib import sha256


def token_word(token_id: int | None, id_tag: str) -> str:
    """Return the number of a token we know, a digest of one we do not, empty for nobody."""
    if token_id is not None:
        return str(token_id)
    return f"tag-{sha256(id_tag.lower().encode()).hexdigest()[:12]}" if id_tag else ""
