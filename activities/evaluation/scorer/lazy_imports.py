"""Parts of MLflow that loading a model does not need are loaded once something is asked of them."""

import sys
from importlib.machinery import PathFinder
from importlib.util import LazyLoader

# `import mlflow` loads both, and FastAPI with them: a fifth of its time.
RARELY_NEEDED = {"mlflow.genai", "mlflow.gateway"}


class LazyFinder:
    """In `sys.meta_path`: finds the modules named above, with a loader that waits."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        spec = PathFinder.find_spec(name, path, target) if name in RARELY_NEEDED else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def import_lazily():
    if LazyFinder not in sys.meta_path:
        sys.meta_path.insert(0, LazyFinder)
