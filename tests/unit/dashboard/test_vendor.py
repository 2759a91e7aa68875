"""What we ship from others is what we say we ship."""

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
VENDOR = ROOT / "chargenet" / "static" / "vendor"


def _listed() -> dict[str, str]:
    lines = (VENDOR / "CHECKSUMS.sha256").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def test_every_vendored_file_has_the_listed_checksum() -> None:
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "CHECKSUMS.sha256"
    }

    assert found == _listed()


def test_every_vendored_package_brings_its_licence() -> None:
    folders = {name.split("/")[0] for name in _listed()}

    assert [folder for folder in folders if not (VENDOR / folder / "LICENSE").exists()] == []


def test_every_icon_a_page_names_is_in_the_sprite() -> None:
    drawn = set(
        re.findall(r'<symbol id="([a-z0-9-]+)"', (VENDOR / "icons/sprite.svg").read_text("utf-8"))
    )
    named = {
        icon
        for path in (ROOT / "templates").rglob("*.html")
        for icon in re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text(encoding="utf-8"))
    }

    rooms = ("chargenet", "stations", "faults", "billing", "revenue")
    named |= {
        icon
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        for icon in re.findall(r'\bicon="([a-z0-9-]+)"', path.read_text(encoding="utf-8"))
    }

    assert named - drawn == set()


def test_no_page_has_a_style_or_a_handler_of_its_own() -> None:
    guilty = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in (ROOT / "templates").rglob("*.html")
        for found in re.findall(
            r"\sstyle=|\son[a-z]+=|javascript:|<style(?! id=\"plotly)|https?://(?!www\.google\.com/maps|www\.openstreetmap\.org)",
            path.read_text(encoding="utf-8"),
        )
    ]

    assert guilty == []
