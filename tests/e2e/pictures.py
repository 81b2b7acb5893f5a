"""Pictures for the documentation: PNG with a palette, a quarter of the size of a plain screenshot."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

_PIXELS = """async (source) => {
  const answer = await fetch("data:image/png;base64," + source);
  const image = await createImageBitmap(await answer.blob());
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const bytes = pen.getImageData(0, 0, image.width, image.height).data;
  const parts = [];
  for (let i = 0; i < bytes.length; i += 32768) parts.push(String.fromCharCode(...bytes.subarray(i, i + 32768)));
  return [image.width, image.height, btoa(parts.join(""))];
}"""


def keep(page: Page, target: Path) -> None:
    """Write what the page shows; the browser itself decodes its screenshot for us."""
    plain = page.screenshot()
    context = page.context.browser.new_context()  # type: ignore[union-attr]  # our own browser
    width, height, pixels = context.new_page().evaluate(_PIXELS, base64.b64encode(plain).decode())
    context.close()
    rgba = np.frombuffer(base64.b64decode(pixels), dtype=np.uint8).reshape(height, width, 4)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(indexed_png(rgba[:, :, :3]))


def indexed_png(rgb: np.ndarray, colours: int = 128) -> bytes:
    """Return a PNG with the commonest colours; each pixel takes the nearest of them."""
    height, width, _ = rgb.shape
    coarse = (rgb >> 2 << 2) | (rgb >> 6)
    packed = coarse.astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    values, where, counts = np.unique(packed, return_inverse=True, return_counts=True)
    commonest = values[np.argsort(-counts)[:colours]]
    palette = np.stack([commonest >> 16, commonest >> 8 & 255, commonest & 255], axis=1)
    every = np.stack([values >> 16, values >> 8 & 255, values & 255], axis=1).astype(np.int32)
    nearest = np.empty(len(values), dtype=np.uint8)
    for low in range(0, len(values), 4096):
        apart = every[low : low + 4096, None] - palette[None].astype(np.int32)
        nearest[low : low + 4096] = (apart**2).sum(axis=2).argmin(axis=1)
    rows = nearest[where.reshape(height, width)]
    lines = np.hstack([np.zeros((height, 1), dtype=np.uint8), rows]).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (
        (b"IHDR", head),
        (b"PLTE", palette.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
