"""What the scorer's programs share: how one reads its job, keeps to its limits, and says how it ended.

Each is run as `python <program>.py job.json`. Lines on standard output are progress for people. It ends with status 0
when its work is done, 2 when model or rows are unusable, 3 when MLflow did not hand out the model; the reason is on
standard error.
"""

import json
import os
import signal
import sys
import threading


class Unusable(Exception):
    """The model or the rows are not what the definition says; the text says what to do."""


class Unreachable(Exception):
    """MLflow did not hand out the model: trying again may help."""


def run(main):
    die_with_parent()
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            main(json.load(file))
    except Unusable as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except Unreachable as error:
        print(error, file=sys.stderr)
        sys.exit(3)


def die_with_parent():
    """Standard input is a pipe the worker holds: when it closes, the worker is gone; so is this group."""

    def watch():
        while os.read(0, 1024):
            pass
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def limit_memory(size):
    """Bytes this process may have, where the platform can say so; and no core file, which would hold the rows."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    except (ImportError, ValueError, OSError):
        say("this platform has no memory limit for processes; going on without one")


def say(line):
    print(line, flush=True)
