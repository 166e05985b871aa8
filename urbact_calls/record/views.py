"""Pages of the record: what happened to an application, a call, a network, an organisation or an account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.database import db
from urbact_calls.domain.permissions import STRANGER, Actor, Predicate, administrator, auditor, office
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.record.forms import RecordSearchForm
from urbact_calls.record.reads import entries
from urbact_calls.record.reads.entries import Line, RecordReading
from urbact_calls.subjects import POLICIES, names_of, relation_to
from urbact_calls.web.access import Loaded, current_actor, requires
from urbact_calls.web.spreadsheets import csv_file

blueprint = Blueprint("record", __name__, url_prefix="/office/record")
PAGE_SIZE = 50
LONGEST_SHOWN, BEFORE_IT = 300, 60
# What is read and written within about a second.
MOST_LINES = 2000
COLUMNS = ("When (UTC)", "Entry", "About", "What", "Who", "Before", "After", "Notes")


@dataclass(frozen=True, slots=True)
class Asked:
    """The subject whose record is asked for, on which shelf, and what its address calls it."""

    subject: Subject
    shelf: Shelf
    key: str

    def address(self, endpoint: str = "", **arguments: Any) -> str:
        return url_for(f"record.{self.shelf.name}{endpoint}", key=self.key, **arguments)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The records of one kind of subject: what their address begins with, and who reads them."""

    kind: SubjectKind
    name: str
    may_read: Predicate

    def load(self, actor: Actor, key: str) -> Loaded:
        """The subject that an address names. Raises NotFound."""
        session = db.session()
        found = list(POLICIES[self.kind].found(session, key))
        if len(found) != 1:
            raise NotFound(f"{self.kind} {key}")
        subject = Subject(self.kind, found[0])
        return Loaded(Asked(subject, self, key), relation_to(session, actor, subject))


SHELVES = {
    shelf.kind: shelf
    for shelf in (
        Shelf(SubjectKind.APPLICATION, "applications", office | auditor),
        Shelf(SubjectKind.CALL, "calls", office | auditor),
        Shelf(SubjectKind.NETWORK, "networks", office | auditor),
        Shelf(SubjectKind.ORGANISATION, "organisations", office | auditor),
        Shelf(SubjectKind.ACCOUNT, "accounts", administrator | auditor),
    )
}


@blueprint.app_template_filter()
def excerpt(text: str, other: str | None) -> str:
    """A short text as it is; of a long one the part from where it differs from the other."""
    if len(text) <= LONGEST_SHOWN:
        return text
    pairs = enumerate(zip(text, other or "", strict=False))
    differs = next((place for place, (one, another) in pairs if one != another), min(len(text), len(other or "")))
    start = max(0, min(differs - BEFORE_IT, len(text) - LONGEST_SHOWN))
    end = start + LONGEST_SHOWN
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


@blueprint.app_template_global()
def record_address(kind: str, key: object) -> str:
    """The address of the record of a subject; nothing for whoever may not read it.

    On a page about an object its reader is to the subject what he or she is to that object.
    """
    shelf = SHELVES[SubjectKind(kind)]
    may_read = shelf.may_read(current_actor(), g.get("relation", STRANGER))
    return url_for(f"record.{shelf.name}", key=key) if may_read else ""


def _add_pages(shelf: Shelf) -> None:
    """A page and a file of the records of one kind."""
    declared = requires(shelf.may_read, of=shelf.load)
    blueprint.add_url_rule(f"/{shelf.name}/<key>", shelf.name, declared(_page))
    blueprint.add_url_rule(f"/{shelf.name}/<key>/record.csv", f"{shelf.name}_file", declared(_file))


def _page(asked: Asked) -> ResponseReturnValue:
    form = RecordSearchForm(request.args)
    if not form.validate():
        return _shown(asked, form, None), 422
    reading = replace(_reading(asked, form), after=entries.place_of(request.args.get("after", "")), size=PAGE_SIZE)
    return _shown(asked, form, reading)


def _file(asked: Asked) -> ResponseReturnValue:
    form = RecordSearchForm(request.args)
    if not form.validate():
        return _shown(asked, form, None), 422
    lines = entries.whole_record(db.session(), _reading(asked, form), MOST_LINES)
    return csv_file(f"record-{asked.shelf.name}-{asked.key}", COLUMNS, map(_cells, lines))


def _shown(asked: Asked, form: RecordSearchForm, reading: RecordReading | None) -> str:
    """The page of a record; without a reading only what must change in the search."""
    session, subject = db.session(), asked.subject
    typed = {name: request.args[name] for name in form.data if request.args.get(name)}
    page = entries.record_page(session, reading) if reading else None
    return render_template(
        "record/show.html",
        form=form,
        name=names_of(session, [subject], current_actor(), g.relation)[subject],
        page=page,
        is_private=reading is not None and reading.is_private,
        is_narrowed=bool(typed),
        address=asked.address(),
        older_address=asked.address(**typed, after=page.after) if page and page.after else "",
        file_address=asked.address("_file", **typed),
        most_lines=MOST_LINES,
    )


def _reading(asked: Asked, form: RecordSearchForm) -> RecordReading:
    reading = entries.reading_of(db.session(), asked.subject, current_actor(), g.relation)
    return replace(reading, wanted=form.wanted)


def _cells(line: Line) -> tuple[str, ...]:
    entry = line.entry
    return (
        entry.at.isoformat(timespec="seconds"),
        entry.kind.label,
        line.about.label,
        entry.what,
        line.who,
        entry.before or "",
        entry.after or "",
        " ".join(entry.notes),
    )


for _shelf in SHELVES.values():
    _add_pages(_shelf)
