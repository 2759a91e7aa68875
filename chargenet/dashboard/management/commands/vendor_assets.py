"""Rebuild chargenet/static/vendor from the published npm packages.

`npm pack` the five packages of PACKAGES into one folder, then `manage.py vendor_assets FOLDER`.
Nothing is fetched here; the checksum list says afterwards what is shipped.
"""

import argparse
import hashlib
import json
import re
import tarfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

PACKAGES = {
    "tabler": "tabler-core-1.6.1.tgz",
    "icons": "tabler-icons-3.51.0.tgz",
    "leaflet": "leaflet-1.9.4.tgz",
    "plotly": "plotly.js-basic-dist-min-4.1.1.tgz",
    "basemap": "world-atlas-2.0.2.tgz",
}
# target file: (package, path inside it)
FILES = {
    "tabler/tabler.min.css": ("tabler", "dist/css/tabler.min.css"),
    "leaflet/leaflet.js": ("leaflet", "dist/leaflet.js"),
    "leaflet/leaflet.css": ("leaflet", "dist/leaflet.css"),
    "leaflet/images/layers.png": ("leaflet", "dist/images/layers.png"),
    "leaflet/images/layers-2x.png": ("leaflet", "dist/images/layers-2x.png"),
    "leaflet/images/marker-icon.png": ("leaflet", "dist/images/marker-icon.png"),
    "leaflet/LICENSE": ("leaflet", "LICENSE"),
    "plotly/plotly-basic.min.js": ("plotly", "plotly-basic.min.js"),
    "plotly/LICENSE": ("plotly", "LICENSE"),
    "icons/LICENSE": ("icons", "LICENSE"),
    "basemap/LICENSE": ("basemap", "LICENSE"),
}
ICONS = """
activity alert-circle alert-triangle antenna arrow-down arrow-left arrow-up arrow-up-right
arrows-sort ban battery-charging bolt bookmark building calendar cancel car cash chart-bar
charging-pile check chevron-down chevron-left chevron-right circle circle-check circle-dashed
circle-dot circle-half-2 circle-x clock clock-exclamation coin credit-card device-floppy dots
download external-link eye file-invoice file-text filter flag flame hand-stop help-circle
history home hourglass inbox info-circle language layout-dashboard list-details lock logout
mail map-2 map-pin menu-2 message minus moon notes player-pause player-stop plug plug-connected
plug-connected-x progress receipt receipt-refund refresh rotate-clockwise route search selector
send settings shield-check sort-ascending sort-descending sun terminal-2 tool truck urgent user
user-check users wifi wifi-off world x
""".split()  # noqa: SIM905  a list of words reads as one
# The Nordic countries and those a Nordic map would look cut off without; ISO 3166-1 numeric.
COUNTRIES = {
    "752": "SE",
    "578": "NO",
    "208": "DK",
    "246": "FI",
    "352": "IS",
    "248": "AX",
    "234": "FO",
    "233": "EE",
    "428": "LV",
    "440": "LT",
    "616": "PL",
    "276": "DE",
    "528": "NL",
    "056": "BE",
    "826": "GB",
    "372": "IE",
    "643": "RU",
    "112": "BY",
}
EAST_EDGE = 48.0  # Russia is cut here: the map never looks further
WEST_EDGE = -60.0
TABLER_LICENSE = """The MIT License (MIT)

Copyright (c) 2018-2026 The Tabler Authors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
# A source map that is not shipped is a 404 in the browser and an error in the manifest storage.
SOURCE_MAP = re.compile(rb"\n?(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S+)")

Ring = list[tuple[float, float]]


class Command(BaseCommand):
    help = "Rebuild chargenet/static/vendor from the npm packages in a folder."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where `npm pack` left the .tgz files")

    def handle(self, *_args: object, folder: Path, **_options: object) -> None:
        missing = [name for name in PACKAGES.values() if not (folder / name).exists()]
        if missing:
            raise CommandError(f"{folder} lacks {', '.join(missing)}. Run `npm pack` for each.")
        vendor = settings.BASE_DIR / "chargenet" / "static" / "vendor"
        for target, (package, member) in FILES.items():
            content = read_member(folder / PACKAGES[package], member)
            write(vendor / target, content if target.endswith(".png") else plain_text(content))
        write(vendor / "tabler/LICENSE", TABLER_LICENSE.encode())
        write(vendor / "icons/sprite.svg", sprite(folder / PACKAGES["icons"]))
        write(vendor / "basemap/nordics.json", basemap(folder / PACKAGES["basemap"]))
        write(vendor / "CHECKSUMS.sha256", checksums(vendor).encode())
        self.stdout.write(f"{vendor.name}: {len(list(vendor.rglob('*.*')))} files")


def plain_text(content: bytes) -> bytes:
    """Return the file as Git keeps it (LF), without its source map."""
    return SOURCE_MAP.sub(b"", content.replace(b"\r\n", b"\n"))


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def read_member(package: Path, member: str) -> bytes:
    """Return one file of an npm package."""
    with tarfile.open(package) as archive:
        found = archive.extractfile(f"package/{member}")
        assert found is not None, f"{package.name} holds {member} as a file"
        return found.read()


def sprite(package: Path) -> bytes:
    """Return one SVG with a <symbol> for each icon in use."""
    symbols = []
    for name in ICONS:
        svg = read_member(package, f"icons/outline/{name}.svg").decode()
        inner = svg.partition(">")[2].rpartition("</svg>")[0]
        shapes = re.findall(r"<(?:path|circle|rect|line|polyline)[^>]*/>", inner)
        drawn = "".join(
            re.sub(r"\s+", " ", shape) for shape in shapes if "M0 0h24v24H0z" not in shape
        )
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{drawn}</symbol>')
    head = "<!-- Tabler Icons 3.51.0, MIT, see LICENSE -->\n"
    return f'{head}<svg xmlns="http://www.w3.org/2000/svg">\n{chr(10).join(symbols)}\n</svg>\n'.encode()


def basemap(package: Path) -> bytes:
    """Return the Nordic countries and their neighbours as GeoJSON, degrees to 3 decimals."""
    topology = json.loads(read_member(package, "countries-50m.json"))
    arcs = [decode_arc(arc, topology["transform"]) for arc in topology["arcs"]]
    features = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = COUNTRIES.get(str(geometry.get("id")))
        if code is None:
            continue
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        drawn = [[clip(stitch(ring, arcs)) for ring in polygon] for polygon in polygons]
        kept = [rings for rings in drawn if rings[0] and in_view(rings[0])]
        features.append(
            {
                "type": "Feature",
                "properties": {"iso": code},
                "geometry": {"type": "MultiPolygon", "coordinates": kept},
            }
        )
    features.sort(key=lambda feature: str(feature["properties"]))
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "source": "Natural Earth 1:50m (public domain) through world-atlas 2.0.2 (ISC)",
        "features": features,
    }
    return (json.dumps(collection, separators=(",", ":")) + "\n").encode()


def decode_arc(arc: list[list[int]], transform: dict[str, list[float]]) -> Ring:
    """Return one TopoJSON arc as degrees; positions are stored as quantised differences."""
    x = y = 0
    points: Ring = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        longitude = x * transform["scale"][0] + transform["translate"][0]
        latitude = y * transform["scale"][1] + transform["translate"][1]
        points.append((round(longitude, 3), round(latitude, 3)))
    return points


def stitch(ring: list[int], arcs: list[Ring]) -> Ring:
    """Return a ring from its arcs; a negative index is the arc walked backwards."""
    points: Ring = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(arc if not points else arc[1:])
    return points


def clip(ring: Ring) -> Ring:
    """Return the ring cut at the eastern edge: what lies beyond becomes one straight line."""
    # Chukotka lies beyond 180° and is written with western longitudes.
    pushed = [(EAST_EDGE if x > EAST_EDGE or x < WEST_EDGE else x, y) for x, y in ring]
    return [
        point
        for before, point, after in zip(
            pushed[-1:] + pushed, pushed, pushed[1:] + pushed[:1], strict=False
        )
        if not before[0] == point[0] == after[0] == EAST_EDGE
    ]


def in_view(ring: Ring) -> bool:
    """Tell whether any of the ring lies in view: overseas parts and Siberia are dropped."""
    return any(-26 < x < EAST_EDGE and 46 < y < 82 for x, y in ring)


def checksums(vendor: Path) -> str:
    """Return the list `sha256sum -c` reads, without the list itself."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(vendor).as_posix()}\n"
        for path in sorted(vendor.rglob("*"))
        if path.is_file() and path.name != "CHECKSUMS.sha256"
    ]
    return "".join(lines)
