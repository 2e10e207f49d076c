"""Trains on the rows of the synthetic source: the least that a trainer's job has to do, in a few seconds."""

import sys
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
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from sklearn.pipeline import Pipeline  # noqa: E402
from sklearn.preprocessing import OneHotEncoder  # noqa: E402


NUMERIC = ["x1", "x2", "x3", "x4"]
CATEGORICAL = ["colour"]
# The world of these rows changes at once, so a row counts half for each fortnight it is older than the newest.
HALF_LIFE_DAYS = 14


def read_rows(request: dict) -> pd.DataFrame:
    """All rows of the file: Watchtower has written those of the request's window into it."""
    rows = pd.read_parquet(request["data_path"])
    rows = rows[rows[request["target"]].notna()]
    if rows.empty:
        raise SystemExit(f"{request['data_path']} has no labelled rows")
    return rows


def make_pipeline(features: list[str], request: dict) -> Pipeline:
    columns = ColumnTransformer(
        [
            ("numeric", "passthrough", [feature for feature in features if feature in NUMERIC]),
            (
                "categorical",
                OneHotEncoder(handle_unknown="ignore"),
                [feature for feature in features if feature in CATEGORICAL],
            ),
        ]
    )
    hyperparameters = {name: value for name, value in request["hyperparameters"].items() if name != "half_life_days"}
    classifier = LogisticRegression(
        class_weight=chosen_class_weights(request), random_state=request["seed"], **hyperparameters
    )
    return Pipeline([("columns", columns), ("classifier", classifier)])


def recency(rows: pd.DataFrame, request: dict) -> pd.Series:
    half_life = float(request["hyperparameters"].get("half_life_days", HALF_LIFE_DAYS))
    clock = rows[request["time_column"]]
    return 0.5 ** ((clock.max() - clock).dt.total_seconds() / 86_400 / half_life)


def train(request: dict) -> str:
    """Returns the URI of the logged model."""
    with training_run(request):
        features = chosen_features(request, [*NUMERIC, *CATEGORICAL])
        rows = read_rows(request)
        say(f"read {len(rows):,} rows with {len(features)} features")
        target = rows[request["target"]].astype(int)
        pipeline = make_pipeline(features, request)
        pipeline.fit(rows[features], target, classifier__sample_weight=recency(rows, request))
        fitted = roc_auc_score(target, pipeline.predict_proba(rows[features])[:, 1])
        say(f"fitted {len(rows):,} rows, ROC AUC on them {fitted:.4f}")
        log_metrics({"training_rows": len(rows), "training_roc_auc": float(fitted)})
        return log_classifier(
            pipeline, {feature: "string" if feature in CATEGORICAL else "double" for feature in features}
        )


if __name__ == "__main__":
    train(read_request())
