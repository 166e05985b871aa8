"""Setting of printed documents: nothing is fetched, whatever stands in the text."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pypdf import PdfReader

from urbact_calls import typesetting
from urbact_calls.typesetting import FAMILIES, to_pdf


class Listener(HTTPServer):
    """A server inside the network that must never be asked."""

    asked: list[str]


@pytest.fixture
def listener() -> Iterator[Listener]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(self.path)
            self.send_error(404)

    server = Listener(("127.0.0.1", 0), Answer)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def page(body: str, head: str = "") -> bytes:
    text = f"<html lang='en'><head><title>Trial</title>{head}</head><body style='font-family:{FAMILIES}'>{body}</body>"
    return text.encode()


def test_no_address_is_fetched(listener: Listener, tmp_path: Path):
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>secret</text></svg>")
    here = f"http://127.0.0.1:{listener.server_port}"

    pdf = to_pdf(
        page(
            f"<h1>Trial</h1><img alt='a' src='{here}/img'><img alt='b' src='{secret.as_uri()}'>"
            f"<object data='{here}/object'></object><embed src='{here}/embed'>"
            f"<p style='background: url({here}/css)'>text</p><img alt='c' src='font:../../../secret'>"
            "<img alt='d' src='data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E'>",
            f"<link rel='stylesheet' href='{here}/sheet'><link rel='attachment' href='{secret.as_uri()}'>"
            f"<style>@import url({here}/import); @font-face {{font-family: x; src: url({here}/font)}}</style>"
            f"<base href='{here}/base/'>",
        )
    )

    reader = PdfReader(io.BytesIO(pdf))
    assert listener.asked == []
    assert reader.attachments == {}
    assert "secret" not in reader.pages[0].extract_text()


@pytest.mark.parametrize("word", ["Łódź", "Ελληνικά", "Кириллица", "Žilina", "Brăila", "Győr", "naïve “quotes” – €"])
def test_every_alphabet_of_the_programme_is_in_the_typeface(word: str):
    reader = PdfReader(io.BytesIO(to_pdf(page(f"<h1>{word}</h1>"))))

    fonts = {str(font.get_object()["/BaseFont"]) for font in reader.pages[0]["/Resources"]["/Font"].values()}
    assert reader.pages[0].extract_text() == word
    assert all("Inter" in font for font in fonts), fonts


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Party 🎉 at noon", "Party [party popper] at noon"),
        (
            "A flag 🇪🇺 and 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
            "A flag [flag EU] and [flag gbsct]",
        ),
        ("👨‍👩‍👧 ☂️", "[man][woman][girl] [umbrella]"),
        (
            "Newer than the tables: \U0001fffd",
            "Newer than the tables: [sign U+1FFFD]",
        ),
        ("Twinned with 北京市", "Twinned with [3 letters that cannot be printed]"),
        ("→ 10 ≥ 5 ‑ ﬁn ½ ✓", "-> 10 >= 5 - fin ½ [check mark]"),
        ("ἀγορά", "αγορά"),
    ],
)
def test_what_the_typeface_lacks_is_printed_in_words(typed: str, printed: str):
    reader = PdfReader(io.BytesIO(to_pdf(page(f"<p>{typed}</p>"))))

    fonts = {str(font.get_object()["/BaseFont"]) for font in reader.pages[0]["/Resources"]["/Font"].values()}
    assert " ".join(reader.pages[0].extract_text().split()) == printed
    assert all("Inter" in font for font in fonts), fonts


def test_the_letters_of_the_typeface_are_there():
    assert all(typesetting._font(alphabet).startswith(b"wOF2") for alphabet in typesetting._ALPHABETS)
