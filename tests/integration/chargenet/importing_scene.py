"""A list of sessions of another system, and a way to import it."""

import io
import json
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import connection

TARIFF = {
    "country_code": "SE",
    "party_id": "TST",
    "id": "TEST-ENERGY",
    "currency": "SEK",
    "elements": [
        {"price_components": [{"type": "ENERGY", "price": 4, "vat": 25, "step_size": 1}]}
    ],
    "last_updated": "2019-01-01T00:00:00Z",
}

MAPPING: dict[str, Any] = {
    "time_zone": "Europe/Stockholm",
    "currency": "SEK",
    "columns": {
        "session": "id",
        "station": "station",
        "connector": "plug",
        "start": "from",
        "end": "to",
        "energy_kwh": "kwh",
        "site": "site",
        "model": "model",
    },
    "tariff": TARIFF,
}

HEADER = "id,station,plug,from,to,kwh,site,model"

GOOD = (
    "1,A,1,2020-01-10 10:00,2020-01-10 11:00,10,Hamnen,Post",
    "2,A,2,2020-01-31 23:30,2020-02-01 00:30,5.5,Hamnen,Post",
    "3,B,1,2020-02-10 10:00,2020-02-10 11:00,0,Torget,Rapid",
)


class Importer:
    """Writes a list and its mapping into a folder and imports it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self,
        *lines: str,
        mapping: dict[str, Any] | None = None,
        header: str = HEADER,
        **options: Any,
    ) -> dict[str, Any]:
        (self.folder / "list.csv").write_text("\n".join((header, *lines)), encoding="utf-8")
        (self.folder / "map.json").write_text(json.dumps(mapping or MAPPING), encoding="utf-8")
        out = io.StringIO()
        call_command(
            "import_sessions",
            str(self.folder / "list.csv"),
            mapping=str(self.folder / "map.json"),
            stdout=out,
            **options,
        )
        told: dict[str, Any] = json.loads(out.getvalue())
        return told


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, so that nothing can change unseen."""
    rows = {}
    for model in apps.get_models():
        if model._meta.app_label not in {"contenttypes", "auth", "admin", "sessions"}:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t ORDER BY 1")
                rows[model._meta.db_table] = cursor.fetchall()
    return rows
