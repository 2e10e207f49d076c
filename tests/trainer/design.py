import numpy as np


def design(columns, terms):
    """One column for each term: a numeric column's values, or where a categorical one has that level; and a constant.

    `columns` is a data frame, or arrays by name.
    """
    parts = [
        np.asarray(columns[term["column"]], dtype="float64")
        if term["level"] is None
        else (np.asarray(columns[term["column"]], dtype=object) == term["level"]).astype("float64")
        for term in terms
    ]
    return np.column_stack([*parts, np.ones(len(parts[0]))])
