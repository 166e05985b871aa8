"""What the tests let a limited child do."""

from __future__ import annotations

import json
import os
import time


def backwards(content: bytes) -> bytes:
    return content[::-1]


def grow(content: bytes) -> bytes:
    """Asks for as many bytes as the content says."""
    return b"x" * int(content)


def toil(content: bytes) -> bytes:
    """Never ends, and is never idle."""
    while True:
        content = content[::-1]


def rest(content: bytes) -> bytes:
    """Does nothing for so many seconds."""
    time.sleep(float(content))
    return b"rested"


def fail(content: bytes) -> bytes:
    raise ValueError(content.decode())


def surroundings(_content: bytes) -> bytes:
    """What a child knows of its surroundings, and how far it steps back for others."""
    return json.dumps({"names": sorted(os.environ), "niceness": os.nice(0)}).encode()
