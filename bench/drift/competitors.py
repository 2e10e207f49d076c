"""The same two files through what a user would pick instead: `competitors.py <scipy|nannyml|evidently> <reference> <current>`.

Prints one JSON object: seconds by part, reading included as `read`. Package versions: see competitors.txt.
"""

import json
import os
import sys
import time

import numpy as np
import pandas as pd

# Neither is to report its use: that is no part of the work, and waits for a network.
os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
os.environ["DO_NOT_TRACK"] = "1"


def by_scipy(reference: pd.DataFrame, current: pd.DataFrame) -> None:
    """KS and PSI (deciles) of each column of numbers, chi-square of each other."""
    from scipy import stats

    for name in reference.columns:
        a, b = reference[name], current[name]
        if a.dtype.kind == "f":
            stats.ks_2samp(a, b)
            edges = np.quantile(a, np.linspace(0, 1, 11)[1:-1])
            p = (np.bincount(np.searchsorted(edges, a), minlength=10) + 0.5) / (len(a) + 5)
            q = (np.bincount(np.searchsorted(edges, b), minlength=10) + 0.5) / (len(b) + 5)
            float(np.sum((q - p) * np.log(q / p)))
        else:
            table = pd.concat([a.value_counts(), b.value_counts()], axis=1).fillna(0).to_numpy()
            stats.chi2_contingency(table, correction=False)


def by_nannyml(reference: pd.DataFrame, current: pd.DataFrame) -> None:
    import nannyml

    calculator = nannyml.UnivariateDriftCalculator(
        column_names=list(reference.columns),
        continuous_methods=["kolmogorov_smirnov"],
        categorical_methods=["chi2"],
        chunk_number=1,
    )
    calculator.fit(reference)
    calculator.calculate(current)


def by_evidently(reference: pd.DataFrame, current: pd.DataFrame) -> None:
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    numbers = [name for name in reference.columns if reference[name].dtype.kind == "f"]
    others = [name for name in reference.columns if name not in numbers]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=others)
    a, b = (Dataset.from_pandas(frame, data_definition=definition) for frame in (reference, current))
    Report([DataDriftPreset()]).run(b, a).json()


def main() -> None:
    what, *files = sys.argv[1:]
    began = time.perf_counter()
    reference, current = (pd.read_parquet(file) for file in files)
    read = time.perf_counter() - began
    {"scipy": by_scipy, "nannyml": by_nannyml, "evidently": by_evidently}[what](reference, current)
    print(json.dumps({"read": read, "work": time.perf_counter() - began - read}))


main()
