"""Makes a virtual environment for a model once: built aside, then renamed, so that it is whole or absent.

Run as `python build_environment.py job.json`, the job naming `folder` and `requirements`. A lock on a file
beside the folder keeps two builders apart; the system releases it when its holder dies. Lines on standard
output are progress.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import venv


def main(job_path):
    with open(job_path, encoding="utf-8") as file:
        job = json.load(file)
    die_with_parent()
    folder = job["folder"]
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="utf-8") as lock:
        wait_for(lock)
        if not os.path.isdir(folder):
            build(folder, job["requirements"])


def die_with_parent():
    """Standard input is a pipe the worker holds: when it closes, the worker is gone; so is this group."""

    def watch():
        while os.read(0, 1024):
            pass
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def wait_for(lock):
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another worker that builds this environment")
        fcntl.flock(lock, fcntl.LOCK_EX)


def build(folder, requirements):
    aside = f"{folder}.building"
    shutil.rmtree(aside, ignore_errors=True)
    say("making a virtual environment")
    venv.EnvBuilder(with_pip=True).create(aside)
    listed = f"{aside}/requirements.txt"
    with open(listed, "w", encoding="utf-8") as file:
        file.write("\n".join(requirements) + "\n")
    python = os.path.join(aside, "bin", "python")
    command = [python, "-m", "pip", "install", "--no-input", "--progress-bar=off", "--requirement", listed]
    installing = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    for line in installing.stdout:
        say(line.rstrip())
    if installing.wait() != 0:
        sys.exit(f"pip ended with status {installing.returncode}")
    os.rename(aside, folder)


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
