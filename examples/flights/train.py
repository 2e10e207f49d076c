"""Trains the model that says how likely a flight arrives late, as Watchtower's training request asks for it."""

import sys
import time
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))  # watchtower_training.py; a copy of it beside this file is found first

from watchtower_training import (  # noqa: E402
    chosen_class_weights,
    chosen_features,
    log_classifier,
    log_metrics,
    read_request,
    say,
    training_run,
)

import pandas as pd  # noqa: E402
from sklearn.compose import ColumnTransformer  # noqa: E402
from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: E402
from sklearn.metrics import log_loss, roc_auc_score  # noqa: E402
from sklearn.pipeline import Pipeline  # noqa: E402
from sklearn.preprocessing import OrdinalEncoder  # noqa: E402

from prepare import SCHEDULE, WEATHER  # noqa: E402

CATEGORICAL = ["carrier", "origin", "dest"]
FEATURES = [*SCHEDULE, *WEATHER]


def read_rows(request: dict) -> pd.DataFrame:
    """Rows inside the request's window, from the file it names or else from the monthly files."""
    source = request["data_path"] or HERE / "data"
    window, clock = request["data_window"], request["time_column"]
    rows = pd.read_parquet(
        source,
        columns=[clock, *FEATURES, request["target"]],
        filters=[(clock, ">=", instant(window["from"])), (clock, "<", instant(window["to"]))],
    )
    rows = rows[rows[request["target"]].notna()].sort_values(clock, kind="stable")
    if rows.empty:
        raise SystemExit(f"no labelled rows from {window['from']} to {window['to']} in {source}")
    return rows


def instant(text: str) -> datetime:
    """The files keep UTC without saying so."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc).replace(tzinfo=None)


def make_pipeline(features: list[str], request: dict) -> Pipeline:
    """Categories become codes that the trees treat as categories, not as numbers; unseen ones count as missing."""
    categorical = [feature for feature in features if feature in CATEGORICAL]
    numeric = [feature for feature in features if feature not in CATEGORICAL]
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=float("nan"), encoded_missing_value=float("nan")
    )
    columns = ColumnTransformer([("categorical", encoder, categorical), ("numeric", "passthrough", numeric)])
    classifier = HistGradientBoostingClassifier(
        categorical_features=list(range(len(categorical))),
        class_weight=chosen_class_weights(request),
        random_state=request["seed"],
        **request["hyperparameters"],
    )
    return Pipeline([("columns", columns), ("classifier", classifier)])


def fit(rows: pd.DataFrame, features: list[str], request: dict) -> Pipeline:
    started = time.monotonic()
    pipeline = make_pipeline(features, request)
    # Whole numbers as doubles, which is what the signature promises to take.
    pipeline.fit(inputs(rows, features), rows[request["target"]].astype(int))
    say(f"fitted {len(rows):,} flights in {time.monotonic() - started:.1f} s")
    return pipeline


def inputs(rows: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    return rows[features].astype({feature: "float64" for feature in features if feature not in CATEGORICAL})


def fit_metrics(pipeline: Pipeline, rows: pd.DataFrame, features: list[str], target: str) -> dict[str, float]:
    """How well it fits the rows it was trained on: no measure of quality, which is what Watchtower's evaluation is for."""
    part = rows.sample(min(len(rows), 20_000), random_state=0)
    late, probability = part[target].astype(int), pipeline.predict_proba(inputs(part, features))[:, 1]
    if late.nunique() < 2:
        return {}
    return {
        "training_roc_auc": float(roc_auc_score(late, probability)),
        "training_log_loss": float(log_loss(late, probability)),
    }


def train(request: dict) -> str:
    """Returns the URI of the logged model."""
    with training_run(request):
        features = chosen_features(request, FEATURES)
        rows = read_rows(request)
        say(f"read {len(rows):,} flights with {len(features)} features")
        pipeline = fit(rows, features, request)
        metrics = fit_metrics(pipeline, rows, features, request["target"])
        say(", ".join(f"{name} {value:.4f}" for name, value in metrics.items()))
        log_metrics({"training_rows": len(rows), **metrics})
        return log_classifier(
            pipeline, {feature: "string" if feature in CATEGORICAL else "double" for feature in features}
        )


if __name__ == "__main__":
    train(read_request())
