"""Tables of any kind in, the same kind out."""

from __future__ import annotations

import importlib.util
from datetime import datetime
from typing import Any

from ._errors import InvalidTableError


def _library(frame: object) -> str:
    return type(frame).__module__.partition(".")[0]


def stream(frame: Any, name: str) -> Any:
    """The frame as something with an Arrow stream. `name` is what the caller calls it."""
    if _library(frame) == "pandas" and type(frame).__name__ == "DataFrame":
        return _from_pandas(frame, name)
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
        return frame
    if _library(frame) == "polars" and type(frame).__name__ == "LazyFrame":
        raise InvalidTableError(
            f"`{name}` is a polars LazyFrame, which has no rows yet", help="call `.collect()` on it first"
        )
    help = "pass a table of pyarrow, polars, pandas or duckdb, or anything else with `__arrow_c_stream__`"
    if isinstance(frame, (list, dict)):
        rows = "pylist" if isinstance(frame, list) else "pydict"
        help = f"make a table of it first: `pyarrow.Table.from_{rows}(…)`"
    raise InvalidTableError(f"`{name}` is of type `{type(frame).__name__}`, not a table", help=help)


def _from_pandas(frame: Any, name: str) -> Any:
    """A pandas frame as a pyarrow table; an index without a name is the number of the row and no column."""
    if importlib.util.find_spec("pyarrow") is None:
        raise InvalidTableError(
            f"`{name}` is a pandas DataFrame, and pyarrow is not there to read it", help="`pip install pyarrow`"
        )
    import pyarrow  # type: ignore[import-untyped]

    unnamed = all(level is None for level in frame.index.names)
    try:
        return pyarrow.Table.from_pandas(frame, preserve_index=not unnamed and None)
    except (pyarrow.ArrowException, ValueError, TypeError):
        # The text of that error shows a customer's data.
        column = next((str(column) for column in frame.columns if not _one_type(frame[column])), None)
        place = f"`{name}`" if column is None else f"column `{column}` of `{name}`"
        raise InvalidTableError(
            f"{place} mixes types or holds what no Arrow type has", help="give each column one type"
        ) from None


def _one_type(column: Any) -> bool:
    import pyarrow

    try:
        pyarrow.Array.from_pandas(column)
    except (pyarrow.ArrowException, ValueError, TypeError):
        return False
    return True


def moments(as_of: Any) -> str:
    """Whether `as_of` is "one" instant, "many" of them, or a "table"."""
    if isinstance(as_of, (str, datetime)):
        return "one"
    is_column = hasattr(as_of, "dtype")
    if hasattr(as_of, "__iter__") and (is_column or isinstance(as_of, (list, tuple, set, frozenset))):
        return "many"
    if hasattr(as_of, "__arrow_c_stream__") or hasattr(as_of, "__arrow_c_array__") or isinstance(as_of, dict):
        return "table"
    return "many" if hasattr(as_of, "__iter__") else "one"


def library(frame: object) -> str:
    """The library of a frame or a column: `polars`, `pandas` …"""
    return _library(frame)


def like(frame: Any, table: Any) -> Any:
    """The Arrow table as the kind of frame that came in, else as a `pyarrow.Table`."""
    return like_named(_library(frame), table)


def like_named(library: str, table: Any) -> Any:
    """The Arrow table as the kind of frame that a library has, else as a `pyarrow.Table`."""
    if library == "polars":
        import polars

        return polars.DataFrame(table)
    if importlib.util.find_spec("pyarrow") is None:
        return table
    import pyarrow

    result = pyarrow.table(table)
    return result.to_pandas() if library == "pandas" else result


def column(frame: Any, table: Any, name: str) -> Any:
    """A column of the result for `frame`, as the kind of column that its library has; in pandas with its index."""
    if _library(frame) == "pandas":
        return aligned(frame, table)[name]
    return table[name]


def aligned(frame: Any, table: Any) -> Any:
    """A result of as many rows as `frame`; in pandas with its index."""
    if _library(frame) == "pandas":
        table.index = frame.index
    return table


def columns(table: Any) -> dict[str, list[Any]]:
    """The columns of a result as lists, whatever kind of frame it is."""
    library = _library(table)
    if library == "polars":
        return dict(table.to_dict(as_series=False))
    if library == "pandas":
        return dict(table.to_dict("list"))
    import pyarrow

    return dict(pyarrow.table(table).to_pydict())


def of_columns(given: dict[str, Any], name: str) -> Any:
    """Columns or lists of equal length as one table."""
    if importlib.util.find_spec("pyarrow") is None:
        raise InvalidTableError(f"pyarrow is not there to make a table of `{name}`", help="`pip install pyarrow`")
    import pyarrow

    def column(values: Any) -> Any:
        if _library(values) == "pandas":
            return pyarrow.Array.from_pandas(values)
        if _library(values) == "polars":
            return values.to_arrow()
        return values if isinstance(values, (pyarrow.Array, pyarrow.ChunkedArray)) else pyarrow.array(values)

    for key, values in given.items():
        try:
            given = given | {key: column(values)}
        except (pyarrow.ArrowException, ValueError, TypeError):
            raise InvalidTableError(f"`{key}` mixes types or holds what no Arrow type has") from None
    lengths = {len(values) for values in given.values()}
    if len(lengths) > 1:
        raise InvalidTableError(f"the columns of `{name}` are not equally long")
    return pyarrow.table(given)
