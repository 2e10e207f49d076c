"""Trains the first champion on January to March 2013 and puts it under the alias `champion`, once."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

from watchtower_training import first_request, seed_champion  # noqa: E402

WINDOW = ("2013-01-01T00:00:00.000Z", "2013-04-01T00:00:00.000Z")


def train(request: dict) -> str:
    from train import train as train_flights  # here, so that scikit-learn is loaded only where it is needed

    return train_flights(request)


if __name__ == "__main__":
    seed_champion(first_request("flights", "late", "scheduled", WINDOW, None), train)
