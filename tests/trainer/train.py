"""The tests' trainer: the synthetic example's work on the same rows, without the libraries that take seconds to load.

It can be told to misbehave: TRAIN_SLEEP_SECONDS, or the hyperparameter `sleep_seconds` where no variable of the test's
reaches it, makes it slower, and TRAIN_GATE keeps it until the file of that name is there, with a line of progress every
0.2 s; TRAIN_FAIL is `exit` (ends with code 3), `no_model` (ends well and logs nothing) or `hang` (says nothing any more).
"""

import json
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow.parquet
from design import design
from tracking import Tracking, read_request, say

HERE = Path(__file__).resolve().parent
NUMERIC = ["x1", "x2", "x3", "x4"]
CATEGORICAL = ["colour"]
HALF_LIFE_DAYS = 14
RIDGE = 1.0
MODEL_FILES = ["design.py", "logistic_model.py"]

Rows = dict[str, np.ndarray]


def read_rows(request: dict) -> Rows:
    """The labelled rows, by column."""
    table = pyarrow.parquet.read_table(request["data_path"])
    table = table.filter(table[request["target"]].is_valid())
    return {name: table[name].to_numpy() for name in table.column_names}


def row_weights(rows: Rows, target: np.ndarray, request: dict) -> np.ndarray:
    """A row counts half for each half-life it is older than the newest, times its class's weight."""
    half_life = float(request["hyperparameters"].get("half_life_days", HALF_LIFE_DAYS))
    clock = rows[request["time_column"]]
    recency = 0.5 ** ((clock.max() - clock) / np.timedelta64(1, "D") / half_life)
    weights = request["class_weights"] or {}
    return recency * np.array([weights.get(str(label), 1.0) for label in target])


def fit(matrix: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Newton's method on the weighted log loss with a ridge on all but the constant, which is the last column."""
    ridge = np.diag([RIDGE] * (matrix.shape[1] - 1) + [0.0])
    coefficients = np.zeros(matrix.shape[1])
    for _ in range(25):
        probability = 1 / (1 + np.exp(-matrix @ coefficients))
        gradient = matrix.T @ (weights * (probability - target)) + ridge @ coefficients
        curvature = (matrix * (weights * probability * (1 - probability))[:, None]).T @ matrix + ridge
        step = np.linalg.solve(curvature, gradient)
        coefficients = coefficients - step
        if np.abs(step).max() < 1e-9:
            break
    return coefficients


def misbehave(request: dict) -> None:
    asked = request["hyperparameters"].get("sleep_seconds", os.environ.get("TRAIN_SLEEP_SECONDS", "0"))
    until = time.monotonic() + float(asked)
    while (left := until - time.monotonic()) > 0:
        say(f"training, {left:.1f} s to go")
        time.sleep(min(0.2, left))
    gate = os.environ.get("TRAIN_GATE")
    while gate is not None and not Path(gate).exists():
        say("training, until the gate is open")
        time.sleep(0.2)
    fault = os.environ.get("TRAIN_FAIL")
    if fault == "exit":
        say("failing, as TRAIN_FAIL=exit asks for")
        sys.exit(3)
    while fault == "hang":
        time.sleep(3600)


def train(request: dict, tracking: Tracking) -> None:
    window = request["data_window"]
    asked = {key: request[key] for key in ("strategy", "seed", "feature_subset", "class_weights")}
    tracking.log_params({
        **{key: json.dumps(value) for key, value in asked.items() if value is not None},
        **{"data_from": window["from"], "data_to": window["to"]},
        **request["hyperparameters"],
    })
    features = [name for name in [*NUMERIC, *CATEGORICAL] if name in (request["feature_subset"] or [name])]
    rows = read_rows(request)
    target = rows[request["target"]].astype(int)
    say(f"read {len(target):,} rows with {len(features)} features")
    misbehave(request)
    terms = [{"column": name, "level": None} for name in features if name in NUMERIC]
    for name in (name for name in features if name in CATEGORICAL):
        levels = sorted({level for level in rows[name] if level is not None})
        terms += [{"column": name, "level": level} for level in levels]
    coefficients = fit(design(rows, terms), target, row_weights(rows, target, request))
    tracking.log_metric("training_rows", len(target))
    if os.environ.get("TRAIN_FAIL") == "no_model":
        say("logging no model, as TRAIN_FAIL=no_model asks for")
        return
    fitted = {"terms": terms, "coefficients": coefficients.tolist()}
    say(f"logged the model as {tracking.log_model('model', model_files(fitted, features))}")


def model_files(fitted: dict, features: list[str]) -> dict[str, bytes]:
    """https://mlflow.org/docs/latest/ml/model/ describes the format; an MLmodel is YAML, which JSON is."""
    columns = [{"type": "string" if name in CATEGORICAL else "double", "name": name, "required": True} for name in features]
    function = {
        "loader_module": "logistic_model",
        "code": "code",
        "data": "fitted.json",
        "env": {"virtualenv": "python_env.yaml"},
        "python_version": platform.python_version(),
    }
    requirements = [f"{package}=={version(package)}" for package in ("mlflow", "numpy", "pandas")]
    environment = {"python": platform.python_version(), "dependencies": ["-r requirements.txt"]}
    description = {
        "flavors": {"python_function": function},
        "mlflow_version": version("mlflow"),
        "signature": {"inputs": json.dumps(columns)},
    }
    return {
        **{f"code/{name}": (HERE / name).read_bytes() for name in MODEL_FILES},
        "fitted.json": json.dumps(fitted).encode(),
        "requirements.txt": "\n".join(requirements).encode(),
        "python_env.yaml": json.dumps(environment).encode(),
        "MLmodel": json.dumps(description).encode(),
    }


def main() -> None:
    request = read_request()
    tracking = Tracking(os.environ["MLFLOW_TRACKING_URI"], os.environ["MLFLOW_RUN_ID"])
    try:
        train(request, tracking)
    except BaseException:
        tracking.end("FAILED")
        raise
    tracking.end("FINISHED")


if __name__ == "__main__":
    main()
