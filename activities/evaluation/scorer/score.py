"""Scores held-out rows with one registered model and writes its predictions as Parquet.

Run as `python score.py job.json`. The job names the model, the rows and what to take from the model; the
answer is written to the job's `answer` file as `{"status": "scored", ...}` or, before anything of the model
was loaded, as `{"status": "environment_needed", ...}` when this Python lacks what it asks for. Lines on
standard output are progress for people. Ends with status 0 when an answer was written, 2 when model or
rows are unusable, 3 when MLflow did not hand out the model; the reason is on standard error.
"""

import importlib.metadata
import json
import os
import signal
import sys
import threading

BATCH_ROWS = 50_000
CREDENTIALS = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")


class Unusable(Exception):
    """The model or the rows are not what the definition says; the text says what to do."""


class Unreachable(Exception):
    """MLflow did not hand out the model: trying again may help."""


def main(job_path):
    with open(job_path, encoding="utf-8") as file:
        job = json.load(file)
    die_with_parent()
    limit_memory(job["memory_bytes"])
    folder = job["model_folder"]
    if not os.path.isdir(folder):
        download(job["model_uri"], folder)
    requirements = read_requirements(folder)
    missing = [] if job["own_environment"] else unsatisfied(requirements)
    if missing:
        answer(job, {"status": "environment_needed", "requirements": requirements, "missing": missing})
        return
    for name in CREDENTIALS:
        os.environ.pop(name, None)
    answer(job, {"status": "scored", "rows": score(job, folder)})


def die_with_parent():
    """Standard input is a pipe the worker holds: when it closes, the worker is gone; so is this group."""

    def watch():
        while os.read(0, 1024):
            pass
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def limit_memory(size):
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    except (ImportError, ValueError, OSError):
        say("this platform has no memory limit for processes; going on without one")


def download(uri, folder):
    import mlflow.artifacts
    from mlflow.exceptions import MlflowException

    say(f"downloading {uri}")
    aside = f"{folder}.partial"
    os.makedirs(aside)
    try:
        found = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=aside)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise Unusable(f"MLflow has no model at {uri}: {error.message}") from error
        raise Unreachable(f"{uri} could not be downloaded: {error.message}") from error
    except OSError as error:  # Connection failures are OSErrors as well.
        raise Unreachable(f"{uri} could not be downloaded: {error}") from error
    os.rename(found, folder)


def read_requirements(folder):
    path = os.path.join(folder, "requirements.txt")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = [line.split(" #")[0].strip() for line in file]
    return [line for line in lines if line and not line.startswith("#")]


def unsatisfied(requirements):
    """The lines that this Python does not meet, and those that cannot be checked by name and version."""
    from packaging.requirements import InvalidRequirement, Requirement

    missing = []
    for line in requirements:
        try:
            wanted = Requirement(line)
            if wanted.marker is not None and not wanted.marker.evaluate():
                continue
            found = importlib.metadata.version(wanted.name)
            if wanted.url is not None or not wanted.specifier.contains(found, prereleases=True):
                missing.append(line)
        except (InvalidRequirement, importlib.metadata.PackageNotFoundError):
            missing.append(line)
    return missing


def score(job, folder):
    import pyarrow as pa
    import pyarrow.parquet as pq

    say("loading the model")
    model = load(folder)
    rows = pq.ParquetFile(job["rows"])
    total = rows.metadata.num_rows
    take, kind = predictor(model, job)
    schema = pa.schema([("prediction", kind)])
    scored = 0
    with pq.ParquetWriter(job["predictions"], schema) as writer:
        for batch in rows.iter_batches(batch_size=BATCH_ROWS):
            predictions = take(features(batch.to_pandas(), model, job))
            if len(predictions) != batch.num_rows:
                raise Unusable(
                    f"The model gave {len(predictions)} predictions for {batch.num_rows} rows, not one each."
                )
            writer.write_table(pa.table([pa.array(predictions, type=kind)], schema=schema))
            scored += batch.num_rows
            say(f"scored {scored} of {total} rows")
    return scored


def load(folder):
    import mlflow.pyfunc

    return mlflow.pyfunc.load_model(folder)


def features(frame, model, job):
    """The columns the model's signature names, of its types; without one, all but those it must not see."""
    schema = model.metadata.get_input_schema()
    if schema is None or not schema.has_input_names():
        return frame.drop(columns=[name for name in job["hidden_columns"] if name in frame.columns])
    needed = [spec.name for spec in schema.inputs if getattr(spec, "required", True)]
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise Unusable(f"The held-out rows lack columns the model needs: {', '.join(missing)}.")
    chosen = frame[[spec.name for spec in schema.inputs if spec.name in frame.columns]].copy()
    for spec in schema.inputs:
        if spec.name in chosen.columns:
            chosen[spec.name] = conform(chosen[spec.name], spec.type)
    return chosen


def conform(values, wanted):
    """Parquet and MLflow name types differently; converts where nothing is lost, the rest is MLflow's."""
    import pandas as pd

    name = getattr(wanted, "name", str(wanted))
    if name in ("double", "float"):
        return pd.to_numeric(values).astype("float64" if name == "double" else "float32")
    if name in ("integer", "long") and pd.api.types.is_numeric_dtype(values) and not values.isna().any():
        if (values == values.round()).all():
            return values.astype("int32" if name == "integer" else "int64")
    if name == "string":
        return values.astype(object).where(values.isna(), values.astype(str))
    if name == "datetime" and getattr(values.dtype, "tz", None) is not None:
        return values.dt.tz_convert("UTC").dt.tz_localize(None)
    return values


def predictor(model, job):
    """A function from features to one prediction a row, and the Arrow type of what it gives."""
    import numpy as np
    import pyarrow as pa

    if job["output"] == "label":
        return lambda frame: [label(value) for value in one_column(model.predict(frame))], pa.string()
    if job["output"] == "value":
        return lambda frame: np.asarray(one_column(model.predict(frame)), dtype="float64"), pa.float64()
    raw = raw_model(model)
    if hasattr(raw, "predict_proba"):
        column = None

        def take(frame):
            nonlocal column
            probabilities = np.asarray(raw.predict_proba(frame), dtype="float64")
            if column is None:
                column = positive_column(getattr(raw, "classes_", None), probabilities.shape[1], job)
            return probabilities[:, column]

        return take, pa.float64()
    return lambda frame: probability_of(model.predict(frame), job), pa.float64()


def raw_model(model):
    """The model inside the pyfunc wrapper, or None where the flavour does not show it."""
    try:
        return model.get_raw_model()
    except Exception:  # Flavours without a raw model raise what they like.
        return None


def positive_column(classes, width, job):
    if classes is None:
        if width == 2:
            return 1
        raise Unusable(f"The model gives {width} probabilities a row and does not say of which classes.")
    names = [label(value) for value in classes]
    positive = label(job["positive_class"])
    if positive not in names:
        raise Unusable(
            f"The model knows the classes {', '.join(names)}, not {positive}; "
            "set evaluate.positive_class to one of them."
        )
    return names.index(positive)


def probability_of(predicted, job):
    import numpy as np

    values = np.asarray(predicted)
    if values.ndim == 2 and values.shape[1] > 1:
        names = [label(name) for name in getattr(predicted, "columns", [])]
        classes = names if label(job["positive_class"]) in names else None
        return values[:, positive_column(classes, values.shape[1], job)].astype("float64")
    values = values.reshape(-1)
    if values.dtype.kind != "f":
        raise Unusable(
            f"The model predicts labels ({values.dtype}), not probabilities, and has no predict_proba; "
            "set evaluate.output to label, or log it with pyfunc_predict_fn='predict_proba'."
        )
    return values.astype("float64")


def one_column(predicted):
    import numpy as np

    values = np.asarray(predicted)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise Unusable(f"The model gives {values.shape[1:]} values a row, not one. Check evaluate.output.")
    return values


def label(value):
    """A class as text, so that 1, 1.0, True and "1" are the same class in truth and prediction alike."""
    import numpy as np

    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def answer(job, content):
    aside = f"{job['answer']}.partial"
    with open(aside, "w", encoding="utf-8") as file:
        json.dump(content, file)
    os.replace(aside, job["answer"])


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Unusable as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except Unreachable as error:
        print(error, file=sys.stderr)
        sys.exit(3)
