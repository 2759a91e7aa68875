"""The cases of `quirks.jsonl`, and what each needs beside its lines."""

import json
import os
from pathlib import Path
from typing import Any

SHARED = Path(os.environ.get("CHARGENET_SHARED", Path(__file__).resolve().parents[3] / "shared"))
FILE = SHARED / "vectors" / "ocpp" / "quirks.jsonl"
# How many cases there are: one that is gone must be missed.
HOW_MANY = 76
# A case whose make matters boots as that make; firmware as the report names it.
MAKES = {
    "Q091": ("CTEK", "Chargestorm Connected"),
    "Q092": ("Legrand", "GreenUp"),
    "Q093": ("Alfen BV", "Eve Double"),
    "Q118": ("Some make", "without remote trigger"),
}
# How the command of each `csms_call` ends.
ENDS = {
    "Q057": ["rejected"],
    "Q106": ["accepted", "accepted"],
    "Q107": ["accepted"],
    "Q108": ["accepted"],
    "Q109": ["accepted"],
    "Q111": ["accepted"],
    "Q112": ["timeout"],
    "Q113": ["accepted"],
    "Q114": ["accepted"],
    "Q118": ["error"],
    "Q126": ["rejected"],
    "Q127": ["timeout"],
    "Q128": ["accepted", "rejected"],
}


def load() -> list[dict[str, Any]]:
    """Return every case, or none where the vectors are absent."""
    if not FILE.exists():
        return []
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def events_of(case: dict[str, Any]) -> set[str]:
    """Return the kinds of events a case has."""
    return {one.get("event", "") for one in case["messages"] if isinstance(one, dict)}


def boot_of(case: dict[str, Any]) -> dict[str, Any]:
    """Return the BootNotification a case begins with."""
    vendor, model = MAKES.get(case["id"], ("Quirk", "Q1"))
    if case["ocpp"] == "1.6":
        return {"chargePointVendor": vendor, "chargePointModel": model}
    return {"reason": "PowerUp", "chargingStation": {"vendorName": vendor, "model": model}}
