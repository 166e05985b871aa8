"""Proxy headers: what a proxy before the site says about who sent a request, and when it arrived whole.

Nothing of it is believed unless the settings say so: any visitor can send these headers. `PROXIES` names the proxies,
`PROXY_STAMPS` says that they stamp requests: a proxy that does not would pass on the stamp of a visitor.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

RECEIVED_HEADER = "X-Request-Start"
# A request does not wait longer than this between the proxy and the site.
LONGEST_WAIT = timedelta(minutes=2)


def register(app: Flask, proxies: int, *, stamps: bool = False) -> None:
    """Believes `proxies` proxies about address and scheme of the visitor, none if it is 0; and with `stamps` about the
    instant of receipt."""
    app.extensions["proxy_stamps"] = stamps
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]


def received_at(app: Flask, now: datetime) -> datetime:
    """When the request arrived: as the proxy stamped it (`t=` and seconds since 1970), else `now`.

    When many submit in the last minute, requests wait before the site sees them; that they did is nobody's fault.
    A stamp that lies ahead, or further back than a request can wait, is not believed.
    """
    if not app.extensions["proxy_stamps"]:
        return now
    given = re.fullmatch(r"t=([0-9]{1,10}(?:\.[0-9]{1,6})?)", request.headers.get(RECEIVED_HEADER, ""))
    if given is None:
        return now
    stamped = datetime.fromtimestamp(float(given[1]), UTC)
    return stamped if now - LONGEST_WAIT <= stamped <= now else now
