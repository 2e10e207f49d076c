"""Retrains the flights example when Watchtower's trainer `airflow` asks for it.

`conf` of the DAG run is the training request (docs/reference/training.md). The training itself is the example's own
`train.py`, in a Python of its own, so that Airflow's packages and the training's never meet. Works with Airflow 2.x and 3.x.

On the workers: WATCHTOWER_EXAMPLE, the example's folder (with its data); WATCHTOWER_TRAIN_PYTHON, a Python that has
mlflow, scikit-learn and pyarrow; MLFLOW_TRACKING_USERNAME, _PASSWORD or _TOKEN where MLflow asks for them.
"""

import json
import os
import subprocess
import tempfile
import urllib.parse
import urllib.request
from base64 import b64encode
from datetime import datetime, timedelta
from pathlib import Path

try:
    from airflow.sdk import dag, get_current_context, task
except ImportError:  # Airflow 2.x
    from airflow.decorators import dag, task
    from airflow.operators.python import get_current_context

# Runs the training and holds on to the task by a pipe. Airflow 3 ends a task with SIGKILL, after a SIGTERM that Python
# code does not hear of: the pipe closes all the same, and then the training ends with all it started.
LEASH = """
import os, signal, subprocess, sys, threading

def end_with_the_task():
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)

job = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=end_with_the_task, daemon=True).start()
code = job.wait()
sys.exit(code if code >= 0 else 128 - code)
"""


def request_of_run() -> dict:
    conf = get_current_context()["dag_run"].conf or {}
    if not str(conf.get("training_id", "")).startswith("training-"):
        raise ValueError("conf is no training request: this DAG is started by Watchtower, not by hand")
    return conf


def mlflow_status(request: dict) -> str:
    query = urllib.parse.urlencode({"run_id": request["mlflow_run_id"]})
    asked = urllib.request.Request(f"{request['mlflow_tracking_uri'].rstrip('/')}/api/2.0/mlflow/runs/get?{query}")
    user, password = os.environ.get("MLFLOW_TRACKING_USERNAME"), os.environ.get("MLFLOW_TRACKING_PASSWORD")
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if user or password:
        asked.add_header("Authorization", "Basic " + b64encode(f"{user or ''}:{password or ''}".encode()).decode())
    elif token:
        asked.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)["run"]["info"]["status"]


@dag(
    dag_id=os.environ.get("RETRAIN_DAG_ID", "ml_retrain_pipeline"),
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    # A training that Watchtower no longer watches ends all the same.
    dagrun_timeout=timedelta(hours=2),
    # Watchtower counts attempts: a task that repeated itself would train twice under one of them.
    default_args={"retries": 0},
    tags=["watchtower"],
)
def ml_retrain_pipeline():
    @task
    def check() -> None:
        """A training that was stopped meanwhile has ended its MLflow run: then nothing is trained."""
        request = request_of_run()
        status = mlflow_status(request)
        if status not in ("RUNNING", "SCHEDULED"):
            raise RuntimeError(f"the MLflow run {request['mlflow_run_id']} is {status}: the training was given up")

    @task
    def train() -> None:
        request = request_of_run()
        folder = Path(os.environ["WATCHTOWER_EXAMPLE"])
        kept = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
        logins = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
        environment = {name: os.environ[name] for name in (*kept, *logins) if name in os.environ}
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "request.json"
            file.write_text(json.dumps(request), encoding="utf-8")
            environment |= {
                "WATCHTOWER_TRAINING_REQUEST": str(file),
                "MLFLOW_TRACKING_URI": request["mlflow_tracking_uri"],
                "MLFLOW_RUN_ID": request["mlflow_run_id"],
                "PYTHONUNBUFFERED": "1",
            }
            python = os.environ.get("WATCHTOWER_TRAIN_PYTHON", "python3")
            job = subprocess.Popen(
                [python, "-c", LEASH, python, "train.py"],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                # A training may print what is no text.
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            try:
                for line in job.stdout:
                    print(line, end="", flush=True)
                if job.wait() != 0:
                    raise RuntimeError(f"train.py exited with {job.returncode}")
            finally:
                job.stdin.close()
                job.wait()

    check() >> train()


ml_retrain_pipeline()
