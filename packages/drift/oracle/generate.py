"""Writes what SciPy says about generated samples, for the oracle tests beside this folder.

Run with SciPy 1.17 (`python packages/drift/oracle/generate.py`), then `npx biome format --write packages/drift/oracle`.
The seed is fixed: the same SciPy writes the same files.
"""

import json
import math
from pathlib import Path

import numpy as np
from scipy import stats
from scipy.spatial import distance

rng = np.random.default_rng(20130401)
here = Path(__file__).parent


def sample(shape: str, size: int, moved: float) -> list[float]:
    """One sample of a shape; `moved` is 0 for none, else how far it lies from the others."""
    if shape == "normal":
        values = rng.normal(moved, 1, size)
    elif shape == "skewed":
        values = np.exp(rng.normal(0, 2, size)) * (1 + moved)
    elif shape == "ties":
        values = rng.poisson(1 + moved, size).astype(float)
    elif shape == "constant":
        values = np.full(size, 3.0 + round(moved))
    elif shape == "binary":
        values = (rng.random(size) < 0.4 + 0.1 * moved).astype(float)
    else:
        values = rng.standard_cauchy(size) + moved
        values[rng.random(size) < 0.1] = math.inf
        values[rng.random(size) < 0.1] = -math.inf
    return [float(f"{value:.4g}") for value in values]


def written(values: list[float]) -> list[float | str]:
    """JSON has no infinities."""
    return [value if math.isfinite(value) else str(value) for value in values]


def kolmogorov_smirnov() -> list[dict]:
    cases = []
    shapes = ["normal", "skewed", "ties", "constant", "binary", "infinities"]
    sizes = [(1, 1), (1, 7), (2, 3), (5, 5), (8, 30), (30, 30), (40, 25), (60, 60), (64, 48), (90, 17)]
    for shape in shapes:
        for n, m in sizes:
            for moved in (0, 0, 0.4, 1, 3):
                x, y = sample(shape, n, 0), sample(shape, m, moved)
                result = stats.ks_2samp(x, y)
                cases.append(
                    {"x": written(x), "y": written(y), "d": float(result.statistic), "p": float(result.pvalue)}
                )
    return cases


def kolmogorov_law() -> list[dict]:
    cases = []
    for n in (1, 2, 3, 10, 50, 139, 140, 141, 500, 5_000, 5_003, 20_000, 100_001):
        for z in (0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3, 1.47, 1.49, 1.7, 1.99, 2.01, 2.5, 3.5, 5.0, 8.0, 15.0):
            d = z / math.sqrt(n)
            if d < 1:
                cases.append({"n": n, "d": d, "p": float(stats.kstwo.sf(d, n))})
        cases += [{"n": n, "d": d, "p": float(stats.kstwo.sf(d, n))} for d in (0.4 / n, 0.7 / n, 0.5, 0.9)]
    return cases


def large_samples() -> list[dict]:
    """Two samples by a formula the test repeats: n and m values on a grid, the second moved."""
    cases = []
    for n, m, shift in (
        (10_000, 10_000, 0.01), (10_000, 9_999, 0.012), (9_000, 6_000, 0.02), (10_000, 100, 0.1), (10_001, 100, 0.1),
        (10_001, 1, 0.7), (20_000, 15_000, 0.005), (20_000, 15_000, 0.03), (50_000, 333, 0.05), (30_000, 30_000, 0.2),
    ):
        x, y = np.arange(n) / n, np.arange(m) / m + shift
        result = stats.ks_2samp(x, y)
        cases.append({"n": n, "m": m, "shift": shift, "d": float(result.statistic), "p": float(result.pvalue)})
    return cases


def counts(k: int, size: int, tilt: float) -> list[int]:
    weights = np.arange(1, k + 1, dtype=float) ** -1.2 * np.exp(tilt * rng.normal(size=k))
    return [int(count) for count in rng.multinomial(size, weights / weights.sum())]


def categories() -> list[dict]:
    cases = []
    for k in (1, 2, 3, 5, 12, 60, 400):
        for n, m in ((5, 5), (40, 200), (300, 300), (2_000, 900), (100_000, 100_000)):
            for tilt in (0.0, 0.0, 0.2, 1.0):
                a, b = counts(k, n, 0), counts(k, m, tilt)
                table = np.array([a, b])
                kept = table[:, table.sum(axis=0) > 0]
                result = stats.chi2_contingency(kept, correction=False)
                p, q = table[0] / n, table[1] / m
                cases.append({
                    "reference": a, "current": b, "chi2": float(result.statistic), "p": float(result.pvalue),
                    "dof": int(result.dof), "js": float(distance.jensenshannon(p, q, base=2)),
                    "kl": float(np.sum(p * np.log(np.maximum(p, 1e-10) / np.maximum(q, 1e-10)))),
                })
    return cases


def gamma_tails() -> list[dict]:
    return [
        {"x": x, "dof": dof, "p": float(stats.chi2.sf(x, dof))}
        for dof in (1, 2, 3, 7, 30, 200, 1_999, 50_000)
        for factor in (0.0, 0.01, 0.3, 0.8, 1.0, 1.05, 1.3, 2.0, 5.0)
        for x in [factor * dof]
    ]


def two_by_two() -> list[dict]:
    cases = []
    for _ in range(120):
        n, m = int(rng.integers(1, 400)), int(rng.integers(1, 400))
        share = rng.choice([0.0, 0.01, 0.05, 0.4])
        hits, current_hits = int(rng.binomial(n, share)), int(rng.binomial(m, min(1, share * rng.choice([1, 1, 3]))))
        table = [[hits, n - hits], [current_hits, m - current_hits]]
        cases.append(
            {"hits": hits, "n": n, "current_hits": current_hits, "m": m, "p": float(stats.fisher_exact(table).pvalue)}
        )
    return cases


def adjusted() -> list[dict]:
    cases = []
    for size in (1, 2, 5, 40):
        for _ in range(5):
            p = [float(f"{value:.6g}") for value in rng.random(size) ** 3]
            cases.append({"p": p, "adjusted": [float(v) for v in stats.false_discovery_control(p)]})
    return cases


for name, cases in {
    "kolmogorov-smirnov": kolmogorov_smirnov(),
    "kolmogorov-law": kolmogorov_law(),
    "large-samples": large_samples(),
    "categories": categories(),
    "chi-square-tails": gamma_tails(),
    "two-by-two": two_by_two(),
    "benjamini-hochberg": adjusted(),
}.items():
    (here / f"{name}.json").write_text(json.dumps(cases) + "\n")
