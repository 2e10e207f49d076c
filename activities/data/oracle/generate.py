"""Writes the small Parquet files beside it, as DuckDB cannot write them; flat-reader.test.ts compares both ways to read them.

    python generate.py    (pyarrow 25)
"""

import datetime
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parent
rows = 240


def some(values, every=7):
    """The values, of which every seventh is missing."""
    return [None if i % every == 3 else value for i, value in enumerate(values)]


def write(name, columns, **options):
    pq.write_table(pa.table(columns), folder / f"{name}.parquet", **options)


floats = [(i * 37 % 101) / 8 - 3 for i in range(rows)]
words = [f"word {i * i % 23}" for i in range(rows)]
mixed = {
    "float": pa.array(some(floats)),
    "int": pa.array(some([i * 7 % 50 - 20 for i in range(rows)]), pa.int32()),
    "flag": pa.array(some([i % 3 == 0 for i in range(rows)])),
    "word": pa.array(some(words)),
    "moment": pa.array(some([1_700_000_000_000_001 - i * 86_400_000_333 * 300 for i in range(rows)]), pa.timestamp("us")),
}

# Pages of a few rows each.
write("many-pages", mixed, data_page_size=64, write_batch_size=16, compression="snappy")
write("many-pages-v2", mixed, data_page_size=64, write_batch_size=16, compression="snappy", data_page_version="2.0")
# A dictionary that grows too large: its last pages are plain.
write(
    "overflowing-dictionary",
    {
        "float": pa.array(some([i / 3 for i in range(rows)])),
        "long": pa.array([i * 10**15 for i in range(rows)], pa.int64()),
        "word": pa.array([f"text {i}" for i in range(rows)]),
    },
    dictionary_pagesize_limit=512,
    data_page_size=128,
    write_batch_size=32,
    compression="none",
)
write("no-dictionary", mixed, use_dictionary=False, compression="none")

required = [
    pa.field(name, kind, nullable=False)
    for name, kind in [("float", pa.float64()), ("short", pa.int16()), ("day", pa.date32()), ("word", pa.string())]
]
table = pa.table(
    [floats, [i - 100 for i in range(rows)], [i * 500 - 40_000 for i in range(rows)], words],
    schema=pa.schema(required),
)
pq.write_table(table, folder / "required.parquet", row_group_size=100)
pq.write_table(table, folder / "required-v2.parquet", row_group_size=100, data_page_version="2.0")

write("byte-stream-split", {"float": mixed["float"], "int": mixed["int"]}, use_dictionary=False, use_byte_stream_split=True)
write(
    "delta",
    {"int": mixed["int"], "word": mixed["word"], "float": mixed["float"]},
    use_dictionary=False,
    column_encoding={"int": "DELTA_BINARY_PACKED", "word": "DELTA_LENGTH_BYTE_ARRAY", "float": "PLAIN"},
)

# 2200 or so at most: nanoseconds end in 2262.
moments = [i * 32_000_000_000_111_222_3 % (4 * 10**18) - 2 * 10**18 for i in range(rows)]
units = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
write(
    "timestamps",
    {
        f"{unit} {zone or 'local'}": pa.array(some([moment // size for moment in moments]), pa.timestamp(unit, zone))
        for unit, size in units.items()
        for zone in (None, "UTC", "Asia/Kolkata")
    },
    row_group_size=150,
)
write(
    "timestamps-of-old",
    {unit: pa.array(some([moment // size for moment in moments]), pa.timestamp(unit)) for unit, size in list(units.items())[1:3]},
    version="1.0",
)
write(
    "whole-numbers",
    {
        f"{'' if signed else 'u'}int{bits}": pa.array(
            [(-(2 ** (bits - 1)) if signed else 0), 2 ** (bits - signed) - 1, 0, 1, None, *([7] * 40)],
            getattr(pa, f"{'' if signed else 'u'}int{bits}")(),
        )
        for bits in (8, 16, 32, 64)
        for signed in (True, False)
    },
)
write(
    "texts",
    {
        "large": pa.array(some(words), pa.large_string()),
        "categorical": pa.array(some(words)).dictionary_encode(),
        "view": pa.array(some(words), pa.string_view()),
        "never": pa.array([None] * rows, pa.string()),
    },
    row_group_size=100,
)
write("nothing", {"float": pa.array([], pa.float64()), "word": pa.array([], pa.string())})

# Files of which each is left to DuckDB as a whole.
write("nested", {"x": mixed["float"], "list": pa.array([[i, None] for i in range(rows)])})
write("structure", {"x": mixed["float"], "point": pa.array([{"x": i} for i in range(rows)])})
write("decimal", {"x": mixed["float"], "price": pa.array([i for i in range(rows)], pa.decimal128(9, 2))})
write("bytes", {"x": mixed["float"], "bytes": pa.array([b"\xff"] * rows)})
write("times", {"x": mixed["float"], "time": pa.array([datetime.time(i % 24) for i in range(rows)])})
write("null", {"x": mixed["float"], "null": pa.nulls(rows)})
write("halves", {"x": mixed["float"], "half": pa.array(floats, pa.float16())})
write("zstd", mixed, compression="zstd")
write("byte-order-mark", {"\ufeffx": mixed["float"], "y": mixed["word"]})
write(
    "old-moments",
    {"x": mixed["float"], "moment": mixed["moment"]},
    use_deprecated_int96_timestamps=True,
)
