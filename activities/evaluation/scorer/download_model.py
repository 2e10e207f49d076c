"""Downloads one registered model whose files MLflow cannot list, so that the worker cannot fetch them itself.

The only program of the scorer that is given MLflow's credentials; nothing of the model is loaded here. The job names
`model_uri`, the `folder` to put the model's files in and `memory_bytes`.
"""

import os

from scorer_process import Unreachable, Unusable, limit_memory, run, say


def main(job):
    limit_memory(job["memory_bytes"])
    download(job["model_uri"], job["folder"])


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


if __name__ == "__main__":
    run(main)
