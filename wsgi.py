"""Composition root: settings, site, workers; the only file that imports both sides."""

from config import Settings
from urbact_calls.factory import create_app
from urbact_calls.web import logs
from workers.celery_app import make_celery
from workers.notify import BrokerNotifier

settings = Settings.from_environment()
logs.configure(settings.log_style)
app = create_app(settings, notifier=BrokerNotifier(settings.redis_url))
celery = make_celery(app)
