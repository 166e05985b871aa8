"""Request class of the site: forms have named parts only."""

from __future__ import annotations

from typing import IO, Any

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser


class _NamedParts(FormDataParser):
    """Leaves out the parts of a form that have no name: no field can ask for them, and whoever looks through the
    names of a form may rely on text."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        rest, form, files = super().parse(stream, mimetype, content_length, options)
        return rest, self._named(form), self._named(files)

    def _named(self, parts: MultiDict[str, Any]) -> MultiDict[str, Any]:
        if None not in parts:
            return parts
        return self.cls([(name, value) for name, value in parts.items(multi=True) if name is not None])


class SiteRequest(Request):
    """Flask's request, whose forms consist of named parts only."""

    form_data_parser_class = _NamedParts
