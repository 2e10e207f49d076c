"""The least a training can be, by Python alone: the hyperparameter `sleep_seconds` of progress, then a model of two files.

With a network it logs them into its MLflow run; without, it leaves them in WATCHTOWER_OUTPUT_DIR. The metric `trained` is
logged once by each training that comes to its end.
"""

import json
import os
import time
from pathlib import Path

from tracking import Tracking, read_request, say

MODEL = {"weights.bin": b"weights", "MLmodel": json.dumps({"flavors": {}}).encode()}


def main() -> None:
    request = read_request()
    say("\0 is what a database may not keep")
    until = time.monotonic() + request["hyperparameters"].get("sleep_seconds", 0)
    while (left := until - time.monotonic()) > 0:
        say(f"training, {left:.1f} s to go")
        time.sleep(min(0.2, left))
    if output := os.environ.get("WATCHTOWER_OUTPUT_DIR"):
        leave(Path(output))
        return
    tracking = Tracking(os.environ["MLFLOW_TRACKING_URI"], request["mlflow_run_id"])
    tracking.log_metric("trained", 1)
    tracking.log_model("model", MODEL)
    tracking.end("FINISHED")


def leave(output: Path) -> None:
    (output / "metrics.json").write_text(json.dumps({"trained": 1}), encoding="utf-8")
    (output / "model").mkdir()
    for name, content in MODEL.items():
        (output / "model" / name).write_bytes(content)


if __name__ == "__main__":
    main()
