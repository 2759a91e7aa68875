"""Finding out which measurands a station takes, where it only ever says yes or no to a list.

First everything; on a no, the least important is dropped until it says yes; then each of the
dropped is tried again alone with the rest, for one bad name refuses the whole list.
"""

from typing import Any

from stations.models import DeviceVariable
from stations.variables import split_list

Progress = dict[str, Any]


def begin(row: DeviceVariable | None, wanted: str, limit: str | None) -> Progress:
    """Return where to begin: what the station has stays, what it lacks is tried."""
    kept = split_list(row.value or "") if row is not None else []
    offered = {one.lower() for one in split_list(row.values_list)} if row is not None else set()
    have = {one.lower() for one in kept}
    trying = [
        one
        for one in split_list(wanted)
        if one.lower() not in have and (not offered or one.lower() in offered)
    ]
    if limit and limit.isdecimal() and len(limit) < 4:
        trying = trying[: max(0, int(limit) - len(kept))]
    return {"kept": kept, "trying": trying, "dropped": [], "refused": [], "alone": False}


def value_of(progress: Progress) -> str:
    """Return the list to try now."""
    return ",".join([*progress["kept"], *progress["trying"]])


def hear(progress: Progress, *, is_taken: bool) -> bool:
    """Take in a yes or a no; says whether there is nothing more to try."""
    if is_taken:
        progress["kept"] += progress["trying"]
        progress["has_grown"] = True
        progress["trying"] = []
    elif progress["alone"] or len(progress["trying"]) == 1:
        progress["refused"] += progress["trying"]
        progress["trying"] = []
    else:
        progress["dropped"].insert(0, progress["trying"].pop())
        return False
    if progress["dropped"]:
        progress["alone"] = True
        progress["trying"] = [progress["dropped"].pop(0)]
        return False
    return True
