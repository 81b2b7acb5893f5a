"""What every package needs and none owns: ids, time, labels, capabilities, counts, errors, clock.

Nothing here knows a framework, a database or the network. Everything is a value or a pure function,
except :class:`~passerelle.kernel.clock.SystemClock`, the only place that asks what time it is.
"""
