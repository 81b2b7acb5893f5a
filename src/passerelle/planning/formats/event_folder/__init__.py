"""The event folder: ``event.toml`` and CSV files in, an event and its force out, and back."""

from passerelle.planning.formats.event_folder.load import FILES, LoadedEvent, load_event
from passerelle.planning.formats.event_folder.write import write_event

__all__ = ["FILES", "LoadedEvent", "load_event", "write_event"]
