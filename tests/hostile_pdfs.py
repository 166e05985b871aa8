"""PDFs that are made to keep their reader busy: small files, whole and harmless to look at, that take minutes to
read."""

from __future__ import annotations

import zlib

_CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
_PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
_SLOW = 4


def slow(objects: int = 19_000, entries: int = 2_000) -> bytes:
    """Some 10 kB: each of so many numbers leads to one long array, which is read again for each of them."""
    return _file(b"[" + b"<</A 1>>" * entries + b"]", size=objects)


def _file(slow: bytes, *, size: int) -> bytes:
    """One empty page; the numbers up to `size` that it does not need lead to the object `slow`."""
    content, places = b"%PDF-1.7\n", {0: 0}
    for number, body in {1: _CATALOGUE, 2: _PAGES, 3: _PAGE, _SLOW: slow}.items():
        places[number] = len(content)
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    rows = [b"\1%b\0" % places.get(number, places[_SLOW]).to_bytes(4, "big") for number in range(size)]
    table = zlib.compress(b"".join(rows), 9)
    entries = b"/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R/Filter/FlateDecode/Length %d" % (size, len(table))
    last = b"%d 0 obj\n<<%b>>stream\n%b\nendstream\nendobj\n" % (size, entries, table)
    return b"%b%bstartxref\n%d\n%%%%EOF" % (content, last, len(content))
