"""Downloads one registered model, and says which of its requirements this Python does not meet.

The only program of the scorer that is given MLflow's credentials; nothing of the model is loaded here. The job names
`model_uri`, the `folder` to put the model's files in, `memory_bytes` and the `answer` file, which gets
`{"requirements": [...], "missing": [...]}`.
"""

import importlib.metadata
import json
import os

from scorer_process import Unreachable, Unusable, limit_memory, run, say


def main(job):
    limit_memory(job["memory_bytes"])
    download(job["model_uri"], job["folder"])
    requirements = read_requirements(job["folder"])
    with open(job["answer"], "w", encoding="utf-8") as file:
        json.dump({"requirements": requirements, "missing": unsatisfied(requirements)}, file)


def download(uri, folder):
    import mlflow.artifacts
    from mlflow.exceptions import MlflowException

    say(f"downloading {uri}")
    aside = f"{folder}.partial"
    os.makedirs(aside)
    try:
        found = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=aside)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise Unusable(f"MLflow has no model at {uri}: {error.message}") from error
        raise Unreachable(f"{uri} could not be downloaded: {error.message}") from error
    except OSError as error:  # Connection failures are OSErrors as well.
        raise Unreachable(f"{uri} could not be downloaded: {error}") from error
    os.rename(found, folder)


def read_requirements(folder):
    path = os.path.join(folder, "requirements.txt")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = [line.split(" #")[0].strip() for line in file]
    return [line for line in lines if line and not line.startswith("#")]


def unsatisfied(requirements):
    """The lines that this Python does not meet, and those that cannot be checked by name and version."""
    from packaging.requirements import InvalidRequirement, Requirement

    missing = []
    for line in requirements:
        try:
            wanted = Requirement(line)
            if wanted.marker is not None and not wanted.marker.evaluate():
                continue
            found = importlib.metadata.version(wanted.name)
            if wanted.url is not None or not wanted.specifier.contains(found, prereleases=True):
                missing.append(line)
        except (InvalidRequirement, importlib.metadata.PackageNotFoundError):
            missing.append(line)
    return missing


if __name__ == "__main__":
    run(main)
