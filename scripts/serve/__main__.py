"""Supervisor: starts everything the program needs on one machine and watches it: broker, site, worker, beat.

The site starts first and alone, because people wait for it; worker and beat follow when the database is up to date.
A process that dies is started again. SIGINT, SIGTERM or SIGHUP end all of them. With --watch, site, worker and beat
start again whenever code or a template has changed.
"""

from __future__ import annotations

import argparse
import errno
import fcntl
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

from config import ROOT, Settings, SettingsError, embedded_broker_url, embedded_socket, keep_secret
from scripts.serve import broker
from scripts.serve.processes import Child
from scripts.serve.watched_files import WatchedFiles

# How long the parts may take to finish what they have in hand, before they are killed.
PATIENCE = 10.0
BROKER_PATIENCE = 5.0
# How often the socket of the broker, and with --watch the files, are looked at.
LOOK_EVERY = 1.0
# What the lock of an instance says of its program, after the number of the supervisor's process.
ENDING = b"ending"


class StartError(Exception):
    """The program cannot start here; the message says why."""


class Supervisor:
    """Keeps the processes of one `instance/` alive until a signal ends them all."""

    def __init__(self, settings: Settings, listening: socket.socket, lock: int, watched: WatchedFiles | None) -> None:
        self.began_at = time.monotonic()
        self.settings = settings
        self.is_ready = False
        self.signals = _signal_pipe()
        self.lock = lock
        self.watched = watched
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
        return Child(
            name="broker",
            command=broker.command(where, folder),
            pass_fds=(self.lock,),
            prepare=lambda: broker.prepare(where, folder),
        )

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
            heard, _, _ = select.select(waiting_for, [], [], self._next_look())
            if self.signals in heard and _ending(os.read(self.signals, 64)):
                return 0
            if self.notice in heard:
                waiting_for.remove(self.notice)
                if not self._hear_site():
                    say("The site could not start; see the messages above.")
                    return 1
            self._look_for_socket()
            self._look_for_changes()
            self._start_again()

    def _next_look(self) -> float | None:
        """Seconds until a dead process is due or something is looked at; None if only a signal can bring news."""
        due = [max(0.0, child.start_again_at - time.monotonic()) for child in self.children if child.process is None]
        if self.broker or self.watched:
            due.append(LOOK_EVERY)
        return min(due, default=None)

    def _look_for_socket(self) -> None:
        """Starts the broker again when somebody removed its socket: it lives, but nobody can reach it any more."""
        if self.broker is None or not self.broker.works_for(BROKER_PATIENCE):
            return
        if not embedded_socket(self.settings.instance_dir).exists():
            say("The socket of the broker has gone.")
            self.broker.ask_to_end()

    def _look_for_changes(self) -> None:
        """Starts site, worker and beat again after a change of code or templates, at once also what had died of it."""
        if self.watched is None or not self.is_ready or not (changed := self.watched.changes()):
            return
        say(f"Changed: {', '.join(changed)}. Starting again.")
        for child in (self.site, *self.workers):
            child.ask_to_end_and_start()

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
                try:
                    child.start()
                except (broker.BrokerError, OSError) as problem:
                    child.postpone()
                    say(f"The {child.name} cannot start ({problem}); the next try is in {child.pause:.0f} s.")

    def _end(self) -> None:
        """Ends everything: first what uses the broker, then the broker, so that no work is cut off without need."""
        _note(self.lock, ENDING)
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
    """The descriptor of the lock that one running program holds on its `instance/`.

    While the parts of the last run still end, this waits for them. Raises StartError at once for one that goes on.
    """
    lock = os.open(instance / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + PATIENCE + BROKER_PATIENCE
    is_said = False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if (running := _running(os.pread(lock, 64, 0))) is not None or time.monotonic() > until:
                which = "" if running is None else f" (process {running})"
                raise StartError(
                    f"The program already runs on {instance}{which}. End it first, or set INSTANCE_DIR and PORT to "
                    "start another one beside it."
                ) from None
            if not is_said:
                say(f"The last run on {instance} still ends; this start waits for it.")
                is_said = True
            time.sleep(0.1)
        else:
            _note(lock, str(os.getpid()).encode())
            return lock


def _note(lock: int, words: bytes) -> None:
    """Writes into the lock who holds it, for the next start that finds it held."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, words, 0)


def _running(noted: bytes) -> int | None:
    """The supervisor that a lock names, while it lives and is not ending."""
    if not noted.isdigit() or not Path("/proc", noted.decode()).exists():
        return None
    return int(noted)


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


def _instance(settings: Settings) -> int:
    """The lock of an `instance/` that is there, private and writable. Raises StartError where it cannot be."""
    instance = settings.instance_dir
    try:
        keep_secret(instance)
        settings.upload_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (instance, settings.upload_dir):
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        return _lock(instance)
    except OSError as problem:
        raise StartError(
            f"Cannot write to {problem.filename or instance} ({problem.strerror}). Make the folder writable for the "
            "account that runs this program, or set INSTANCE_DIR and UPLOAD_DIR to other folders."
        ) from problem


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run.sh")
    parser.add_argument("--watch", action="store_true", help="start again when code or a template has changed")
    arguments = parser.parse_args()
    os.umask(0o077)
    try:
        settings = Settings.from_environment()
        lock = _instance(settings)
        listening = _listen(settings.host, settings.port)
        watched = WatchedFiles(ROOT) if arguments.watch else None
        return Supervisor(settings, listening, lock, watched).run()
    except (SettingsError, StartError, broker.BrokerError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
