"""Writes what SciPy says about thousands of pairs of samples that the test makes again from the same numbers.

Run with SciPy 1.17 (`python packages/drift/oracle/generate_pairs.py`). Samples come from SplitMix32 and arithmetic that is the
same to the last bit in Python and TypeScript (oracle/generated-pairs.ts), so that only answers are stored.
"""

import json
import math
from pathlib import Path

import numpy as np
from scipy import stats


def uniform_numbers(seed: int):
    state = seed & 0xFFFFFFFF

    def draw() -> float:
        nonlocal state
        state = (state + 0x9E3779B9) & 0xFFFFFFFF
        mixed = state ^ (state >> 16)
        mixed = (mixed * 0x21F0AAAD) & 0xFFFFFFFF
        mixed ^= mixed >> 15
        mixed = (mixed * 0x735A2D97) & 0xFFFFFFFF
        mixed ^= mixed >> 15
        return (mixed + 0.5) / 2**32

    return draw


def value(shape: int, u, moved: float) -> float:
    if shape == 0:  # nearly normal
        return u() + u() + u() + u() - 2 + moved
    if shape == 1:  # skewed, heavy tail
        return 1 / u() * (1 + moved)
    if shape == 2:  # ties
        return math.floor(u() * 6 + 2 * moved)
    if shape == 3:  # constant
        return 3 + math.floor(moved)
    if shape == 4:  # zero-inflated
        return 0.0 if u() < 0.7 else u() - 0.3 + moved
    if shape == 5:  # large numbers close together
        return 1.7e12 + math.floor(u() * 1e6) + 1e5 * moved
    # infinities
    kind = u()
    return math.inf if kind < 0.1 else -math.inf if kind < 0.2 else u() + moved


def pair(seed: int, largest: int):
    u = uniform_numbers(seed)
    shape = math.floor(u() * 7)
    tiny = u() < 0.3
    n = 1 + math.floor(u() * (8 if tiny else largest))
    m = n if u() < 0.2 else 1 + math.floor(u() * (8 if tiny else largest))
    moved = 0.0 if u() < 0.5 else u()
    x = [value(shape, u, 0.0) for _ in range(n)]
    y = [value(shape, u, moved) for _ in range(m)]
    return shape, x, y


def answer(seed: int, largest: int):
    shape, x, y = pair(seed, largest)
    result = stats.ks_2samp(x, y)
    # With infinities the distance is infinite or undefined: it is asked for the finite values only.
    a, b = [v for v in x if math.isfinite(v)], [v for v in y if math.isfinite(v)]
    distance = float(stats.wasserstein_distance(a, b)) if a and b else None
    spread = float(np.std(a, ddof=1)) if len(a) > 1 else None
    return [seed, float(result.statistic), float(result.pvalue), distance, spread]


here = Path(__file__).parent
answers = {
    "small": [answer(seed, 120) for seed in range(1, 3001)],
    "large": [answer(seed, 60_000) for seed in range(5001, 5041)],
}
(here / "generated-pairs.json").write_text(json.dumps(answers) + "\n")
