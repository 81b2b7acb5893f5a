"""The record: peers, logs, entries, bodies, checkpoints, receipts, evidence.

Entries, checkpoints, receipts and evidence are inserted only; the database itself refuses anything
else (triggers, see the migrations). Bodies lie wrapped under the key of their dossier, which is not
here but in the key store.
"""

from __future__ import annotations

from django.db import models

__all__ = [
    "AgreementRow",
    "AttachmentDraft",
    "Blob",
    "Body",
    "BodyKey",
    "CheckpointRow",
    "Cosignature",
    "Cursor",
    "Entry",
    "EvidenceRow",
    "Log",
    "Nonce",
    "Peer",
    "Projection",
    "TrustVersion",
]


class Peer(models.Model):
    """A node that we exchange with, and what we accepted of its trust set."""

    node = models.CharField(max_length=64, primary_key=True)
    state = models.CharField(max_length=12)
    suite = models.CharField(max_length=4, default="S1")
    agreement = models.JSONField(default=dict)
    roots = models.JSONField(default=list)
    trust_files = models.JSONField(default=dict)
    card = models.BinaryField(default=b"")
    versions = models.JSONField(default=dict)
    accepted_at = models.DateTimeField(null=True)
    expires = models.DateTimeField(null=True)
    tokens = models.FloatField(default=0.0)
    tokens_at = models.FloatField(default=0.0)
    alarm = models.CharField(max_length=64, blank=True)
    told = models.CharField(max_length=8, blank=True)
    told_at = models.BigIntegerField(default=0)
    notified = models.CharField(max_length=8, blank=True)
    trust_wanted = models.BooleanField(default=False)

    class Meta:
        ordering = ("node",)

    def __str__(self) -> str:
        return self.node


class Log(models.Model):
    """One log of one direction: ``out`` is written here, ``in`` is received."""

    id = models.CharField(max_length=64, primary_key=True)
    origin = models.CharField(max_length=160, unique=True)
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="logs")
    direction = models.CharField(max_length=3)
    epoch = models.IntegerField(default=1)
    size = models.BigIntegerField(default=0)
    tree = models.BinaryField(default=b"")
    root = models.CharField(max_length=64, blank=True)
    note = models.BinaryField(default=b"")
    last_receipt = models.BigIntegerField(default=0)
    closed = models.BooleanField(default=False)
    final = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("origin",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(direction__in=("in", "out")), name="exchange_log_direction"
            ),
        )

    def __str__(self) -> str:
        return self.origin


class Entry(models.Model):
    """One entry: header bytes as hashed. Inserted only."""

    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="entries")
    idx = models.BigIntegerField()
    entry_id = models.CharField(max_length=64, db_index=True)
    case = models.CharField(max_length=32, db_index=True, blank=True)
    kind = models.CharField(max_length=16, blank=True)
    mark = models.CharField(max_length=16)
    header = models.BinaryField()
    leaf = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        ordering = ("log_id", "idx")
        constraints = (
            models.UniqueConstraint(fields=("log", "idx"), name="exchange_entry_position"),
        )

    def __str__(self) -> str:
        return f"{self.log_id}/{self.idx}"


class Body(models.Model):
    """The body of an entry, wrapped under the key of its dossier."""

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, primary_key=True, related_name="body"
    )
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return str(self.entry_id)


class CheckpointRow(models.Model):
    """A signed checkpoint of a log. Inserted only."""

    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="checkpoints")
    size = models.BigIntegerField()
    note = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("log_id", "size", "id")
        indexes = (models.Index(fields=("log", "size"), name="exchange_checkpoint_size"),)

    def __str__(self) -> str:
        return f"{self.log_id}/{self.size}"


class Cosignature(models.Model):
    """A receipt over a checkpoint, ours or the peer's. Inserted only."""

    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="cosignatures")
    size = models.BigIntegerField()
    text = models.BinaryField()
    lines = models.BinaryField()
    time = models.BigIntegerField()
    ours = models.BooleanField()

    class Meta:
        ordering = ("log_id", "size", "id")
        indexes = (models.Index(fields=("log", "size"), name="exchange_cosignature_size"),)

    def __str__(self) -> str:
        return f"{self.log_id}/{self.size}@{self.time}"


class Cursor(models.Model):
    """Where the writer stands with one log, and who holds the lease."""

    log = models.OneToOneField(
        Log, on_delete=models.PROTECT, primary_key=True, related_name="cursor"
    )
    held = models.BigIntegerField(default=0)
    cosigned = models.BigIntegerField(default=0)
    phase = models.CharField(max_length=10, default="idle")
    attempts = models.JSONField(default=list)
    last_receipt = models.BigIntegerField(default=0)
    tries = models.IntegerField(default=0)
    next_due = models.FloatField(default=0.0)
    lease_no = models.BigIntegerField(default=0)
    lease_until = models.FloatField(default=0.0)

    def __str__(self) -> str:
        return f"{self.log_id}: {self.held}/{self.cosigned}"


class Blob(models.Model):
    """An attachment, its chunks in a file under a key of its own.

    The key lies wrapped under that of the dossier once an entry claims the attachment, and under a
    throw-away key until then.
    """

    root = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    leaves = models.BinaryField()
    done = models.IntegerField(default=0)
    sent = models.IntegerField(default=0)
    key = models.BinaryField()
    case = models.CharField(max_length=32, blank=True, db_index=True)
    peer = models.CharField(max_length=64, blank=True)
    ours = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "root")

    def __str__(self) -> str:
        return self.root


class AttachmentDraft(models.Model):
    """Attachments sealed for an act that is not released yet, and the wrapped key of the act."""

    id = models.CharField(max_length=32, primary_key=True)
    peer = models.CharField(max_length=64)
    case = models.CharField(max_length=32)
    key = models.BinaryField()
    items = models.JSONField()
    released = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.id


class BodyKey(models.Model):
    """The key of an entry, wrapped under that of its dossier: kept when an office key is retired."""

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, primary_key=True, related_name="body_key"
    )
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return str(self.entry_id)


class TrustVersion(models.Model):
    """A card that was accepted, with the role files that signed it. Inserted only."""

    node = models.CharField(max_length=64, db_index=True)
    version = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    card = models.BinaryField()
    targets = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("node", "version", "id")

    def __str__(self) -> str:
        return f"{self.node} {self.version}"


class AgreementRow(models.Model):
    """An agreement that both nodes signed; the newest rules. Inserted only."""

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="agreements")
    version = models.IntegerField()
    digest = models.CharField(max_length=64)
    envelope = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("peer_id", "version", "id")

    def __str__(self) -> str:
        return f"{self.peer_id} {self.version}"


class EvidenceRow(models.Model):
    """Bytes that show what the other side did. Inserted only."""

    peer = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    parts = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.peer} {self.kind}"


class Nonce(models.Model):
    """A nonce of a signed request, kept for twice the clock window."""

    nonce = models.CharField(max_length=32, primary_key=True)
    at = models.FloatField(db_index=True)

    def __str__(self) -> str:
        return self.nonce


class Projection(models.Model):
    """How far a consumer has been given the acts of a log."""

    name = models.CharField(max_length=64)
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="projections")
    next_idx = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("name", "log"), name="exchange_projection_log"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.log_id}/{self.next_idx}"
