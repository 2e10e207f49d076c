"""What both examples share about being trained by Watchtower: the request, the MLflow run, the first champion.

Where the job has no network (the trainer `docker`), what it would log goes into the folder WATCHTOWER_OUTPUT_DIR instead,
and Watchtower logs it into the MLflow run.

Copy this file beside your own `train.py`: nothing in it knows flights. docs/reference/training.md describes the request.
"""

import json
import logging
import os
import time
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

# No look-ups on the internet, no search for git, no links between the lines of progress.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
# OpenMP's threads wait by spinning, which on a busy machine makes a training of 3 s one of 120 s (measured). Read when
# scikit-learn is loaded, so this module is imported first.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

import mlflow  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from mlflow.models import ModelSignature  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402
from mlflow.types import ColSpec, DataType, Schema  # noqa: E402

logging.getLogger("mlflow.sklearn").setLevel(logging.ERROR)  # its warning about pickles is answered below

SEED_TAG = "watchtower.seed"


def say(text: str) -> None:
    """A line of progress: Watchtower shows the last one, and takes a long silence for a training that hangs."""
    print(text, flush=True)


def read_request() -> dict:
    """The retraining request: the JSON file named by WATCHTOWER_TRAINING_REQUEST."""
    file = os.environ.get("WATCHTOWER_TRAINING_REQUEST")
    if not file:
        raise SystemExit(
            "WATCHTOWER_TRAINING_REQUEST is not set: it names the JSON file with the training request "
            "(docs/reference/training.md). To train the first champion, run seed_champion.py."
        )
    return json.loads(Path(file).read_text(encoding="utf-8"))


def chosen_features(request: dict, known: list[str]) -> list[str]:
    """The features the request asks for, in the order in which the training knows them; all where it names none."""
    subset = request.get("feature_subset")
    if subset is None:
        return known
    unknown = sorted(set(subset) - set(known))
    if unknown:
        raise SystemExit(f"feature_subset names unknown features: {', '.join(unknown)}. Known: {', '.join(known)}")
    return [feature for feature in known if feature in subset]


def chosen_class_weights(request: dict) -> dict[int, float] | None:
    """Class weights by label; JSON has them by the label's text."""
    weights = request.get("class_weights")
    return None if weights is None else {int(label): float(weight) for label, weight in weights.items()}


def output_folder() -> Path | None:
    """Where a job without network leaves its result; None where it logs into MLflow by itself."""
    folder = os.environ.get("WATCHTOWER_OUTPUT_DIR")
    return Path(folder) if folder else None


@contextmanager
def training_run(request: dict):
    """Goes on with the MLflow run that Watchtower opened for this training; ends it FINISHED or FAILED."""
    asked = {key: request.get(key) for key in ("strategy", "seed", "feature_subset", "class_weights")}
    window = request["data_window"]
    params = {
        **{key: json.dumps(value) for key, value in asked.items() if value is not None},
        "data_from": window["from"],
        "data_to": window["to"],
        **{key: str(value) for key, value in request.get("hyperparameters", {}).items()},
    }
    if output := output_folder():
        write_json(output / "params.json", params)
        yield
        return
    mlflow.set_tracking_uri(os.environ.get("MLFLOW_TRACKING_URI") or request["mlflow_tracking_uri"])
    with mlflow.start_run(run_id=request["mlflow_run_id"]):
        mlflow.log_params(params)
        yield


def log_metrics(metrics: dict[str, float]) -> None:
    """Metrics of the training, all at once: a second call replaces what an output folder has."""
    if output := output_folder():
        write_json(output / "metrics.json", metrics)
    else:
        mlflow.log_metrics(metrics)


def write_json(file: Path, content: dict) -> None:
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def log_classifier(pipeline, input_types: dict[str, str]) -> str:
    """Logs a scikit-learn classifier so that it answers with one probability for each class; returns its URI, or its
    folder where the job has no network.

    The signature names the columns the model reads, so whoever scores with it may pass more. Requirements are given,
    not inferred: that would load the model in a second Python, for ten seconds. Pickles run code when they are loaded,
    so Watchtower loads models in a process of its own alone; format "skops" runs none, but takes seconds to import.
    """
    columns = [ColSpec(DataType[kind], name) for name, kind in input_types.items()]
    packages = ["scikit-learn", "numpy", "pandas", "scipy", "cloudpickle"]
    described = {
        "signature": ModelSignature(inputs=Schema(columns)),
        # MLflow by its own word: where there is mlflow-skinny, there is no package of the name.
        "pip_requirements": [
            f"mlflow=={mlflow.__version__}",
            *(f"{package}=={version(package)}" for package in packages),
        ],
        "pyfunc_predict_fn": "predict_proba",
        "serialization_format": "cloudpickle",
    }
    if output := output_folder():
        folder = output / "model"
        mlflow.sklearn.save_model(pipeline, folder, **described)
        say(f"left the model in {folder}")
        return str(folder)
    logged = mlflow.sklearn.log_model(pipeline, name="model", **described)
    say(f"logged the model as {logged.model_uri}")
    return logged.model_uri


def seed_champion(request: dict, train, *, alias: str = "champion", experiment: str = "watchtower") -> None:
    """Trains a first champion once, registers it and sets the alias to it.

    `train` takes a request and returns the logged model's URI. Where a former call registered its version, only the
    alias is set back to it, so that a demonstration can be played again.
    """
    started = time.monotonic()
    mlflow.set_tracking_uri(request["mlflow_tracking_uri"])
    client, name = MlflowClient(), request["registered_model"]
    seeded = client.search_model_versions(f"name = '{name}' and tags.`{SEED_TAG}` = 'true'")
    if seeded:
        number = min((found.version for found in seeded), key=int)
        client.set_registered_model_alias(name, alias, number)
        say(f"champion: version {number} of {name} was there already, the alias {alias} is set back to it")
        return

    found = client.get_experiment_by_name(experiment)
    experiment_id = client.create_experiment(experiment) if found is None else found.experiment_id
    run_id = client.create_run(experiment_id, run_name=f"first champion of {name}", tags={SEED_TAG: "true"}).info.run_id
    source = train({**request, "mlflow_run_id": run_id})
    try:
        client.create_registered_model(name)
    except MlflowException as refused:
        if refused.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    window = request["data_window"]
    tags = {SEED_TAG: "true", "watchtower.window_from": window["from"], "watchtower.window_to": window["to"]}
    model_id = source.removeprefix("models:/")
    number = client.create_model_version(name, source, run_id=run_id, tags=tags, model_id=model_id).version
    client.set_registered_model_alias(name, alias, number)
    took = time.monotonic() - started
    say(f"champion: trained and registered version {number} of {name}, alias {alias} ({took:.1f} s)")


def first_request(model: str, target: str, time_column: str, window: tuple[str, str], data_path: str | None) -> dict:
    """The request of a first training, as Watchtower would write it for a retraining."""
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        raise SystemExit("MLFLOW_TRACKING_URI is not set: it names the MLflow server, such as http://127.0.0.1:5000")
    return {
        "model": model,
        "registered_model": model,
        "mlflow_tracking_uri": uri,
        "strategy": "full_retrain",
        "feature_subset": None,
        "class_weights": None,
        "seed": 42,
        "notes": "first champion",
        "hyperparameters": {},
        "target": target,
        "time_column": time_column,
        "data_window": {"from": window[0], "to": window[1]},
        "data_path": data_path,
    }
