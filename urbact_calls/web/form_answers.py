"""Answers to a form: what was done, or the form again with what must change in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, after_this_request, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from urbact_calls.domain.refusal import Refused, Stale, TooSoon
from urbact_calls.web.forms import BaseForm, Draft, attach, with_what_is_right


def attempt(form: BaseForm, act: Callable[[], object], *, refused: int = 422) -> int | None:
    """Does what a form asks for; None once it is done. Otherwise the form says what was wrong, and this is the status
    of the page that shows it again: 409 where somebody else was faster, 429 where one must wait, `refused` where it
    cannot be done, 422 where the form must change, or 200 where nothing was sent yet."""
    if not form.validate_on_submit():
        return 422 if form.is_submitted() else 200
    return _done(form, act, refused)


def attempt_draft(form: Draft, stored: Draft, keep: Callable[[Draft], object], *, refused: int = 422) -> int | None:
    """As `attempt`, for a draft, which can be saved unfinished: what is right is kept although something else is not.

    `stored` is the form of what is stored. Only a draft is kept in part; an act happens whole or not at all.
    """
    if not form.is_submitted():
        return 200
    if form.validate():
        return _done(form, lambda: keep(form), refused)
    before = _answers(stored)
    right = with_what_is_right(form, stored)
    if _answers(right) == before:
        return 422
    failed = _done(form, lambda: keep(right), refused)
    form.rest_is_saved = failed is None
    return failed or 422


def _answers(form: BaseForm) -> dict[str, object]:
    """What people type; not what a page remembers for itself."""
    return {field.short_name: field.data for field in form if not isinstance(field, HiddenField)}


def _done(form: BaseForm, act: Callable[[], object], refused: int) -> int | None:
    try:
        act()
    except Stale as problem:
        form.form_errors.append(str(problem))
        return 409
    except TooSoon as problem:
        attach(form, problem.refusals)
        _say_when_again(problem.seconds)
        return 429
    except Refused as problem:
        attach(form, problem.refusals)
        return refused
    return None


def _say_when_again(seconds: int) -> None:
    @after_this_request
    def add_header(answer: Response) -> Response:
        answer.headers["Retry-After"] = str(seconds)
        return answer


def done(words: str, endpoint: str, **values: Any) -> ResponseReturnValue:
    """Says what was done, on the page where the reader goes on."""
    flash(words, "good")
    return redirect(url_for(endpoint, **values))


def answer_status() -> int:
    """The status of a page with a form: one that came back with faults is not a success."""
    return 422 if request.method == "POST" else 200


def form_page(template: str, form: BaseForm, **context: Any) -> ResponseReturnValue:
    """The form, for the first time or with what must change in it."""
    return render_template(template, form=form, **context), answer_status()
