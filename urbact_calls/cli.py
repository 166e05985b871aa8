"""The commands of the program: `flask --app wsgi GROUP COMMAND`."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup

GROUPS: list[AppGroup] = []


def register_cli(app: Flask) -> None:
    """Gives the site its commands."""
    for group in GROUPS:
        app.cli.add_command(group)
