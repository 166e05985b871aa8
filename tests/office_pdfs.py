"""PDFs as scanners, office programs and programs for signing make them; all are whole and harmless."""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Callable
from functools import partial

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)
from weasyprint import HTML

from tests.factories.applications import pdf

VERSIONS = ("1.0", "1.3", "1.4", "1.7", "2.0")
VARIANTS = ("pdf/a-1b", "pdf/a-2b", "pdf/a-3b", "pdf/ua-1")
_PAGES = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
)


def _named(**values: PdfObject) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in values.items()})


def _page() -> PdfWriter:
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    return writer


def _written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def of_version(version: str) -> bytes:
    writer = _page()
    writer.pdf_header = f"%PDF-{version}"
    return _written(writer)


def archived(variant: str) -> bytes:
    """For an archive (PDF/A) or for everybody (PDF/UA)."""
    # The library leaves the file with the colours of PDF/A open.
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        made = HTML(string="<html lang=en><title>Letter</title><p>We take part.").write_pdf(pdf_variant=variant)
    assert made is not None
    return bytes(made)


def packed() -> bytes:
    """Objects and their places in streams, as office programs save them since PDF 1.5."""
    starts = [sum(len(each) + 1 for each in _PAGES[:number]) for number in range(len(_PAGES))]
    head = b" ".join(b"%d %d" % (number, start) for number, start in enumerate(starts, start=1)) + b"\n"
    packed = zlib.compress(head + b"\n".join(_PAGES))
    content = b"%PDF-1.5\n"
    place = len(content)
    about = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d" % (len(_PAGES), len(head), len(packed))
    content += b"4 0 obj\n<<%b>>stream\n%b\nendstream\nendobj\n" % (about, packed)
    start = len(content)
    rows = [(0, 0, 255), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, place, 0), (1, start, 0)]
    table = zlib.compress(b"".join(bytes([kind]) + at.to_bytes(4, "big") + bytes([rest]) for kind, at, rest in rows))
    about = b"/Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Filter/FlateDecode/Length %d" % len(table)
    content += b"5 0 obj\n<<%b>>stream\n%b\nendstream\nendobj\n" % (about, table)
    return content + b"startxref\n%d\n%%%%EOF" % start


def filled_in() -> bytes:
    """A form with a field that somebody has filled in."""
    writer = _page()
    field = writer._add_object(_named(FT=NameObject("/Tx"), T=TextStringObject("City"), V=TextStringObject("Łódź")))
    writer.root_object[NameObject("/AcroForm")] = _named(
        Fields=ArrayObject([field]), NeedAppearances=BooleanObject(True)
    )
    return _written(writer)


def signed() -> bytes:
    """With an electronic signature."""
    writer = _page()
    signature = _named(
        Type=NameObject("/Sig"),
        Filter=NameObject("/Adobe.PPKLite"),
        SubFilter=NameObject("/ETSI.CAdES.detached"),
        Contents=ByteStringObject(b"\0" * 64),
        ByteRange=ArrayObject(map(NumberObject, (0, 10, 20, 30))),
    )
    field = _named(FT=NameObject("/Sig"), T=TextStringObject("Signature"), V=writer._add_object(signature))
    writer.root_object[NameObject("/AcroForm")] = _named(
        Fields=ArrayObject([writer._add_object(field)]), SigFlags=NumberObject(3)
    )
    return _written(writer)


def scanned() -> bytes:
    """A picture and nothing else."""
    writer, picture = _page(), StreamObject()
    picture.set_data(b"\xff\xd8\xff\xd9")
    picture.update(
        _named(
            Type=NameObject("/XObject"),
            Subtype=NameObject("/Image"),
            Width=NumberObject(1),
            Height=NumberObject(1),
            Filter=NameObject("/DCTDecode"),
            ColorSpace=NameObject("/DeviceGray"),
            BitsPerComponent=NumberObject(8),
        )
    )
    pictures = _named(Im0=writer._add_object(picture))
    writer.pages[0][NameObject("/Resources")] = _named(XObject=pictures)
    return _written(writer)


def changed_later() -> bytes:
    """Saved once more behind its own end."""
    writer = PdfWriter(io.BytesIO(pdf()), incremental=True)
    writer.add_metadata({"/Title": "Letter"})
    return _written(writer)


KINDS: dict[str, Callable[[], bytes]] = {
    **{f"version {version}": partial(of_version, version) for version in VERSIONS},
    **{variant: partial(archived, variant) for variant in VARIANTS},
    "packed": packed,
    "filled in": filled_in,
    "signed": signed,
    "scanned": scanned,
    "changed later": changed_later,
    "bytes behind its end": lambda: pdf() + b"\r\n\0\0",
}
