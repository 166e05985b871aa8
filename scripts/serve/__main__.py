"""Supervisor: starts everything the program needs on one machine and watches it: broker, site, worker, beat.

The site starts first and alone, because people wait for it; worker and beat follow when the database is up to date.
A process that dies is started again. SIGINT, SIGTERM or SIGHUP end all of them.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

from config import Settings, SettingsError, embedded_broker_url, embedded_socket, keep_secret
from scripts.serve import broker
from scripts.serve.processes import Child

# How long the parts may take to finish what they have in hand, before they are killed.
PATIENCE = 10.0
BROKER_PATIENCE = 5.0


class StartError(Exception):
    """The program cannot start here; the message says why."""


class Supervisor:
    """Keeps the processes of one `instance/` alive until a signal ends them all."""

    def __init__(self, settings: Settings, listening: socket.socket, lock: int) -> None:
        self.began_at = time.monotonic()
        self.settings = settings
        self.is_ready = False
        self.signals = _signal_pipe()
        self.lock = lock
        self.listening = listening
        self.notice, self.notice_of_site = os.pipe()
        self.broker = self._broker()
        self.site = self._site("--notice", self.notice_of_site)
        self.workers = [
            Child(name=name, command=_python(f"scripts.serve.{name}"), pass_fds=(lock,)) for name in ("worker", "beat")
        ]

    # Every child inherits the lock of the instance: the next start waits until the last of them has gone.

    def _site(self, *notice: str | int) -> Child:
        command = _python("scripts.serve.site", "--listening", self.listening.fileno(), *notice)
        descriptors = (self.lock, self.listening.fileno(), *(word for word in notice if isinstance(word, int)))
        return Child(name="site", command=command, pass_fds=descriptors)

    def _broker(self) -> Child | None:
        if self.settings.redis_url != embedded_broker_url(self.settings.instance_dir):
            return None
        where = embedded_socket(self.settings.instance_dir)
        folder = self.settings.instance_dir / "valkey"
        broker.prepare(where, folder)
        return Child(name="broker", command=broker.command(where, folder), pass_fds=(self.lock,))

    @property
    def children(self) -> list[Child]:
        started = [self.site, *self.workers] if self.is_ready else [self.site]
        return [self.broker, *started] if self.broker else started

    def run(self) -> int:
        """Works until a signal comes; answers the exit status."""
        try:
            for child in self.children:
                child.start()
            # The site alone holds the writing end now, so its death ends the waiting for its notice.
            os.close(self.notice_of_site)
            return self._watch()
        finally:
            self._end()

    def _watch(self) -> int:
        waiting_for: list[int] = [self.signals, self.notice]
        while True:
            heard, _, _ = select.select(waiting_for, [], [], self._next_start())
            if self.signals in heard and _ending(os.read(self.signals, 64)):
                return 0
            if self.notice in heard:
                waiting_for.remove(self.notice)
                if not self._hear_site():
                    say("The site could not start; see the messages above.")
                    return 1
            self._start_again()

    def _next_start(self) -> float | None:
        """Seconds until a dead process is due, None if all live."""
        dead = [child.start_again_at for child in self.children if child.process is None]
        return max(0.0, min(dead) - time.monotonic()) if dead else None

    def _hear_site(self) -> bool:
        """Reads the notice of the site; False if it ended without one."""
        with os.fdopen(self.notice) as notice:
            text = notice.read()
        if not text:
            return False

        say(f"{text}\n\nReady after {time.monotonic() - self.began_at:.1f} s. Ctrl-C ends everything.")
        self.site.command, self.site.pass_fds = self._site().command, self._site().pass_fds
        self.is_ready = True
        for child in self.workers:
            child.start()
        return True

    def _start_again(self) -> None:
        for child in self.children:
            status = child.has_died()
            if status is not None:
                say(f"The {child.name} stopped ({_meaning(status)}); it starts again in {child.pause:.0f} s.")
            if child.is_due():
                child.start()

    def _end(self) -> None:
        """Ends everything: first what uses the broker, then the broker, so that no work is cut off without need."""
        users = [child for child in self.children if child is not self.broker]
        self._end_all(users, PATIENCE)
        if self.broker:
            self._end_all([self.broker], BROKER_PATIENCE)
            broker.clean(embedded_socket(self.settings.instance_dir), self.settings.instance_dir)

    def _end_all(self, children: list[Child], patience: float) -> None:
        for child in children:
            child.ask_to_end()
        until = time.monotonic() + patience
        while time.monotonic() < until and not all(child.has_ended() for child in children):
            heard, _, _ = select.select([self.signals], [], [], 0.05)
            # Whoever presses Ctrl-C twice does not want to wait.
            if heard and _ending(os.read(self.signals, 64)):
                break
        for child in children:
            child.end_now()


def say(text: str) -> None:
    print(text, flush=True)


def _python(module: str, *arguments: str | int) -> list[str]:
    return [sys.executable, "-m", module, *map(str, arguments)]


def _signal_pipe() -> int:
    """A descriptor that can be read when a signal came, one byte for each; so that waiting costs no time at all."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # `nohup` has asked that the end of the terminal changes nothing.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    return reader


def _ending(signals: bytes) -> bool:
    return any(number in signals for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))


def _meaning(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def _lock(instance: Path) -> int:
    """The descriptor of the lock that one running program holds on its `instance/`."""
    lock = os.open(instance / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + PATIENCE + BROKER_PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise StartError(f"The program already runs on {instance}; end it first.") from None
            time.sleep(0.1)
        else:
            return lock


def _listen(host: str, port: int) -> socket.socket:
    """The socket of the site. It belongs to the supervisor: while a site restarts, its visitors wait in the queue."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except OSError as error:
        raise StartError(f"Cannot listen on {host}:{port} ({error.strerror}); set PORT to a free port.") from None
    return listening


def main() -> int:
    os.umask(0o077)
    try:
        settings = Settings.from_environment()
        keep_secret(settings.instance_dir)
        lock = _lock(settings.instance_dir)
        listening = _listen(settings.host, settings.port)
        return Supervisor(settings, listening, lock).run()
    except (SettingsError, StartError, broker.BrokerError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
