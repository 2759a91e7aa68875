"""Recorded conversations played again, through the path real frames take."""

from stations.replay.player import ReplayRefused, Told, replay_rows

__all__ = ["ReplayRefused", "Told", "replay_rows"]
