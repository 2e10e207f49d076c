"""How often Evidently's and NannyML's defaults are wrong on the shapes of shapes.ts:

    python bench/drift/calibration/competitors.py <folder> [seconds]

Each trial is written down in <folder>/competitors.jsonl as it ends: stopped, it goes on where it was. Prints Markdown tables.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")


def zipf(rng, levels: int, rows: int) -> np.ndarray:
    weights = 1 / np.arange(1, levels + 1)
    return np.char.add("level ", rng.choice(levels, rows, p=weights / weights.sum()).astype(str))


def with_missing(rng, share: float, rows: int) -> np.ndarray:
    values = rng.normal(size=rows)
    values[rng.random(rows) < share] = np.nan
    return values


def frame(rng, rows: int) -> pd.DataFrame:
    """The thirty columns of shapes.ts."""
    columns = {f"normal {i}": rng.normal(size=rows) for i in range(6)}
    columns |= {f"lognormal {s}": np.exp(s * rng.normal(size=rows)) for s in (0.5, 1, 2, 3)}
    columns |= {f"uniform {k}": rng.random(rows) ** k for k in (1, 2, 3)}
    columns |= {f"counts {rate}": np.floor(rng.exponential(rate, rows)) for rate in (0.1, 1, 5)}
    columns["cauchy"] = rng.standard_cauchy(rows)
    columns["two humps"] = rng.normal(size=rows) + np.where(rng.random(rows) < 0.5, -4, 4)
    columns["mostly zero"] = np.where(rng.random(rows) < 0.9, 0, rng.normal(size=rows))
    columns["constant"] = np.ones(rows)
    columns |= {f"missing {s}": with_missing(rng, s, rows) for s in (0.01, 0.1, 0.5)}
    columns["rare flag"] = np.where(rng.random(rows) < 0.02, "yes", "no")
    columns["flag"] = np.where(rng.random(rows) < 0.4, "yes", "no")
    columns |= {f"levels {k}": zipf(rng, k, rows) for k in (3, 10, 50, 400, 2000)}
    return pd.DataFrame(columns)


def shifted(rng, rows, after):
    return rng.normal(size=rows) + (0.5 if after else 0)


def scaled(rng, rows, after):
    return np.exp(2 * rng.normal(size=rows)) * (2 if after else 1)


def emptied(rng, rows, after):
    return with_missing(rng, 0.1 if after else 0, rows)


def new_category(rng, rows, after):
    values = np.where(rng.random(rows) < 0.5, "a", "b")
    return np.where(rng.random(rows) < 0.03, "c", values) if after else values


# name, reference rows, current rows, the first column
SCENARIOS = [
    ("no drift", 100, 100, None),
    ("no drift", 1000, 100, None),
    ("no drift", 1000, 1000, None),
    ("no drift", 10_000, 1000, None),
    ("no drift", 10_000, 10_000, None),
    ("0.5 σ shift", 1000, 1000, shifted),
    ("×2 scale of a lognormal (σ = 2)", 1000, 1000, scaled),
    ("10 % new missing values", 1000, 1000, emptied),
    ("3 % in a new category", 1000, 1000, new_category),
]
TRIALS = 40


def evidently(reference, current):
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    numbers = [name for name in reference.columns if reference[name].dtype.kind == "f"]
    others = [name for name in reference.columns if name not in numbers]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=others)
    a, b = (Dataset.from_pandas(f, data_definition=definition) for f in (reference, current))
    result = Report([DataDriftPreset()]).run(b, a).dict()
    flagged, dataset = [], False
    for metric in result["metrics"]:
        config = metric["config"]
        if "columns" in config or "drift_share" in config:
            dataset = metric["value"]["share"] >= config.get("drift_share", 0.5)
        elif "column" in config:
            value, threshold = float(metric["value"]), config["threshold"]
            by_p_value = "p_value" in config["method"]
            if (value < threshold) if by_p_value else (value >= threshold):
                flagged.append(config["column"])
    return flagged, dataset


def nannyml(reference, current):
    import nannyml

    # Its default: ten chunks a side; an alert in any of them flags the column.
    names = list(reference.columns)
    calculator = nannyml.UnivariateDriftCalculator(column_names=names)
    result = calculator.fit(reference).calculate(current).filter(period="analysis").to_df()
    alerts = [name for name in names if bool(result[name].xs("alert", axis=1, level=1).to_numpy().any())]
    # It has no verdict about the dataset of its own: ours, more than a fifth of the columns.
    return alerts, len(alerts) > 0.2 * len(names)


def run(tool, index: int, trial: int):
    name, n, m, column = SCENARIOS[index]
    rng = np.random.default_rng(20130401 + index * 100_003 + trial)
    reference, current = frame(rng, n), frame(rng, m)
    if column is not None:
        reference["normal 0"], current["normal 0"] = column(rng, n, False), column(rng, m, True)
    flagged, dataset = tool(reference, current)
    hit = "normal 0" in flagged if column is not None else len(flagged) > 0
    return {"flagged": bool(hit), "dataset": bool(dataset), "columns": flagged}


def main() -> None:
    folder = Path(sys.argv[1])
    until = time.monotonic() + float(sys.argv[2] if len(sys.argv) > 2 else "inf")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "competitors.jsonl"
    done = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    known = {(each["tool"], each["scenario"], each["trial"]) for each in done}
    with file.open("a") as log:
        for trial in range(TRIALS):
            for tool in (evidently, nannyml):
                for index in range(len(SCENARIOS)):
                    if (tool.__name__, index, trial) in known or time.monotonic() > until:
                        continue
                    result = {"tool": tool.__name__, "scenario": index, "trial": trial, **run(tool, index, trial)}
                    done.append(result)
                    log.write(json.dumps(result) + "\n")
                    log.flush()
    print("| tool | what | reference | current | trials | any column (the moved one) flagged | dataset flagged |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for tool in ("evidently", "nannyml"):
        for index, (name, n, m, _) in enumerate(SCENARIOS):
            some = [each for each in done if each["tool"] == tool and each["scenario"] == index]
            if some:
                share = [100 * sum(each[key] for each in some) / len(some) for key in ("flagged", "dataset")]
                print(f"| {tool} | {name} | {n:,} | {m:,} | {len(some)} | {share[0]:.0f} % | {share[1]:.0f} % |")


main()
