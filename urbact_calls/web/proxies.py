"""The instant of receipt, and what a proxy before the site says about who sent a request and when it arrived whole.

Nothing of what a proxy says is believed unless the settings say so: any visitor can send these headers. `PROXIES` names
the proxies, `PROXY_STAMPS` says that they stamp requests: a proxy that does not would pass on the stamp of a visitor.
Without one the server's own instant counts (`arrivals`), which it took before the request waited for anything.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from urbact_calls.web import arrivals

logger = logging.getLogger(__name__)

RECEIVED_HEADER = "X-Request-Start"
# No browser waits longer for an answer (Firefox and Chrome give up after 300 s): an instant that lies further back is
# the work of a clock that was set meanwhile.
LONGEST_WAIT = timedelta(minutes=5)
# Clocks of two machines that are kept by the same servers differ by less.
USUAL_SKEW = timedelta(seconds=1)


def register(app: Flask, proxies: int, *, stamps: bool = False) -> None:
    """Believes `proxies` proxies about address and scheme of the visitor, none if it is 0; and with `stamps` about the
    instant of receipt."""
    app.extensions["proxy_stamps"] = stamps
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]


def received_at(app: Flask, now: datetime) -> datetime:
    """When the request was whole: as the proxy stamped it (`t=` and seconds since 1970) where that is to be believed,
    else as the server noted it, else `now`.

    When many submit in the last minute, requests wait before the site sees them; that they did is nobody's fault.
    A stamp that lies ahead, or further back than a request can wait, is not believed: the next best one counts, and the
    log says so, because clocks that differ cost somebody the last second.
    """
    noted = request.environ.get(arrivals.ENVIRON)
    received = now if noted is None else _believed(datetime.fromtimestamp(noted, UTC), now, "this machine")
    if not app.extensions["proxy_stamps"]:
        return received
    given = re.fullmatch(r"t=([0-9]{1,10}(?:\.[0-9]{1,6})?)", request.headers.get(RECEIVED_HEADER, ""))
    if given is None:
        return received
    return _believed(datetime.fromtimestamp(float(given[1]), UTC), received, "the proxy")


def _believed(stamp: datetime, otherwise: datetime, clock: str) -> datetime:
    if otherwise - LONGEST_WAIT <= stamp <= otherwise:
        return stamp
    if not otherwise - LONGEST_WAIT <= stamp <= otherwise + USUAL_SKEW:
        off = (stamp - otherwise).total_seconds()
        logger.warning("the stamp of %s is not believed: it is %+.1f s off the clock of the site", clock, off)
    return otherwise
