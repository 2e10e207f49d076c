"""Makes a virtual environment for a model once: built aside, then renamed, so that it is whole or absent.

The job names `folder` and `requirements`. A lock on a file beside the folder keeps two builders apart; the system
releases it when its holder dies.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import venv

from scorer_process import run, say


def main(job):
    folder = job["folder"]
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="utf-8") as lock:
        wait_for(lock)
        if not os.path.isdir(folder):
            build(folder, job["requirements"])


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


if __name__ == "__main__":
    run(main)
