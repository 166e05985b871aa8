"""Pages of health and jobs.

Whether the program works, the jobs left to the workers, and the mailbox of the demonstration.
"""

from __future__ import annotations

import logging

from flask import current_app, g, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from urbact_calls import job_counts
from urbact_calls import jobs as job_table
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.health import readiness, stored_revision
from urbact_calls.messages import commands
from urbact_calls.messages.reads import job_rows, message_log
from urbact_calls.messages.reads.message_register import job_name, message_name
from urbact_calls.messages.views import PAGE_SIZE, blueprint, works_on_jobs
from urbact_calls.subjects import names_of
from urbact_calls.version import version
from urbact_calls.web.access import current_actor, public, requires
from urbact_calls.web.form_answers import done
from urbact_calls.web.row_numbers import after_of_request

# A message comes with its own inline styles, as mail programs want it; it may do nothing else, and it may be
# shown inside a page of this site only.
MESSAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups"
MAILBOX_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src 'self'"
)


logger = logging.getLogger(__name__)

for name_of in (message_name, job_name):
    blueprint.add_app_template_filter(name_of)


@blueprint.route("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process lives; nothing else is asked, so that a database that is away does not restart it."""
    return {"status": "alive"}


@blueprint.route("/readyz")
@public
def readyz() -> ResponseReturnValue:
    found = readiness(
        db.session(),
        migrations=current_app.extensions["migrate"].directory,
        broker_url=current_app.extensions["settings"].redis_url,
        now=g.received_at,
    )
    answer = {
        "status": "ready" if found.is_ready else "not ready",
        "database": found.database,
        "migrations": found.migrations,
        "broker": found.broker,
        "jobs": found.jobs,
        "oldest_due_seconds": None if found.oldest_due is None else int(found.oldest_due.total_seconds()),
    }
    return answer, 200 if found.is_ready else 503


@blueprint.route("/office/jobs/")
@requires(works_on_jobs)
def jobs() -> ResponseReturnValue:
    session, actor, state = db.session(), current_actor(), JobState.with_code(request.args.get("state", ""))
    page = job_rows.jobs(session, actor, state=state, before=after_of_request(), size=PAGE_SIZE)
    uncertain = job_rows.uncertain_deliveries(session, g.received_at, actor)
    shown = (*page.rows, *(job for job, _ in uncertain))
    return render_template(
        "messages/jobs.html",
        counts=job_rows.counts_by_state(session, actor),
        oldest_due=job_counts.oldest_due_age(session, g.received_at),
        uncertain=uncertain,
        names=names_of(session, [row.about for row in shown], actor),
        page=page,
        state=state,
        states=list(JobState),
        version=version(),
        tables=stored_revision(session),
    )


@blueprint.route("/office/jobs/<int:job_id>")
@requires(works_on_jobs)
def job(job_id: int) -> ResponseReturnValue:
    row = job_rows.job_by_id(db.session(), job_id, current_actor())
    uncertain = job_table.is_uncertain(row, g.received_at)
    return render_template(
        "messages/job.html",
        job=row,
        names=names_of(db.session(), [row.about], current_actor()),
        state=row.state,
        delivery=job_rows.delivery_of(db.session(), row),
        most_attempts=job_table.MOST_ATTEMPTS,
        is_uncertain=uncertain,
        can_retry=uncertain or row.state in (JobState.DEAD, JobState.CANCELLED),
        can_cancel=uncertain or row.state in (JobState.READY, JobState.DEAD),
    )


@blueprint.route("/office/jobs/<int:job_id>/retry", methods=["POST"])
@requires(works_on_jobs)
def retry_job(job_id: int) -> ResponseReturnValue:
    job_rows.job_by_id(db.session(), job_id, current_actor())
    commands.retry(job_id, current_actor(), g.received_at)
    return _back_to(job_id, "retry", "The job will be tried again.")


@blueprint.route("/office/jobs/<int:job_id>/cancel", methods=["GET", "POST"])
@requires(works_on_jobs)
def cancel_job(job_id: int) -> ResponseReturnValue:
    row = job_rows.job_by_id(db.session(), job_id, current_actor())
    if request.method == "POST":
        commands.cancel(job_id, current_actor(), g.received_at)
        return _back_to(job_id, "cancel", "The job is cancelled. It will not happen.")
    names = names_of(db.session(), [row.about], current_actor())
    return render_template("messages/cancel_job.html", job=row, names=names)


@blueprint.route("/office/jobs/<int:job_id>/delivered", methods=["POST"])
@requires(works_on_jobs)
def mark_delivered(job_id: int) -> ResponseReturnValue:
    job_rows.job_by_id(db.session(), job_id, current_actor())
    commands.mark_delivered(job_id, current_actor(), g.received_at)
    return _back_to(job_id, "delivered", "The message counts as delivered. It will not be sent again.")


def _back_to(job_id: int, act: str, words: str) -> ResponseReturnValue:
    logger.info("job %s: %s, by account %s", job_id, act, current_actor().user_id)
    return done(words, "messages.job", job_id=job_id)


@public
def mailbox() -> ResponseReturnValue:
    page = message_log.deliveries(db.session(), before=after_of_request(), size=PAGE_SIZE)
    return render_template("messages/mailbox.html", page=page)


@public
def message(delivery: int) -> ResponseReturnValue:
    row = message_log.delivery_by_id(db.session(), delivery)
    return render_template("messages/message.html", delivery=row), {"Content-Security-Policy": MAILBOX_POLICY}


@public
def message_html(delivery: int) -> ResponseReturnValue:
    row = message_log.delivery_by_id(db.session(), delivery)
    return row.html, {"Content-Security-Policy": MESSAGE_POLICY, "Content-Type": "text/html; charset=utf-8"}


@blueprint.record
def _open_mailbox(state: BlueprintSetupState) -> None:
    """In production these addresses do not exist: not for anybody, not by mistake."""
    if not state.app.extensions["settings"].shows_mailbox:
        return
    state.add_url_rule("/mailbox/", "mailbox", mailbox)
    state.add_url_rule("/mailbox/<int:delivery>", "message", message)
    state.add_url_rule("/mailbox/<int:delivery>/html", "message_html", message_html)
