"""Trains the first champion on a Parquet file with rows of the reference window, and registers it once.

    python seed_champion.py reference.parquet
"""

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

from watchtower_training import first_request, seed_champion  # noqa: E402


def train(request: dict) -> str:
    from train import train as train_synthetic  # here, so that scikit-learn is loaded only where it is needed

    return train_synthetic(request)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("rows", type=Path, help="Parquet file with the rows to train on")
    arguments.add_argument("--model", default="synthetic", help="name in MLflow's registry")
    arguments.add_argument("--alias", default="champion")
    arguments.add_argument("--from", dest="since", default="2026-01-01T00:00:00.000Z", help="start of the window")
    arguments.add_argument("--to", dest="until", default="2026-03-01T00:00:00.000Z", help="end of the window")
    options = arguments.parse_args()
    window = (options.since, options.until)
    request = first_request(options.model, "y", "time", window, str(options.rows.resolve()))
    seed_champion(request, train, alias=options.alias)


if __name__ == "__main__":
    main()
