"""Run many solves, or one that is watched: local processes by default."""

from passerelle.compute.pool import Executor, local_pool
from passerelle.compute.watched import Channel, LostError, Watched, start_watched

__all__ = ["Channel", "Executor", "LostError", "Watched", "local_pool", "start_watched"]
