"""Composition root: settings, site, workers; the only file that imports both sides."""

import gc

# Whatever is imported lives until the end: to look for garbage in it takes a seventh of the time of a start.
gc.disable()

import logging
import os
import sqlite3
import sys

import psycopg
from flask import Flask

from config import Settings
from urbact_calls.database import db
from urbact_calls.factory import create_app
from urbact_calls.schema import refusal
from urbact_calls.web import logs
from workers.celery_app import make_celery
from workers.notify import BrokerNotifier

# With any other status gunicorn would start its worker again and again.
UNABLE_TO_START = 3


def refuse_foreign_database(app: Flask) -> None:
    """Ends the start of a site or worker on a database that is not of this version, before anything is written.

    A database that is away hinders no start: everything connects by itself when it is back, and `/readyz` says then
    whether its tables are the right ones.
    """
    with app.app_context():
        try:
            sentence = refusal(db.engine.url, app.extensions["migrate"].directory)
        except (psycopg.OperationalError, sqlite3.OperationalError) as problem:
            logging.getLogger(__name__).warning("the database did not answer: %s", type(problem).__name__)
            return
    if sentence:
        sys.stderr.write(f"{sentence}\n")
        sys.exit(UNABLE_TO_START)


settings = Settings.from_environment()
logs.configure(settings.log_style)
app = create_app(settings, notifier=BrokerNotifier(settings.redis_url))
# `flask db` asks by itself, and `flask dossier examine` needs no database.
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
    refuse_foreign_database(app)
celery = make_celery(app)
# Not even later: what the first pages leave is looked for among what came after the start.
gc.freeze()
gc.enable()
