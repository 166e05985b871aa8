"""The threads of a site share their heaps, so that its memory does not grow with each of them."""

from __future__ import annotations

import re
import subprocess
import sys

from config import ROOT

THREADS = 8
MEASURE = f"""
import ctypes, threading
from scripts.serve.processes import share_heaps

SHARE
libc = ctypes.CDLL(None)
libc.fdopen.restype, libc.malloc.restype = ctypes.c_void_p, ctypes.c_void_p
all_are_here = threading.Barrier({THREADS})

def allocate():
    all_are_here.wait()
    for _ in range(1000):
        libc.malloc(1000)
    all_are_here.wait()

threads = [threading.Thread(target=allocate) for _ in range({THREADS})]
[each.start() for each in threads]
[each.join() for each in threads]
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


def heaps(share: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE.replace("SHARE", share)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return len(re.findall(r"<heap nr=", done.stdout))


def test_threads_share_two_heaps():
    assert heaps("share_heaps()") <= 2 < heaps("")
