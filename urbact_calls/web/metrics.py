"""Prometheus metrics at `/metrics`: requests by page, and the work that waits for the workers.

With several web processes set PROMETHEUS_MULTIPROC_DIR to an empty folder that they share; each then answers for all.
"""

from __future__ import annotations

import secrets
import time

from flask import Blueprint, Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from urbact_calls import job_counts
from urbact_calls.database import db
from urbact_calls.domain.refusal import NotFound
from urbact_calls.version import version
from urbact_calls.web.access import public

blueprint = Blueprint("metrics", __name__)

# From a page that reads one row to a request that somebody would call slow.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Requests:
    """The counters of one site; `is_shared` where several processes count together."""

    def __init__(self, *, is_shared: bool) -> None:
        self.is_shared = is_shared
        self.registry = CollectorRegistry()
        self.answers = Counter(
            "urbact_requests", "Requests answered", ("method", "page", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "urbact_request_seconds", "Time to an answer", ("page",), registry=self.registry, buckets=BUCKETS
        )

    def exposition(self) -> bytes:
        """All counters in the text format of Prometheus."""
        if not self.is_shared:
            return generate_latest(self.registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)
        return generate_latest(everybody)


def register(app: Flask) -> None:
    """Counts the requests of a site and adds `/metrics`."""
    requests = app.extensions["metrics"] = Requests(is_shared=app.extensions["settings"].metrics_shared)
    app.register_blueprint(blueprint)

    @app.after_request
    def count(response: Response) -> Response:
        # Never the address: it is endless, and can hold a token.
        page = request.endpoint or "-"
        requests.answers.labels(request.method, page, response.status_code).inc()
        # Set by `logs`; a request that was refused before it began has none.
        if "began" in g:
            requests.seconds.labels(page).observe(time.perf_counter() - g.began)
        return response


@blueprint.get("/metrics")
@public
def show() -> ResponseReturnValue:
    """Figures without names. In production whoever asks needs the token of the settings."""
    _require_token()
    requests: Requests = current_app.extensions["metrics"]
    return Response(requests.exposition() + _work(), content_type=CONTENT_TYPE_LATEST)


def _require_token() -> None:
    settings = current_app.extensions["settings"]
    if settings.app_env != "production":
        return
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    wanted = settings.metrics_token
    # Without a token in the settings nobody can ask; for a stranger the page does not exist.
    if not wanted or not secrets.compare_digest(given.encode(), wanted.encode()):
        raise NotFound("metrics")


def _work() -> bytes:
    """The jobs that are not done, as they stand in the table now, and which version works on them."""
    registry = CollectorRegistry()
    Gauge("urbact_version", "Always 1; the label says which version this is", ("version",), registry=registry).labels(
        version()
    ).set(1)
    waiting = Gauge("urbact_jobs", "Jobs that are not done", ("state",), registry=registry)
    oldest = Gauge("urbact_jobs_oldest_due_seconds", "How long the oldest due job has waited", registry=registry)
    for state, count in job_counts.unfinished_by_state(db.session()).items():
        waiting.labels(state.value).set(count)
    age = job_counts.oldest_due_age(db.session(), g.received_at)
    oldest.set(age.total_seconds() if age else 0)
    return generate_latest(registry)
