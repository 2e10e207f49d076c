"""Registers a model that writes down what its process can see, and predicts one half for every row.

    python telltale_model.py NAME

It needs no training: tests/scorer.test.ts reads what it saw. Its files are kept twice: as MLflow 3 does, apart from the run,
and as MLflow 2 did, among the run's artifacts (`kept`).
"""

import json
import os
import sys
import tempfile
from importlib.metadata import version

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel


class Telltale(PythonModel):
    def predict(self, context, model_input: pd.DataFrame, params=None):
        with open("/proc/self/environ", encoding="utf-8") as file:
            began_with = dict(line.split("=", 1) for line in file.read().split("\0") if line)
        seen = {"began_with": began_with, "now": dict(os.environ), "columns": list(model_input), "path": sys.path}
        with open("seen.json", "w", encoding="utf-8") as file:
            json.dump(seen, file)
        return [0.5] * len(model_input)


if __name__ == "__main__":
    name = sys.argv[1]
    requirements = [f"{package}=={version(package)}" for package in ("mlflow", "pandas", "cloudpickle")]
    logged = {"python_model": Telltale(), "pip_requirements": requirements}
    with mlflow.start_run(), tempfile.TemporaryDirectory() as folder:
        mlflow.pyfunc.log_model(name="model", registered_model_name=name, **logged)
        mlflow.pyfunc.save_model(f"{folder}/kept", **logged)
        mlflow.log_artifacts(f"{folder}/kept", "kept")
