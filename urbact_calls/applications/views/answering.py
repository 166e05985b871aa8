"""Writing the answers of one section, of the network or of one partner: the same page, the same rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from flask import flash, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage, MultiDict

from urbact_calls.applications.clashes import Clash, clashes_of, resolved, seen_of
from urbact_calls.applications.computed import known_of, summary_of
from urbact_calls.applications.letters import LARGEST_BYTES, NotAPdf, TooLarge
from urbact_calls.applications.models import Application, Partner, PartnerSection
from urbact_calls.applications.models import Section as Saved
from urbact_calls.applications.outline import Outline, Part
from urbact_calls.applications.registers import offers_of
from urbact_calls.applications.section_forms import SectionForm, section_form, with_rows_changed
from urbact_calls.applications.services import Upload
from urbact_calls.applications.timetable import timetable
from urbact_calls.applications.views.blueprint import page
from urbact_calls.database import db
from urbact_calls.domain.network_types.fields import FieldKind, Section
from urbact_calls.domain.network_types.reading import reading
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.domain.terms import CallTerms
from urbact_calls.web.filters import second
from urbact_calls.web.forms import attach

Keep = Callable[[dict[str, str], dict[str, Upload], int], None]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A section of an application, or of one of its partners, as it is stored.

    `address` is the page itself, `next_address` what comes after it. `sees_private` says whether this reader may read
    the contacts in full. All around it is read (`find_outline`) when a page is drawn: to save needs nothing of it.
    """

    application: Application
    terms: CallTerms
    section: Section
    saved: Saved | PartnerSection | None
    address: str
    next_address: str | None
    find_outline: Callable[[], Outline]
    find_following: Callable[[Outline], Part | None]
    part: str
    is_writable: bool
    partner: Partner | None = None
    sees_private: bool = True

    @cached_property
    def outline(self) -> Outline:
        return self.find_outline()

    @property
    def number(self) -> int:
        """Which part of the form it is, or belongs to."""
        return self.outline.part(self.part).number

    @property
    def following(self) -> Part | None:
        """The part that comes after it."""
        return self.find_following(self.outline)

    @property
    def answers(self) -> dict[str, str]:
        return dict(self.saved.answers) if self.saved else {}

    @property
    def version(self) -> int:
        return self.saved.version if self.saved else 0

    def form(self, typed: MultiDict[str, str] | None = None) -> SectionForm:
        offers = offers_of(db.session(), self.terms)
        return section_form(self.section).showing(self.answers, self.version, offers=offers, typed=typed)


def show(place: Place) -> str:
    """The section with its answers, to write or to read."""
    return _page(place, place.form())


def answer(find: Callable[[], Place], keep: Keep) -> ResponseReturnValue:
    """Keeps the answers, or gives the page back with every typed character.

    A button that adds a row or takes one away keeps nothing: it gives the page back with the row.
    """
    place = find()
    changed = with_rows_changed(place.section, request.form)
    if changed is not None:
        return _page(place, place.form(changed), typed=True)
    form = place.form()
    if not form.validate():
        return _page(place, form, typed=True), 422
    answers = resolved(place.section, form.answers(), place.answers, request.form)
    try:
        keep(answers, _uploads(place.section), form.version.number)
    except Stale:
        return _clash(find(), answers)
    except (TooLarge, NotAPdf) as problem:
        attach(form, problem.refusals)
        return _page(place, form, typed=True), 413 if isinstance(problem, TooLarge) else 415
    except Refused as problem:
        attach(form, problem.refusals)
        place = find()
        if place.saved is not None:
            form.form_errors.append(f"The last saved text is of {second(place.saved.updated_at)}.")
        return _page(place, form, typed=True), 409
    flash(f"Saved {second(g.received_at)}: {place.section.label}.", "good")
    return redirect(place.next_address if place.next_address and "stay" not in request.form else place.address)


def _uploads(section: Section) -> dict[str, Upload]:
    """The files that came with this request, by the field that asks for them."""
    found: dict[str, Upload] = {}
    for field in section.fields:
        file = request.files.get(field.code) if field.kind is FieldKind.FILE else None
        if isinstance(file, FileStorage) and file.filename:
            found[field.code] = Upload(file.filename, file.stream.read(LARGEST_BYTES + 1))
    return found


def _clash(place: Place, mine: dict[str, str]) -> ResponseReturnValue:
    """Both versions side by side. The form now carries the version that is stored: what is sent next decides."""
    form = place.form()
    form.version.data = str(place.version)
    clashes = clashes_of(place.section, mine=mine, theirs=place.answers, seen=request.form)
    return _page(place, form, clashes=clashes, typed=True), 409


def _page(place: Place, form: SectionForm, *, clashes: dict[str, Clash] | None = None, typed: bool = False) -> str:
    return page(
        "applications/section.html",
        place.application,
        outline=place.outline,
        place=place,
        section=place.section,
        partner=place.partner,
        following=place.following,
        form=form,
        seen=_seen(place, keeps_first=typed and not clashes),
        clashes=clashes or {},
        saved=place.saved,
        missing=place.section.missing(place.answers),
        # What was typed is shown even where nothing can be saved any more: it must not be lost with the page.
        shows_form=place.is_writable or typed,
        answers=reading(place.section, place.answers, with_private=place.sees_private),
        timetable=timetable(place.section, place.answers, place.outline.kind),
        summary=summary_of(place.outline),
        known=known_of(place.partner) if place.partner else (),
        criterion=_criterion(place),
    )


def _seen(place: Place, *, keeps_first: bool) -> dict[str, str]:
    """A page that comes back refused still belongs to what its writer saw first; any other to what is stored."""
    marks = seen_of(place.section, place.answers)
    return {name: request.form.get(name, mark) for name, mark in marks.items()} if keeps_first else marks


def _criterion(place: Place) -> object | None:
    kind = place.outline.kind
    code = place.section.criterion
    return kind.grid.criterion(code) if kind and code else None
