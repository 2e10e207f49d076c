"""Scores in processes forked from this one, which has loaded MLflow, pandas and PyArrow: that takes longer than scoring.

Run as `python fork_server.py`. A line of standard input is an order, `{"id", "job", "directory", "environment"}`, or
`{"kill": id}`. A line of standard output is `{"id", "line"}`, what that process printed, or how it ended:
`{"id", "status" | "signal", "stderr"}`. Each process is what `python score.py job.json` would be: it has a process group,
a folder and an environment of its own, and standard input that closes when this server is gone. When the worker goes,
so does all of it.
"""

import gc
import json
import os
import selectors
import signal
import sys
import tempfile
import traceback
import types
from dataclasses import dataclass, field

import score
import scorer_process

STDERR_TAIL = 4096
LONGEST_LINE = 65_536
CHUNK = 65_536
# More than a pipe holds; a process that left its group may go on printing.
MOST_READS = 64
# What a model finds in `sys.modules` are its own modules, even where they are called like these.
OWN_MODULES = ("score", "scorer_process", "lazy_imports")


@dataclass
class Scoring:
    """A process at work. The files are descriptors: it lives as long as `life` is open; we read the others."""

    id: int
    pid: int
    life: int
    output: int
    errors: int
    printed: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)

    def files(self):
        return (self.life, self.output, self.errors)


class ForkServer:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.scorings = {}
        self.ordered = bytearray()
        self.ended, self.child_ended = os.pipe()

    def serve(self):
        os.set_blocking(self.ended, False)
        os.set_blocking(self.child_ended, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.child_ended, warn_on_full_buffer=False)
        self.selector.register(0, selectors.EVENT_READ, self.take_orders)
        self.selector.register(self.ended, selectors.EVENT_READ, self.bury)
        while True:
            ready = [key for key, _ in self.selector.select()]
            # Burying closes files, of which others may be ready as well.
            for key in sorted(ready, key=lambda each: each.fd == self.ended):
                key.data()

    def take_orders(self):
        told = os.read(0, CHUNK)
        if not told:
            for scoring in self.scorings.values():
                kill_group(scoring.pid)
            os._exit(0)
        self.ordered += told
        *lines, self.ordered = self.ordered.split(b"\n")
        for line in lines:
            order = json.loads(line)
            if "kill" not in order:
                self.start(order)
            elif order["kill"] in self.scorings:
                kill_group(self.scorings[order["kill"]].pid)

    def start(self, order):
        stdin, life = os.pipe()
        output, stdout = os.pipe()
        errors, stderr = os.pipe()
        pid = os.fork()
        if pid == 0:
            for file in (life, output, errors, self.ended, self.child_ended, self.selector.fileno()):
                os.close(file)
            # Who else holds its end of another's life keeps that alive.
            for scoring in self.scorings.values():
                for file in scoring.files():
                    os.close(file)
            become_scorer(order, (stdin, stdout, stderr))
        for file in (stdin, stdout, stderr):
            os.close(file)
        make_group(pid)
        scoring = Scoring(order["id"], pid, life, output, errors)
        self.scorings[scoring.id] = scoring
        for file, hear in ((output, self.hear_output), (errors, self.hear_errors)):
            os.set_blocking(file, False)
            self.selector.register(file, selectors.EVENT_READ, lambda hear=hear: hear(scoring))

    def hear_output(self, scoring):
        """Passes on what is there, a line at a time; returns it."""
        said = self.read(scoring.output)
        *lines, scoring.printed = (scoring.printed + said).split(b"\n")
        while len(scoring.printed) > LONGEST_LINE:
            lines.append(scoring.printed[:LONGEST_LINE])
            del scoring.printed[:LONGEST_LINE]
        for line in lines:
            tell(id=scoring.id, line=line.decode(errors="replace"))
        return said

    def hear_errors(self, scoring):
        said = self.read(scoring.errors)
        scoring.stderr = (scoring.stderr + said)[-STDERR_TAIL:]
        return said

    def read(self, file):
        try:
            said = os.read(file, CHUNK)
        except BlockingIOError:
            return b""
        if not said and file in self.selector.get_map():
            self.selector.unregister(file)
        return said

    def bury(self):
        """Tells how processes ended. What one left behind in its group is killed first, while the group is still its own."""
        os.read(self.ended, CHUNK)
        for scoring in list(self.scorings.values()):
            if os.waitid(os.P_PID, scoring.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            kill_group(scoring.pid)
            _, status = os.waitpid(scoring.pid, 0)
            for _ in range(MOST_READS):
                if not (self.hear_output(scoring) or self.hear_errors(scoring)):
                    break
            if scoring.printed:
                tell(id=scoring.id, line=scoring.printed.decode(errors="replace"))
            for file in scoring.files():
                if file in self.selector.get_map():
                    self.selector.unregister(file)
                os.close(file)
            del self.scorings[scoring.id]
            code = os.waitstatus_to_exitcode(status)
            how = {"status": code} if code >= 0 else {"signal": signal.Signals(-code).name}
            tell(id=scoring.id, **how, stderr=scoring.stderr.decode(errors="replace"))


def become_scorer(order, streams):
    """In the forked process; does not return."""
    status = 1
    try:
        make_group(0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, file in enumerate(streams):
            os.dup2(file, number)
            os.close(file)
        os.chdir(order["directory"])
        os.environ.clear()
        os.environ.update(order["environment"])
        tempfile.tempdir = None
        for name in OWN_MODULES:
            sys.modules.pop(name, None)
        # Processes that a model spawns load its main module again: that is not this program.
        sys.modules["__main__"] = types.ModuleType("__main__")
        sys.argv = ["score.py", order["job"]]
        scorer_process.run(score.main)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                pass
        os._exit(status)


def make_group(pid):
    """Called by parent and child: whichever is first."""
    try:
        os.setpgid(pid, pid)
    except OSError:
        pass


def kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def tell(**message):
    print(json.dumps(message), flush=True)


def preload():
    gc.disable()
    try:
        score.import_libraries()
    except Exception:
        # Told by the scoring that needs what is missing.
        pass
    # What is loaded stays: collecting garbage in it would copy its memory into every process.
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    preload()
    ForkServer().serve()
