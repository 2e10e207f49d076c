"""A logistic regression in NumPy alone, in MLflow's format for any Python function: `_load_pyfunc` gives the model."""

import json

import numpy as np
import pandas as pd
from design import design


class LogisticModel:
    """Answers with one probability for each class, in a column named after it."""

    def __init__(self, terms, coefficients):
        self.terms, self.coefficients = terms, np.array(coefficients)

    def predict(self, model_input, params=None):
        positive = 1 / (1 + np.exp(-design(model_input, self.terms) @ self.coefficients))
        return pd.DataFrame({"0": 1 - positive, "1": positive})


def _load_pyfunc(path):
    with open(path, encoding="utf-8") as file:
        return LogisticModel(**json.load(file))
