"""Says which of a model's requirements this Python does not meet, by name and version alone.

Nothing is imported that the model asks for, nor anything else that is slow to load. The job names the `model_folder`,
`memory_bytes` and the `answer` file, which gets `{"requirements": [...], "missing": [...]}`.
"""

import importlib.metadata
import json
import os

from scorer_process import limit_memory, run


def main(job):
    limit_memory(job["memory_bytes"])
    requirements = read_requirements(job["model_folder"])
    with open(job["answer"], "w", encoding="utf-8") as file:
        json.dump({"requirements": requirements, "missing": unsatisfied(requirements)}, file)


def read_requirements(folder):
    path = os.path.join(folder, "requirements.txt")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = [line.split(" #")[0].strip() for line in file]
    return [line for line in lines if line and not line.startswith("#")]


def unsatisfied(requirements):
    """The lines that this Python does not meet, and those that cannot be checked by name and version."""
    reader = requirement_reader()
    if reader is None:
        return requirements
    missing = []
    for line in requirements:
        try:
            wanted = reader.Requirement(line)
            if wanted.marker is not None and not wanted.marker.evaluate():
                continue
            found = importlib.metadata.version(wanted.name)
            if wanted.url is not None or not wanted.specifier.contains(found, prereleases=True):
                missing.append(line)
        except (reader.InvalidRequirement, importlib.metadata.PackageNotFoundError):
            missing.append(line)
    return missing


def requirement_reader():
    """What reads a line as pip does: `packaging`, or the copy that pip carries; None in a Python without both."""
    try:
        import packaging.requirements as reader
    except ImportError:
        try:
            import pip._vendor.packaging.requirements as reader
        except ImportError:
            return None
    return reader


if __name__ == "__main__":
    run(main)
