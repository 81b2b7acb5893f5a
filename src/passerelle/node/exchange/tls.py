"""TLS towards peers: certificates under known authorities, and of a key that the peer's card names.

TLS is defence in depth, never proof: what arrives is believed for its signatures only. It hides who
says how much to whom, and keeps strangers away. A peer's card may list the SHA-256 of the public
keys of its certificates (``tls_spki``); then a certificate of any other key ends the connection
before a byte is sent, whoever issued it. Trust files prove themselves and are fetched without the
pins: else a peer whose certificate was replaced overnight could never tell of the new one.
"""

from __future__ import annotations

import hashlib
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from passerelle.exchange.peer import PeerState
from passerelle.node.configuration import configuration
from passerelle.node.exchange import store
from passerelle.node.exchange.models import Peer

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["NotPinnedError", "own_pins", "peer_context", "pin_of"]

_HTTPS_PORT = 443


class NotPinnedError(ssl.SSLCertVerificationError):
    """Say that a certificate is of another key than the peer's card names."""


def pin_of(certificate: Certificate) -> str:
    """Return the SHA-256 of a certificate's public key (SubjectPublicKeyInfo), in hexadecimal."""
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - slow import
        Encoding,
        PublicFormat,
    )

    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(key).hexdigest()


def own_pins() -> tuple[str, ...]:
    """Return what our card names: the key that serves this node, and those that settings add."""
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - slow import

    settings = configuration()
    pins = set(settings.exchange_pins)
    if settings.tls_certificate is not None:
        pins.add(pin_of(load_pem_x509_certificates(settings.tls_certificate.read_bytes())[0]))
    return tuple(sorted(pins))


def peer_context(*, is_pinned: bool = True) -> ssl.SSLContext:
    """Make the context of connections to peers: TLS 1.3, known authorities, pins of their cards.

    Parameters
    ----------
    is_pinned
        Whether pins count; not for trust files, which prove themselves.
    """
    context = _PeerContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.is_pinned = is_pinned
    authorities = configuration().exchange_authorities
    if authorities is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(cafile=str(authorities))
    return context


class _PeerContext(ssl.SSLContext):
    """Check the key of a certificate as soon as the handshake is over."""

    is_pinned = True

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:  # Any: handed on
        """Shake hands; raise when the certificate is of a key that the card does not name."""
        wrapped = super().wrap_socket(*args, **kwargs)
        address = str(wrapped.server_hostname or ""), int(wrapped.getpeername()[1])
        pins = _pins_of(*address) if self.is_pinned else None
        if pins:
            from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - slow import

            shown = pin_of(load_der_x509_certificate(wrapped.getpeercert(binary_form=True) or b""))
            if shown not in pins:
                wrapped.close()
                raise NotPinnedError("The certificate is of a key that the card does not name.")
        return wrapped


def _pins_of(host: str, port: int) -> frozenset[str]:
    """Collect the pins of every peer that names this address in its card."""
    found: set[str] = set()
    for node in Peer.objects.exclude(state=PeerState.ENDED.value).values_list("node", flat=True):
        record = store.find_peer(node)
        card = record.trust.card if record else None
        for endpoint in card.endpoints if card else ():
            address = urlsplit(endpoint)
            if (address.hostname, address.port or _HTTPS_PORT) == (host.lower(), port):
                found |= set(card.tls_spki) if card else set()
    return frozenset(found)
