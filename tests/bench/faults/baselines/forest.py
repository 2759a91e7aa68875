"""B4: an isolation forest per connector on what a session looks like, learnt on its first ones.

Source: Liu, Ting, Zhou, "Isolation Forest", ICDM 2008: 64 trees of at most 128 samples; a point
is odd above the score that 2 % of what was learnt from would have passed.
"""

from dataclasses import dataclass
from datetime import datetime
from math import log
from random import Random
from typing import ClassVar

from tests.bench.faults.baselines.watching import Baseline, Session

LEARN_FROM, TREES, SAMPLE = 30, 64, 128
CONTAMINATION = 0.02
# One odd session is nobody's fault; two of three are told.
OF_LAST, NEEDED = 3, 2
Point = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """A cut through one feature."""

    feature: int
    value: float
    below: "Split | int"
    above: "Split | int"


class ForestPerConnector(Baseline):
    """Learns what is usual at a connector, then tells when two of three sessions are odd."""

    NAME: ClassVar[str] = "B4"

    def __post_init__(self) -> None:
        """Begin to learn."""
        self.learnt: dict[tuple[str, str], list[Point]] = {}
        self.forests: dict[tuple[str, str], tuple[list[Split | int], float]] = {}
        self.odd: dict[tuple[str, str], list[bool]] = {}

    def on_session(self, session: Session, at: datetime) -> None:
        """Learn from a session, or judge it."""
        place, point = session.place, features(session)
        if place not in self.forests:
            points = self.learnt.setdefault(place, [])
            points.append(point)
            if len(points) >= LEARN_FROM:
                self.forests[place] = grow(points, Random(str(place)))
            return
        trees, limit = self.forests[place]
        odd = self.odd.setdefault(place, [])
        odd.append(score(trees, point, LEARN_FROM) > limit)
        del odd[:-OF_LAST]
        if sum(odd) >= NEEDED:
            self.tell(place, "odd", at)
        elif not any(odd):
            self.well(place, "odd", at)


def features(session: Session) -> Point:
    """Return what a session looks like."""
    hours = max(session.seconds, 1.0) / 3600
    mean_w = session.energy_wh / hours
    return (
        log(max(session.energy_wh, 1)),
        log(max(session.seconds, 1.0)),
        mean_w,
        float(session.most_w),
        max(session.hottest, 0.0),
    )


def grow(points: list[Point], rng: Random) -> tuple[list[Split | int], float]:
    """Return a forest, and the score above which a point is odd."""
    size = min(SAMPLE, len(points))
    depth = int(log(size, 2)) + 1
    trees = [_tree(rng.sample(points, size), rng, depth) for _ in range(TREES)]
    scores = sorted(score(trees, point, size) for point in points)
    return trees, scores[min(len(scores) - 1, int(len(scores) * (1 - CONTAMINATION)))]


def score(trees: list[Split | int], point: Point, size: int) -> float:
    """Return how easily a point is set apart: towards 1 it is odd."""
    mean = sum(_path(tree, point) for tree in trees) / len(trees)
    return float(2 ** (-mean / _expected(size)))


def _tree(points: list[Point], rng: Random, depth: int) -> Split | int:
    if depth == 0 or len(points) <= 1:
        return len(points)
    feature = rng.randrange(len(points[0]))
    values = [point[feature] for point in points]
    low, high = min(values), max(values)
    if low == high:
        return len(points)
    cut = rng.uniform(low, high)
    below = [point for point in points if point[feature] < cut]
    above = [point for point in points if point[feature] >= cut]
    return Split(feature, cut, _tree(below, rng, depth - 1), _tree(above, rng, depth - 1))


def _path(tree: Split | int, point: Point) -> float:
    steps = 0.0
    while isinstance(tree, Split):
        tree = tree.below if point[tree.feature] < tree.value else tree.above
        steps += 1
    return steps + (_expected(tree) if tree > 1 else 0.0)


def _expected(size: int) -> float:
    if size <= 2:
        return 1.0 if size == 2 else 0.0
    return 2 * (log(size - 1) + 0.5772156649) - 2 * (size - 1) / size
