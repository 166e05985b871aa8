"""What the environment must say before anything starts: what it does not, or says unsafely, is one sentence each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT, Settings, SettingsError

PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "a secret that only this test knows, long enough",
    "DATABASE_URL": "postgresql://db.example.org/calls",
    "REDIS_URL": "redis://broker.example.org",
    "TRUSTED_HOSTS": "calls.example.org",
    "PUBLIC_URL": "https://calls.example.org",
    "MAIL_URL": "smtp://mail.example.org:587?starttls=1",
    "OFFICE_ADDRESS": "office@example.org",
    "PROXIES": "1",
}
NOT_SET = "APP_ENV is not set; it must be one of demo, test, production."
STARTS = {
    "supervisor": ("-m", "scripts.serve"),
    "site": ("-m", "gunicorn", "--no-control-socket", "--bind", "127.0.0.1:0", "--workers", "1", "wsgi:app"),
    "worker": ("-m", "celery", "--app", "wsgi:celery", "worker"),
    "beat": ("-m", "celery", "--app", "workers.beat", "beat"),
    "command": ("-m", "flask", "--app", "wsgi", "user", "create", "anna@example.org", "--name", "Anna"),
    "migration": ("-m", "flask", "--app", "wsgi", "db", "upgrade"),
}


def problems(**environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environment)
    return caught.value.problems


def start(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**kept, "HOME": str(folder), "INSTANCE_DIR": str(folder / "instance"), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", STARTS)
def test_nothing_starts_that_does_not_say_what_it_is(tmp_path: Path, name: str):
    ended = start(tmp_path, *STARTS[name])

    assert ended.returncode != 0
    assert NOT_SET in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "instance").exists()


@pytest.mark.slow
def test_examining_dossiers_needs_no_environment_not_even_a_right_one(tmp_path: Path):
    words = ("-m", "flask", "--app", "wsgi", "dossier", "examine", "tests/exchange/dossiers.json")

    plain, strange = start(tmp_path, *words), start(tmp_path, *words, APP_ENV="staging", PORT="none")

    assert (plain.returncode, plain.stderr) == (0, "")
    assert strange.stdout == plain.stdout != ""


def test_the_script_that_starts_the_demonstration_says_so():
    script = (ROOT / "run.sh").read_text().replace('exec .venv/bin/python -m scripts.serve "$@"', 'echo "$APP_ENV"')
    script = script.replace(". scripts/setup.sh", "need() { :; }; venv() { :; }; RUNTIME_PACKAGES=")

    def said(**environment: str) -> str:
        return subprocess.run(
            ["sh", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    assert said() == "demo"
    assert said(APP_ENV="production") == "production"


def test_a_real_site_starts_with_all_that_it_needs():
    settings = Settings.from_environment(PRODUCTION)

    assert (settings.proxies, settings.proxy_stamps, settings.https_only) == (1, False, True)


def test_all_that_a_real_site_misses_is_named_at_once():
    needed = [name for name in PRODUCTION if name != "APP_ENV"]

    assert sorted(problems(APP_ENV="production")) == sorted(f"{name} must be set in production." for name in needed)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is too short; it needs at least 32 characters."),
        ("PROXIES", "", "PROXIES must be set in production."),
        ("PROXIES", "many", "PROXIES is “many”; it must be the number of proxies before the site, from 0 to 3."),
        (
            "PUBLIC_URL",
            "http://calls.example.org",
            "PUBLIC_URL is “http://calls.example.org”; in production it must begin with https:// and name a host.",
        ),
        (
            "PUBLIC_URL",
            "https://",
            "PUBLIC_URL is “https://”; in production it must begin with https:// and name a host.",
        ),
        (
            "MAIL_URL",
            "mailbox:",
            "MAIL_URL is a mailbox on the site; in production it must be a mail server: smtp://...",
        ),
        (
            "TRUSTED_HOSTS",
            "*",
            "TRUSTED_HOSTS is “*”; in production it must name each host under which the site answers.",
        ),
        (
            "TRUSTED_HOSTS",
            "calls.example.org, *.example.org",
            "TRUSTED_HOSTS is “calls.example.org, *.example.org”; "
            "in production it must name each host under which the site answers.",
        ),
        (
            "TRUSTED_HOSTS",
            " , ",
            "TRUSTED_HOSTS is “ , ”; in production it must name each host under which the site answers.",
        ),
    ],
)
def test_what_is_unsafe_stops_a_real_site_with_one_sentence(name: str, value: str, sentence: str):
    assert problems(**{**PRODUCTION, name: value}) == [sentence]


@pytest.mark.parametrize("app_env", ["demo", "test"])
def test_a_demonstration_needs_nothing_but_its_name(app_env: str, tmp_path: Path):
    settings = Settings.from_environment({"APP_ENV": app_env, "INSTANCE_DIR": str(tmp_path)})

    assert (settings.app_env, settings.proxies, settings.mail_url) == (app_env, 0, "mailbox:")


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, NOT_SET),
        ({"APP_ENV": ""}, NOT_SET),
        ({"APP_ENV": "staging"}, "APP_ENV is “staging”; it must be one of demo, test, production."),
        (
            {"APP_ENV": "test", "PROXY_STAMPS": "yes"},
            "PROXY_STAMPS is “yes”; it must be 1 if the proxy stamps X-Request-Start, else 0.",
        ),
        ({"APP_ENV": "test", "MAIL_URL": "imap://mail"}, "MAIL_URL must be smtp://host, smtps://host or mailbox:."),
        (
            {"APP_ENV": "test", "OFFICE_ADDRESS": "Office <office@example.org>"},
            "OFFICE_ADDRESS is “Office <office@example.org>”; it must be one e-mail address, without a name.",
        ),
        (
            {"APP_ENV": "test", "OFFICE_ADDRESS": "office@example.org\nBcc: all@example.org"},
            "OFFICE_ADDRESS is “office@example.org\nBcc: all@example.org”; "
            "it must be one e-mail address, without a name.",
        ),
        ({"APP_ENV": "test", "MAIL_URL": "smtp:"}, "MAIL_URL must be smtp://host, smtps://host or mailbox:."),
        (
            {"APP_ENV": "test", "PROXY_STAMPS": "1"},
            "PROXY_STAMPS is 1 but PROXIES is 0: any visitor could say when a request came.",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_named(environment: dict[str, str], sentence: str):
    assert problems(**environment) == [sentence]
