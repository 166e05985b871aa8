"""Logging: lines for people, or one JSON object per line for a log store.

No line names a person: an account is its number, an address is the pattern of the page (the address itself can hold
the token of a link), parameters of statements stay out (`factory._engine_options`).
"""

from __future__ import annotations

import logging
import sys
import time
import uuid
from typing import Literal

import structlog
from flask import Flask, Response, g, request
from structlog.stdlib import ProcessorFormatter
from structlog.types import Processor

LogStyle = Literal["text", "json"]

logger = logging.getLogger("urbact_calls.requests")


def configure(style: LogStyle) -> None:
    """Sends everything that this process logs to standard error: as text from warnings on, or all of it as JSON."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Where `rich` is installed the default shows the variables of each frame, and so names and addresses.
    plain = structlog.dev.plain_traceback
    renderer: list[Processor] = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    if style == "json":
        renderer = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(foreign_pre_chain=shared, processors=[ProcessorFormatter.remove_processors_meta, *renderer])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if style == "json" else logging.WARNING)


def register(app: Flask) -> None:
    """Gives each request a number, which stands in its lines, in its answer and on an error page; logs each answer."""

    @app.before_request
    def begin() -> None:
        g.request_id = uuid.uuid4().hex[:12]
        g.began = time.perf_counter()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        # A request that was refused before it began (a foreign host name) has no number.
        if "request_id" in g:
            response.headers["X-Request-ID"] = g.request_id
            facts = {
                "method": request.method,
                "page": str(request.url_rule or "-"),
                "status": response.status_code,
                "ms": round(1000 * (time.perf_counter() - g.began), 1),
            }
            logger.info("request", extra=facts)
        return response

    @app.teardown_request
    def forget(_problem: BaseException | None) -> None:
        structlog.contextvars.unbind_contextvars("request")
