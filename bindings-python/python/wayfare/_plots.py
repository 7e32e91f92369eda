"""The diagnostics of lifetime models as pictures; needs matplotlib, which `wayfare[plots]` brings."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from . import _frames

if TYPE_CHECKING:
    from .lifetime import FittedModel


def plot_tracking(
    model: FittedModel,
    transactions: Any,
    *,
    observed_until: str | date,
    calibration_until: str | date | None = None,
    cumulative: bool = False,
    ax: Any = None,
    **choices: Any,
) -> Any:
    """Draws repeat purchases by period beside what the model expects; `choices` are those of `tracking`."""
    table = model.tracking(transactions, observed_until=observed_until, calibration_until=calibration_until, **choices)
    shown = _frames.columns(table)
    ax = _axes(ax)
    prefix = "cumulative_" if cumulative else ""
    ax.plot(shown["period"], shown[f"{prefix}actual"], label="actual", color="black")
    ax.plot(shown["period"], shown[f"{prefix}expected"], label="expected", color="tab:blue", linestyle="--")
    calibrated = [
        period for period, is_holdout in zip(shown["period"], shown["is_holdout"], strict=True) if not is_holdout
    ]
    if calibrated and len(calibrated) < len(shown["period"]):
        ax.axvline(calibrated[-1] + 0.5, color="grey", linewidth=1, linestyle=":")
    ax.set_xlabel(f"period of {model.period_days:g} days")
    ax.set_ylabel("cumulative repeat purchases" if cumulative else "repeat purchases")
    ax.legend()
    return ax


def plot_frequency_histogram(model: FittedModel, summary: Any, most: int | None = None, *, ax: Any = None) -> Any:
    """Draws how many customers made so many repeat purchases beside how many the model expects."""
    shown = _frames.columns(model.frequency_histogram(summary, most))
    ax = _axes(ax)
    _pairs(ax, shown, shown["actual"], shown["expected"])
    ax.set_ylabel("customers")
    return ax


def plot_probability_alive_matrix(
    model: FittedModel, summary: Any, most_frequency: int | None = None, *, ax: Any = None
) -> Any:
    """Draws the probability to be alive by frequency and recency."""
    shown = _frames.columns(model.probability_alive_matrix(summary, most_frequency))
    across, up = max(shown["frequency"]) + 1, max(shown["recency"]) + 1
    grid = [[float("nan")] * across for _ in range(up)]
    for frequency, recency, alive in zip(
        *(shown[name] for name in ("frequency", "recency", "probability_alive")), strict=True
    ):
        grid[recency][frequency] = float("nan") if alive is None else alive
    ax = _axes(ax)
    image = ax.imshow(grid, origin="lower", aspect="auto", vmin=0.0, vmax=1.0, cmap="viridis")
    ax.figure.colorbar(image, ax=ax, label="probability alive")
    ax.set_xlabel("frequency: repeat purchases")
    ax.set_ylabel(f"recency, in periods of {model.period_days:g} days")
    return ax


def plot_holdout(model: FittedModel, summary: Any, most: int | None = None, *, ax: Any = None) -> Any:
    """Draws the holdout beside what was expected of it, by frequency in the calibration."""
    shown = _frames.columns(model.holdout_by_frequency(summary, most))
    ax = _axes(ax)
    _pairs(ax, shown, shown["actual"], shown["expected"])
    ax.set_ylabel("mean purchases in the holdout")
    return ax


def _pairs(ax: Any, shown: dict[str, list[Any]], actual: list[Any], expected: list[Any]) -> None:
    places = shown["frequency"]
    labels = [*map(str, places[:-1]), f"{places[-1]}+"]
    bars = (("actual", actual, -0.2, "black"), ("expected", expected, 0.2, "tab:blue"))
    for label, values, shift, color in bars:
        heights = [float("nan") if value is None else value for value in values]
        ax.bar([place + shift for place in places], heights, width=0.4, label=label, color=color)
    ax.set_xticks(places, labels)
    ax.set_xlabel("frequency: repeat purchases")
    ax.legend()


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ModuleNotFoundError:
        raise ModuleNotFoundError('matplotlib is not there to draw with: pip install "wayfare[plots]"') from None
    return pyplot.subplots()[1]
