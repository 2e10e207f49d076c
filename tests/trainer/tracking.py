"""What a training needs of MLflow, by its REST API: the library itself takes seconds to load."""

import json
import os
import time
import urllib.error
import urllib.request
from urllib.parse import quote

PATIENCE_SECONDS = 60


class Tracking:
    """One MLflow run, of which the server is at `uri`. A server that is away is asked again for a minute."""

    def __init__(self, uri: str, run_id: str):
        self.uri, self.run_id = uri.rstrip("/"), run_id

    def call(self, method: str, path: str, body: dict) -> dict:
        answer = self._send(method, f"api/2.0/mlflow/{path}", json.dumps(body).encode(), "application/json")
        return json.loads(answer or "{}")

    def log_params(self, values: dict) -> None:
        params = [{"key": key, "value": str(value)} for key, value in values.items()]
        self.call("POST", "runs/log-batch", {"run_id": self.run_id, "params": params})

    def log_metric(self, key: str, value: float) -> None:
        body = {"run_id": self.run_id, "key": key, "value": value, "timestamp": _now_ms()}
        self.call("POST", "runs/log-metric", body)

    def end(self, status: str) -> None:
        self.call("POST", "runs/update", {"run_id": self.run_id, "status": status, "end_time": _now_ms()})

    def log_model(self, name: str, files: dict[str, bytes]) -> str:
        """Logs a model of these files (by path) as MLflow 3 does, apart from its run; returns its URI."""
        run = self._get(f"runs/get?run_id={quote(self.run_id)}")["run"]["info"]
        made = {"experiment_id": run["experiment_id"], "name": name, "source_run_id": self.run_id}
        model = self.call("POST", "logged-models", made)["model"]["info"]
        folder = model["artifact_uri"].removeprefix("mlflow-artifacts:/")
        for path, content in files.items():
            where = quote(f"{folder}/{path}")
            self._send("PUT", f"api/2.0/mlflow-artifacts/artifacts/{where}", content, "application/octet-stream")
        ready = {"model_id": model["model_id"], "status": "LOGGED_MODEL_READY"}
        self.call("PATCH", f"logged-models/{model['model_id']}", ready)
        output = {"run_id": self.run_id, "models": [{"model_id": model["model_id"], "step": 0}]}
        self.call("POST", "runs/outputs", output)
        return f"models:/{model['model_id']}"

    def _get(self, path: str) -> dict:
        return json.loads(self._send("GET", f"api/2.0/mlflow/{path}"))

    def _send(self, method: str, path: str, body: bytes | None = None, content_type: str | None = None) -> bytes:
        headers = {"content-type": content_type} if content_type else {}
        request = urllib.request.Request(f"{self.uri}/{path}", data=body, method=method, headers=headers)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.read()
            except urllib.error.HTTPError as refused:
                if refused.code < 500 or time.monotonic() > deadline:
                    told = refused.read().decode(errors="replace")[:500]
                    raise SystemExit(f"MLflow answered {refused.code} to {method} {path}: {told}") from None
            except OSError as away:
                if time.monotonic() > deadline:
                    raise SystemExit(f"MLflow is not to be reached at {self.uri}: {away}") from None
            time.sleep(0.5)


def read_request() -> dict:
    with open(os.environ["WATCHTOWER_TRAINING_REQUEST"], encoding="utf-8") as file:
        return json.load(file)


def say(text: str) -> None:
    """A line of progress."""
    print(text, flush=True)


def _now_ms() -> int:
    return int(time.time() * 1000)
