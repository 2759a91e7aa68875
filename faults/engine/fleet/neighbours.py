"""What rules remember of the other connectors of a trial site, for those that compare them."""

from collections.abc import Iterable, Mapping

from faults.engine.fleet.news import News
from faults.engine.fleet.posts import Post
from faults.rules import power_low, readings, supply_wrong
from faults.rules.protocol import State

CODES = (power_low.CODE, supply_wrong.CODE)
VOLTAGE = "voltage"


def neighbours_of(
    posts: Iterable[Post], post: Post, news: News
) -> Mapping[str, Mapping[int, State]]:
    """Return the states of connectors of the same site by code; empty where no rule would ask."""
    if not _is_wanted(news):
        return {}
    found: dict[str, dict[int, State]] = {code: {} for code in CODES}
    for one in posts:
        if one.site_id != post.site_id:
            continue
        for spot in one.spots.values():
            for code in CODES:
                memory = one.memories.get((code, f"connector:{spot.id}"))
                if memory is not None:
                    found[code][spot.id] = memory.state
    return found


def _is_wanted(news: News) -> bool:
    if any(one.measures and one.measures.power_ratio is not None for one in news.sessions):
        return True
    return any(
        one.kind == readings.READING and VOLTAGE in readings.remarks_of(one)
        for one in news.notices
    )
