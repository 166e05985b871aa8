"""The settings of the program, read once from the environment; every problem is listed, then it stops."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import Literal
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ("demo", "test", "production")
# A socket path longer than this cannot be bound (sun_path of Linux is 108 bytes with its final zero).
LONGEST_SOCKET_PATH = 100
SHORTEST_SECRET = 32
PLACEHOLDER_CONTACT = "mailto:security@example.org"
PLACEHOLDER_OFFICE = "joint-secretariat@example.org"
# How many months somebody who left an organisation may count as one of its people.
LONGEST_INTEREST = 120


# With any other status gunicorn would start its worker again and again.
UNABLE_TO_START = 3


class SettingsError(Exception):
    """The environment does not describe a program that can run; `problems` says why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one process of the program needs to know about its surroundings."""

    app_env: str
    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    mail_url: str = field(default="mailbox:", repr=False)
    mail_sender: str = "URBACT calls <no-reply@example.org>"
    office_address: str = PLACEHOLDER_OFFICE
    public_url: str = "http://localhost:8000"
    upload_dir: Path = ROOT / "instance" / "uploads"
    scanner_url: str = ""
    instance_dir: Path = ROOT / "instance"
    https_only: bool = False
    security_contact: str = PLACEHOLDER_CONTACT
    metrics_token: str = field(default="", repr=False)
    metrics_shared: bool = False
    proxies: int = 0
    proxy_stamps: bool = False
    log_style: Literal["text", "json"] = "text"
    rate_limits: bool = True
    former_members_months: int = 24
    two_administrators: bool = False
    plays_demonstration: bool = False

    @property
    def is_demo(self) -> bool:
        return self.app_env == "demo"

    @property
    def shows_mailbox(self) -> bool:
        """Whether messages can be read on a page: in the demonstration and in tests, never in production."""
        return self.app_env != "production"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings that the environment describes. Raises SettingsError with all its problems."""
        values = dict(os.environ if environment is None else environment)
        problems: list[str] = []

        app_env = values.get("APP_ENV", "")
        if not app_env:
            # No default: a real site that forgot it would show everybody's messages and take a known password.
            problems.append(f"APP_ENV is not set; it must be one of {', '.join(ENVIRONMENTS)}.")
        elif app_env not in ENVIRONMENTS:
            problems.append(f"APP_ENV is “{app_env}”; it must be one of {', '.join(ENVIRONMENTS)}.")
        instance = Path(values.get("INSTANCE_DIR", str(ROOT / "instance"))).absolute()
        port = _port(values.get("PORT", "8000"), problems)
        secret_key = _secret_key(values.get("SECRET_KEY", ""), app_env, instance, problems)
        proxies, proxy_stamps = _proxies(values, problems)
        mail_url = _mail_url(values.get("MAIL_URL") or "mailbox:", problems)
        months = values.get("FORMER_MEMBERS_MONTHS", "24")
        if not (months.isascii() and months.isdigit() and int(months) <= LONGEST_INTEREST):
            problems.append(f"FORMER_MEMBERS_MONTHS is “{months}”; it must be a number from 0 to {LONGEST_INTEREST}.")
        two = values.get("TWO_ADMINISTRATORS") or ("1" if app_env == "production" else "0")
        if two not in ("0", "1"):
            problems.append(f"TWO_ADMINISTRATORS is “{two}”; it must be 1 or 0.")
        if app_env == "production":
            problems += [f"{name} must be set in production." for name in _NEEDED if not values.get(name)]
            problems += _unsafe(values)
        log_style = values.get("LOG_STYLE") or ("json" if app_env == "production" else "text")
        if log_style not in ("text", "json"):
            problems.append(f"LOG_STYLE is “{log_style}”; it must be text or json.")
        security_contact = _security_contact(values.get("SECURITY_CONTACT", ""), app_env, problems)
        office_address = _office_address(values.get("OFFICE_ADDRESS") or PLACEHOLDER_OFFICE, problems)
        scanner_url = _scanner_url(values.get("SCANNER_URL", ""), problems)
        if problems:
            raise SettingsError(problems)
        hosts = values.get("TRUSTED_HOSTS", "localhost,127.0.0.1,[::1]")
        return cls(
            app_env=app_env,
            secret_key=secret_key,
            database_url=_database_url(values.get("DATABASE_URL", ""), instance),
            redis_url=values.get("REDIS_URL") or embedded_broker_url(instance),
            host=values.get("HOST", "127.0.0.1"),
            port=port,
            trusted_hosts=tuple(host.strip() for host in hosts.split(",") if host.strip()),
            mail_url=mail_url,
            mail_sender=values.get("MAIL_SENDER", "URBACT calls <no-reply@example.org>"),
            office_address=office_address,
            public_url=values.get("PUBLIC_URL", f"http://localhost:{port}").rstrip("/"),
            upload_dir=Path(values.get("UPLOAD_DIR", str(instance / "uploads"))).absolute(),
            scanner_url=scanner_url,
            instance_dir=instance,
            https_only=app_env == "production",
            security_contact=security_contact,
            metrics_token=values.get("METRICS_TOKEN", ""),
            # The library of the metrics reads the folder itself.
            metrics_shared=bool(values.get("PROMETHEUS_MULTIPROC_DIR")),
            proxies=proxies,
            proxy_stamps=proxy_stamps,
            former_members_months=int(months),
            two_administrators=two == "1",
            plays_demonstration=app_env == "demo" and values.get("PLAY_DEMONSTRATION") == "1",
            log_style="json" if log_style == "json" else "text",
        )


_NEEDED = ("DATABASE_URL", "REDIS_URL", "TRUSTED_HOSTS", "MAIL_URL", "OFFICE_ADDRESS", "PUBLIC_URL", "PROXIES")


def _unsafe(values: Mapping[str, str]) -> Iterator[str]:
    """What is set in a way that a real site cannot be run with; what is not set is named by `_NEEDED`."""
    public_url, mail_url, hosts = values.get("PUBLIC_URL"), values.get("MAIL_URL"), values.get("TRUSTED_HOSTS")
    if public_url and not (urlsplit(public_url).scheme == "https" and urlsplit(public_url).hostname):
        yield f"PUBLIC_URL is “{public_url}”; in production it must begin with https:// and name a host."
    if mail_url and urlsplit(mail_url).scheme == "mailbox":
        yield "MAIL_URL is a mailbox on the site; in production it must be a mail server: smtp://..."
    if hosts and ("*" in hosts or not hosts.strip(" ,")):
        yield f"TRUSTED_HOSTS is “{hosts}”; in production it must name each host under which the site answers."


def settings_or_end() -> Settings:
    """The settings of this process; ends it with a sentence for each of them that is missing or wrong."""
    try:
        return Settings.from_environment()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(UNABLE_TO_START)


def embedded_socket(instance: Path) -> Path:
    """Where the bundled broker listens when no REDIS_URL is given."""
    wanted = instance / "valkey.sock"
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_PATH:
        return wanted
    return Path(gettempdir()) / f"urbact-{os.getuid()}-{hash_of(instance):x}" / "valkey.sock"


def hash_of(path: Path) -> int:
    """A number that stays the same between processes (the built-in `hash` of a string does not)."""
    return int.from_bytes(sha256(os.fsencode(path)).digest()[:8], "big")


def embedded_broker_url(instance: Path) -> str:
    return f"redis+socket://{embedded_socket(instance)}?virtual_host=0"


def _database_url(given: str, instance: Path) -> str:
    if not given:
        return f"sqlite:///{instance / 'urbact.sqlite'}"
    # SQLAlchemy wants the driver named; what hosting services hand out does not name it.
    for prefix in ("postgres://", "postgresql://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + given.removeprefix(prefix)
    return given


def _proxies(values: Mapping[str, str], problems: list[str]) -> tuple[int, bool]:
    """How many proxies stand before the site, and whether they stamp what they pass on."""
    number, stamps = values.get("PROXIES") or "0", values.get("PROXY_STAMPS") or "0"
    if number not in ("0", "1", "2", "3"):
        problems.append(f"PROXIES is “{number}”; it must be the number of proxies before the site, from 0 to 3.")
        return 0, False
    if stamps not in ("0", "1"):
        problems.append(f"PROXY_STAMPS is “{stamps}”; it must be 1 if the proxy stamps X-Request-Start, else 0.")
    elif stamps == "1" and number == "0":
        problems.append("PROXY_STAMPS is 1 but PROXIES is 0: any visitor could say when a request came.")
    return int(number), stamps == "1"


def _mail_url(given: str, problems: list[str]) -> str:
    # Not quoted: it can hold a password.
    parts = urlsplit(given)
    if parts.scheme != "mailbox" and not (parts.scheme in ("smtp", "smtps") and parts.hostname):
        problems.append("MAIL_URL must be smtp://host, smtps://host or mailbox:.")
    return given


def _office_address(given: str, problems: list[str]) -> str:
    # It stands in links and in the head of every message.
    if not re.fullmatch(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+", given):
        problems.append(f"OFFICE_ADDRESS is “{given}”; it must be one e-mail address, without a name.")
    return given


def _scanner_url(given: str, problems: list[str]) -> str:
    if given and not given.startswith(("tcp://", "unix:/")):
        problems.append("SCANNER_URL must be tcp://host:port or unix:/path of the socket of clamd, or empty.")
    return given


def _port(given: str, problems: list[str]) -> int:
    if given.isascii() and given.isdigit() and 0 < int(given) < 65536:
        return int(given)
    problems.append(f"PORT is “{given}”; it must be a number from 1 to 65535.")
    return 0


def _security_contact(given: str, app_env: str, problems: list[str]) -> str:
    """Where to report a weakness, as RFC 9116 wants it; empty if a real site names nobody."""
    if given and not given.startswith(("mailto:", "https://", "tel:")):
        problems.append(f"SECURITY_CONTACT is “{given}”; it must begin with mailto:, https:// or tel:.")
    return given or ("" if app_env == "production" else PLACEHOLDER_CONTACT)


def _secret_key(given: str, app_env: str, instance: Path, problems: list[str]) -> str:
    """The secret: from the environment, else made once and kept in a file that only its owner reads."""
    if given:
        if app_env == "production" and len(given) < SHORTEST_SECRET:
            problems.append(f"SECRET_KEY is too short; it needs at least {SHORTEST_SECRET} characters.")
        return given
    if app_env == "production":
        problems.append("SECRET_KEY must be set in production.")
        return ""
    kept = instance / "secret_key"
    if kept.exists():
        return kept.read_text().strip()
    # A command that only reads (an examination of a dossier) must work on a read-only checkout: the key is
    # then good for this process. `run.sh` calls `keep_secret` before it starts anything.
    return secrets.token_urlsafe(48)


def keep_secret(instance: Path) -> None:
    """Makes `instance/` and its secret once, readable by their owner only."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = instance / "secret_key"
    if not kept.exists():
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
