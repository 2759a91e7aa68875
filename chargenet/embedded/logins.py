"""The logins of the demo's cast, as load_demo tells them."""

import json

from chargenet.embedded import parts


def readable(printed: str) -> list[tuple[str, str]]:
    """Return role and login of each person, from the command's last line or the file it wrote."""
    told = _parsed(printed.strip().splitlines()[-1] if printed.strip() else "")
    if told is None:
        known = parts.demo_dir() / "logins.json"
        told = _parsed(known.read_text(encoding="utf-8")) if known.is_file() else None
    people = told.get("logins", []) if isinstance(told, dict) else told
    if not isinstance(people, list):
        return []
    return [_line(one) for one in people if isinstance(one, dict)]


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _line(person: dict[str, object]) -> tuple[str, str]:
    who = person.get("role") or person.get("name") or ""
    name = person.get("email") or person.get("login") or ""
    return str(who), f"{name}  {person.get('password', '')}"
