"""The national log: one row for the log, one an entry, one a sealed body.

Entries and checkpoints are inserted only; the database refuses anything else (triggers). Bodies lie wrapped
under the key of their dossier, which is not here but in the key store.
"""

from __future__ import annotations

from django.db import models

__all__ = ["NationalBody", "NationalCheckpoint", "NationalEntry", "NationalLog"]


class NationalLog(models.Model):
    """The log as it stands: size, compact range, root."""

    id = models.CharField(max_length=64, primary_key=True)
    origin = models.CharField(max_length=160, unique=True)
    epoch = models.IntegerField(default=1)
    size = models.BigIntegerField(default=0)
    tree = models.BinaryField(default=b"")
    root = models.CharField(max_length=64)

    class Meta:
        ordering = ("epoch",)

    def __str__(self) -> str:
        return self.origin


class NationalEntry(models.Model):
    """One entry: header bytes as hashed. Inserted only."""

    # The log is never deleted; neither is an entry.
    log = models.ForeignKey(NationalLog, on_delete=models.PROTECT, related_name="entries")
    idx = models.BigIntegerField()
    entry_id = models.CharField(max_length=64, unique=True)
    case = models.CharField(max_length=32, db_index=True)
    peer = models.CharField(max_length=64)
    header = models.BinaryField()
    leaf = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        ordering = ("log_id", "idx")
        constraints = (
            models.UniqueConstraint(fields=("log", "idx"), name="national_entry_position"),
        )

    def __str__(self) -> str:
        return f"{self.log_id}/{self.idx}"


class NationalBody(models.Model):
    """The sealed content of an entry, wrapped under the key of its dossier."""

    # An entry is never deleted, so its body is not either; erasure destroys the key.
    entry = models.OneToOneField(
        NationalEntry, on_delete=models.PROTECT, primary_key=True, related_name="body"
    )
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return str(self.entry_id)


class NationalCheckpoint(models.Model):
    """A signed checkpoint of the log. Inserted only."""

    # The log is never deleted.
    log = models.ForeignKey(NationalLog, on_delete=models.PROTECT, related_name="checkpoints")
    size = models.BigIntegerField()
    note = models.BinaryField()

    class Meta:
        ordering = ("log_id", "size")
        constraints = (
            models.UniqueConstraint(fields=("log", "size"), name="national_checkpoint_size"),
        )

    def __str__(self) -> str:
        return f"{self.log_id}/{self.size}"
