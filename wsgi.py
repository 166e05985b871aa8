"""Composition root: settings, site, workers; the only file that imports both sides."""

import gc

# Whatever is imported lives until the end: to look for garbage in it takes a seventh of the time of a start.
gc.disable()

import logging
import os
import sys
from itertools import pairwise

from flask import Flask

from config import UNABLE_TO_START, settings_or_end
from urbact_calls.cli import dossier
from urbact_calls.database import db
from urbact_calls.factory import create_app
from urbact_calls.schema import not_answering, refusal
from urbact_calls.web import logs
from workers.celery_app import make_celery
from workers.notify import BrokerNotifier

FROM_CLI = os.environ.get("FLASK_RUN_FROM_CLI") == "true"


def refuse_foreign_database(app: Flask) -> None:
    """Ends the start of a site or worker on a database that is not of this version, before anything is written.

    A database that is away hinders no start: everything connects by itself when it is back, and `/readyz` says then
    whether its tables are the right ones.
    """
    with app.app_context():
        try:
            sentence = refusal(db.engine.url, app.extensions["migrate"].directory)
        except not_answering(db.engine.url) as problem:
            logging.getLogger(__name__).warning("the database did not answer: %s", type(problem).__name__)
            return
    if sentence:
        sys.stderr.write(f"{sentence}\n")
        sys.exit(UNABLE_TO_START)


def examines_dossiers() -> bool:
    """Whether this process is `flask --app wsgi dossier examine`: it asks no database and needs no environment."""
    return FROM_CLI and ("dossier", "examine") in pairwise(sys.argv)


def commands_only() -> Flask:
    """An app without settings and pages, for the command that examines dossiers."""
    app = Flask("urbact_calls")
    app.cli.add_command(dossier)
    return app


def site() -> Flask:
    """The site, on a database that is of this version."""
    settings = settings_or_end()
    logs.configure(settings.log_style)
    app = create_app(settings, notifier=BrokerNotifier(settings.redis_url))
    # `flask db` asks by itself.
    if not FROM_CLI:
        refuse_foreign_database(app)
    return app


if examines_dossiers():
    app = commands_only()
else:
    app = site()
    celery = make_celery(app)
# Not even later: what the first pages leave is looked for among what came after the start.
gc.freeze()
gc.enable()
