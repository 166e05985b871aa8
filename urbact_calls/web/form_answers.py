"""Answers to a form: what was done, or the form again with what must change in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, after_this_request, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.domain.refusal import Refused, Stale, TooSoon
from urbact_calls.web.forms import BaseForm, attach


def attempt(form: BaseForm, act: Callable[[], object], *, refused: int = 422) -> int | None:
    """Does what a form asks for; None once it is done. Otherwise the form says what was wrong, and this is the status
    of the page that shows it again: 409 where somebody else was faster, 429 where one must wait, `refused` where it
    cannot be done, 422 where the form must change, or 200 where nothing was sent yet."""
    if not form.validate_on_submit():
        return 422 if form.is_submitted() else 200
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
