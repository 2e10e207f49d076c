"""The tests' trainer: the example's work on the same rows, by NumPy alone, whose libraries load in half the time.

    python train.py                          a retraining, as Watchtower asks for it
    python train.py --seed rows.parquet NAME the first champion, registered as NAME

It can be told to misbehave: TRAIN_SLEEP_SECONDS makes it slower, with a line of progress every 0.2 s; TRAIN_FAIL is
`exit` (ends with code 3), `no_model` (ends well and logs nothing) or `hang` (says nothing any more).
"""

import json
import os
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent.parent / "examples"))

from watchtower_training import (  # noqa: E402
    chosen_class_weights,
    chosen_features,
    first_request,
    read_request,
    say,
    seed_champion,
    training_run,
)

import mlflow  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from mlflow.models import ModelSignature  # noqa: E402
from mlflow.types import ColSpec, DataType, Schema  # noqa: E402
from model import design  # noqa: E402

NUMERIC = ["x1", "x2", "x3", "x4"]
CATEGORICAL = ["colour"]
HALF_LIFE_DAYS = 14
RIDGE = 1.0


def row_weights(rows: pd.DataFrame, target: pd.Series, request: dict) -> np.ndarray:
    """A row counts half for each half-life it is older than the newest, times its class's weight."""
    half_life = float(request["hyperparameters"].get("half_life_days", HALF_LIFE_DAYS))
    clock = rows[request["time_column"]]
    recency = 0.5 ** ((clock.max() - clock).dt.total_seconds().to_numpy() / 86_400 / half_life)
    weights = chosen_class_weights(request) or {}
    return recency * np.array([weights.get(label, 1.0) for label in target])


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


def misbehave() -> None:
    until = time.monotonic() + float(os.environ.get("TRAIN_SLEEP_SECONDS", "0"))
    while (left := until - time.monotonic()) > 0:
        say(f"training, {left:.1f} s to go")
        time.sleep(min(0.2, left))
    fault = os.environ.get("TRAIN_FAIL")
    if fault == "exit":
        say("failing, as TRAIN_FAIL=exit asks for")
        sys.exit(3)
    while fault == "hang":
        time.sleep(3600)


def train(request: dict) -> str:
    """Returns the URI of the logged model; an empty one where TRAIN_FAIL asks for no model."""
    with training_run(request):
        features = chosen_features(request, [*NUMERIC, *CATEGORICAL])
        rows = pd.read_parquet(request["data_path"])
        rows = rows[rows[request["target"]].notna()]
        say(f"read {len(rows):,} rows with {len(features)} features")
        misbehave()
        target = rows[request["target"]].astype(int)
        terms = [{"column": name, "level": None} for name in features if name in NUMERIC]
        for name in (name for name in features if name in CATEGORICAL):
            terms += [{"column": name, "level": level} for level in sorted(rows[name].dropna().unique())]
        coefficients = fit(design(rows, terms), target.to_numpy(), row_weights(rows, target, request))
        mlflow.log_metric("training_rows", len(rows))
        if os.environ.get("TRAIN_FAIL") == "no_model":
            say("logging no model, as TRAIN_FAIL=no_model asks for")
            return ""
        return log(terms, coefficients, features)


def log(terms: list[dict], coefficients: np.ndarray, features: list[str]) -> str:
    columns = [ColSpec(DataType.string if name in CATEGORICAL else DataType.double, name) for name in features]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "coefficients.json"
        file.write_text(json.dumps({"terms": terms, "coefficients": coefficients.tolist()}), encoding="utf-8")
        logged = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(HERE / "model.py"),
            artifacts={"coefficients": str(file)},
            signature=ModelSignature(inputs=Schema(columns)),
            pip_requirements=[f"{package}=={version(package)}" for package in ("mlflow", "numpy", "pandas")],
        )
    say(f"logged the model as {logged.model_uri}")
    return logged.model_uri


def main() -> None:
    if sys.argv[1:2] != ["--seed"]:
        train(read_request())
        return
    rows, model = sys.argv[2:]
    window = ("2026-01-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z")
    seed_champion(first_request(model, "y", "time", window, rows), train)


if __name__ == "__main__":
    main()
