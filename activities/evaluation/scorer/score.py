"""Scores held-out rows with one downloaded model and writes its predictions as Parquet.

The model's code runs here, and nothing in this process's environment is worth taking: no key, no password, no address.
The job names the `model_folder`, the `rows`, the file of `predictions` and what to take from the model.
"""

import gc
import os
import sys

from lazy_imports import import_lazily
from scorer_process import Unusable, limit_memory, run, say

BATCH_ROWS = 50_000


def main(job):
    limit_memory(job["memory_bytes"])
    forget_own_folder()
    score(job)


def forget_own_folder():
    """A model that imports a module called as one of ours must get its own."""
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != own]


def import_libraries():
    """All that scoring needs but for what the model brings."""
    import_lazily()
    import mlflow.pyfunc  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow.parquet  # noqa: F401


def score(job):
    import pyarrow as pa
    import pyarrow.parquet as pq

    say("loading the model")
    # What is imported stays: looking for garbage in it takes a tenth of the time that loading takes.
    gc.disable()
    import_libraries()
    model = load(job["model_folder"])
    gc.enable()
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
        columns = list(getattr(predicted, "columns", []))
        # Columns that are only counted are not named after classes.
        classes = None if columns == list(range(len(columns))) else columns
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


if __name__ == "__main__":
    run(main)
