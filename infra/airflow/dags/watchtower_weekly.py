"""Starts a Watchtower run every Monday at six, for teams whose clock is Airflow's.

WATCHTOWER_URL and WATCHTOWER_API_KEY (scope `run`) in the workers' environment; WATCHTOWER_MODEL, default `flights`. A
model whose definition has a `schedule` of its own needs no such DAG.
"""

import json
import os
import urllib.request
from datetime import datetime, timedelta

try:
    from airflow.sdk import dag, get_current_context, task
except ImportError:  # Airflow 2.x
    from airflow.decorators import dag, task
    from airflow.operators.python import get_current_context


@dag(
    dag_id="watchtower_weekly",
    schedule="0 6 * * 1",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    default_args={"retries": 5, "retry_delay": timedelta(minutes=1)},
    tags=["watchtower"],
)
def watchtower_weekly():
    @task
    def start() -> str:
        """Returns the run's id. Repeated, it is the same run: the key is that of the DAG run."""
        run_id = get_current_context()["dag_run"].run_id
        asked = urllib.request.Request(
            os.environ["WATCHTOWER_URL"].rstrip("/") + "/api/v1/pipeline/run",
            data=json.dumps(
                {"model": os.environ.get("WATCHTOWER_MODEL", "flights"), "trigger_source": "airflow"}
            ).encode(),
            headers={
                "Content-Type": "application/json",
                "X-API-Key": os.environ["WATCHTOWER_API_KEY"],
                "Idempotency-Key": f"airflow-{run_id}"[:200],
            },
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)["run_id"]

    start()


watchtower_weekly()
