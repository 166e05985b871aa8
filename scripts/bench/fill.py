"""`python -m scripts.bench.fill N`: fills the empty database of the environment and prints where its pages are."""

from __future__ import annotations

import dataclasses
import json
import sys

import flask_migrate

from config import ROOT
from scripts.bench.world import seed, utc_now
from urbact_calls.networks import commands as networks


def main() -> None:
    from wsgi import app

    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        networks.load(utc_now())
        world = seed(int(sys.argv[1]), utc_now())
    print(json.dumps(dataclasses.asdict(world)))


if __name__ == "__main__":
    main()
