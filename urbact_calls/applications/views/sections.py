"""A section of the form: written while the draft is open, read afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.clashes import Clash, clashes_of, resolved, seen_of
from urbact_calls.applications.forms import SectionForm, section_form
from urbact_calls.applications.models import Application
from urbact_calls.applications.models import Section as Saved
from urbact_calls.applications.outline import Outline, outline_of, reading
from urbact_calls.applications.services import save_section as keep
from urbact_calls.applications.views.blueprint import application_of, blueprint, is_writable, may_read, may_write, page
from urbact_calls.database import db
from urbact_calls.domain.network_types.kind import Section
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.filters import second
from urbact_calls.web.forms import attach


@dataclass(frozen=True, slots=True)
class _Place:
    """A section of one application, as it is stored."""

    outline: Outline
    section: Section
    saved: Saved | None

    @property
    def answers(self) -> dict[str, str]:
        return dict(self.saved.answers) if self.saved else {}

    @property
    def version(self) -> int:
        return self.saved.version if self.saved else 0


@blueprint.route("/applications/<reference>/sections/<section>")
@requires(may_read, of=application_of)
def section(application: Application, section: str) -> ResponseReturnValue:
    """A section with its answers, to write or to read."""
    place = _place(application, section)
    return _page(application, place, section_form(place.section).showing(place.answers, place.version))


@blueprint.route("/applications/<reference>/sections/<section>", methods=["POST"])
@requires(may_write, of=application_of)
def save_section(application: Application, section: str) -> ResponseReturnValue:
    """Keeps the answers, or gives the page back with every typed character."""
    place = _place(application, section)
    form = section_form(place.section).showing(place.answers, place.version)
    if not form.validate():
        return _page(application, place, form, typed=True), 422
    answers = resolved(place.section, form.answers(), place.answers, request.form)
    try:
        keep(
            application.reference,
            section,
            answers=answers,
            version=form.version.number,
            actor=current_actor(),
            now=g.received_at,
        )
    except Stale:
        return _clash(application, section, answers)
    except Refused as problem:
        attach(form, problem.refusals)
        place = _place(application, section)
        if place.saved is not None:
            form.form_errors.append(f"The last saved text is of {second(place.saved.updated_at)}.")
        return _page(application, place, form, typed=True), 409
    flash(f"Saved {second(g.received_at)}: {place.section.label}.", "good")
    return redirect(_next(place, application))


def _place(application: Application, code: str) -> _Place:
    outline = outline_of(db.session(), application, g.received_at)
    found = next((each for each in outline.sections if each.code == code), None)
    if found is None:
        raise NotFound(f"section {code}")
    return _Place(outline, found, outline.saved.get(code))


def _clash(application: Application, code: str, mine: dict[str, str]) -> ResponseReturnValue:
    """Both versions side by side. The form now carries the version that is stored: what is sent next decides."""
    place = _place(application, code)
    form = section_form(place.section).showing(place.answers, place.version)
    form.version.data = str(place.version)
    clashes = clashes_of(place.section, mine=mine, theirs=place.answers, seen=request.form)
    return _page(application, place, form, clashes=clashes, typed=True), 409


def _page(
    application: Application,
    place: _Place,
    form: SectionForm,
    *,
    clashes: dict[str, Clash] | None = None,
    typed: bool = False,
) -> str:
    writable = is_writable(application)
    return page(
        "applications/section.html",
        application,
        outline=place.outline,
        section=place.section,
        part=place.outline.part(place.section.code),
        following=place.outline.part_after(place.section.code),
        form=form,
        seen=_seen(place, keeps_first=typed and not clashes),
        clashes=clashes or {},
        saved=place.saved,
        missing=place.outline.missing_in(place.section),
        # What was typed is shown even where nothing can be saved any more: it must not be lost with the page.
        shows_form=writable or typed,
        answers=reading(place.section, place.answers),
        criterion=_criterion(place),
    )


def _seen(place: _Place, *, keeps_first: bool) -> dict[str, str]:
    """A page that comes back refused still belongs to what its writer saw first; any other to what is stored."""
    marks = seen_of(place.section, place.answers)
    return {name: request.form.get(name, mark) for name, mark in marks.items()} if keeps_first else marks


def _criterion(place: _Place) -> object | None:
    kind = place.outline.kind
    code = place.section.criterion
    return kind.grid.criterion(code) if kind and code else None


def _next(place: _Place, application: Application) -> str:
    here = url_for("applications.section", reference=application.reference, section=place.section.code)
    following = place.outline.part_after(place.section.code)
    return here if "stay" in request.form or following is None else following.href
