"""The process that is the clock: `celery --app workers.beat beat`. It does not import the site."""

from __future__ import annotations

import logging

from config import settings_or_end
from workers.clock import JsonLine, make_clock

settings = settings_or_end()
if settings.log_style == "json":
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLine())
    logging.basicConfig(handlers=[handler], level=logging.INFO)
celery = make_clock(settings.redis_url)
