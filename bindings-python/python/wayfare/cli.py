"""The command `wayfare`: start a journey file, check it, run it over a table, decide, compare, explain one customer.

It ends with 0 if all is well, 1 if a file or a table has errors, 2 if it was called wrongly. `compare` ends as `diff`
does: with 0 if nothing differs, 1 if something does, 2 if it cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from . import InvalidJourneyError, Journey, Transition, View, WayfareError, template_names, template_text
from . import _tables as tables

app = typer.Typer(
    help="wayfare, a customer-journey engine: start a journey file, check it, run it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_FILE = typer.Argument(help="A journey file, YAML or JSON.", exists=True, dir_okay=False)
_TOUCHPOINTS = typer.Argument(help="A table: .parquet, .csv or .arrow.", exists=True, dir_okay=False)
_AS_OF = typer.Option("--as-of", help="The instant asked about, like 2026-03-01T00:00:00Z.")
_CUSTOMERS = typer.Option("--customers", help="A table of attributes.", exists=True, dir_okay=False)
_PREFERENCES = typer.Option("--preferences", help="A table of preferences.", exists=True, dir_okay=False)
_INPUTS = typer.Option("--inputs", help="A table of inputs, one row a customer.", exists=True, dir_okay=False)
_INSTANTS = typer.Option("--as-of", help="An instant like 2026-03-01T00:00:00Z; may be repeated.")
_OUT = typer.Option("--out", help="Write the result here (.parquet, .csv or .arrow).")
_REJECTED = typer.Option("--rejected", help="Go on past bad rows, and write them here.")
_ZONE = typer.Option("--naive-time-zone", help="The IANA zone of timestamps that have none.")
_IGNORE = typer.Option("--ignore-extra-columns", help="Pass over columns the journey does not know.")
_ROWS = typer.Option("--rows", help="How many rows to show.", min=0)


def _out() -> Console:
    return Console(highlight=False, soft_wrap=False)


def _fail(message: str, code: int = 1) -> NoReturn:
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(code)


@contextmanager
def _said(file: Path | None = None, code: int = 1) -> Iterator[None]:
    """An error of wayfare as a message and that exit code."""
    try:
        yield
    except InvalidJourneyError as error:
        _show(error.diagnostics, file)
        _fail(error.message.partition("\n")[0], code)
    except (WayfareError, OSError) as error:
        _fail(str(error), code)
    except tables.UnknownFormat as error:
        _fail(str(error), 2)


def _show(diagnostics: list[Any], file: Path | None) -> None:
    source = file.read_text(encoding="utf-8", errors="replace") if file else ""
    for diagnostic in diagnostics:
        typer.echo(diagnostic.render(source, str(file)) + "\n", err=True)


def _journey(file: Path, code: int = 1) -> Journey:
    with _said(file, code):
        return Journey.from_file(file)


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("journey.yaml"),
    template: Annotated[
        str, typer.Option(help=f"What to start from: {', '.join(template_names())}.")
    ] = template_names()[0],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a journey file to start from."""
    if file.exists() and not force:
        _fail(f"{file} is there already; --force writes over it")
    with _said():
        text = template_text(template)
        file.write_text(text, encoding="utf-8")
    typer.echo(
        f"{file}: the journey `{Journey.from_yaml(text).name}`, to change as you need; next: wayfare check {file}"
    )


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Journey files, YAML or JSON.", exists=True, dir_okay=False)],
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
) -> None:
    """Check journey files: every problem, with its line underlined."""
    failed = False
    for file in files:
        try:
            journey = Journey.from_file(file)
        except InvalidJourneyError as error:
            _show(error.diagnostics, file)
            errors = sum(diagnostic.severity == "error" for diagnostic in error.diagnostics)
            typer.echo(f"{file}: {_count(errors, 'error')}, {_count(len(error.diagnostics) - errors, 'warning')}")
            failed = True
        except WayfareError as error:
            typer.echo(f"{file}: {error}")
            failed = True
        else:
            _show(journey.warnings, file)
            failed |= strict and bool(journey.warnings)
            warned = f", {_count(len(journey.warnings), 'warning')}" if journey.warnings else ""
            typer.echo(f"{file}: the journey `{journey.name}` is ready to run{warned}")
    raise typer.Exit(1 if failed else 0)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@app.command()
def run(
    file: Annotated[Path, _FILE],
    touchpoints: Annotated[Path, _TOUCHPOINTS],
    as_of: Annotated[list[str], _INSTANTS],
    customers: Annotated[Path | None, _CUSTOMERS] = None,
    out: Annotated[Path | None, _OUT] = None,
    rejected: Annotated[Path | None, _REJECTED] = None,
    naive_time_zone: Annotated[str | None, _ZONE] = None,
    ignore_extra_columns: Annotated[bool, _IGNORE] = False,
    rows: Annotated[int, _ROWS] = 20,
) -> None:
    """Run a journey over a table: one row a customer."""
    journey = _journey(file)
    instants = as_of if len(as_of) > 1 else as_of[0]
    with _said():
        result = journey.run(
            tables.read(touchpoints, journey),
            customers=None if customers is None else tables.read(customers, journey),
            as_of=instants,
            on_error="collect",
            **_options(naive_time_zone, ignore_extra_columns),
        )
        stages = [name for track in journey.tracks for name in (track, f"{track}_since")]
        first = [
            "customer",
            *(["as_of"] if len(as_of) > 1 else []),
            *stages,
            "next_change_at",
            *journey.scores,
            *journey.segments,
        ]
        _finish(*result, out, rejected, first, rows)


@app.command()
def transitions(
    file: Annotated[Path, _FILE],
    touchpoints: Annotated[Path, _TOUCHPOINTS],
    as_of: Annotated[str, _AS_OF],
    customers: Annotated[Path | None, _CUSTOMERS] = None,
    out: Annotated[Path | None, _OUT] = None,
    rejected: Annotated[Path | None, _REJECTED] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add the rule and the values that decided.")] = False,
    naive_time_zone: Annotated[str | None, _ZONE] = None,
    ignore_extra_columns: Annotated[bool, _IGNORE] = False,
    rows: Annotated[int, _ROWS] = 20,
) -> None:
    """Every move of every customer: one row a transition."""
    journey = _journey(file)
    with _said():
        result = journey.transitions(
            tables.read(touchpoints, journey),
            customers=None if customers is None else tables.read(customers, journey),
            as_of=as_of,
            explain=explain,
            on_error="collect",
            **_options(naive_time_zone, ignore_extra_columns),
        )
        first = ["customer", "track", "at", "from", "to", *(["because"] if explain else [])]
        _finish(*result, out, rejected, first, rows)


@app.command()
def decide(
    file: Annotated[Path, _FILE],
    touchpoints: Annotated[Path, _TOUCHPOINTS],
    as_of: Annotated[list[str], _INSTANTS],
    preferences: Annotated[Path | None, _PREFERENCES] = None,
    customers: Annotated[Path | None, _CUSTOMERS] = None,
    inputs: Annotated[Path | None, _INPUTS] = None,
    out: Annotated[Path | None, _OUT] = None,
    rejected: Annotated[Path | None, _REJECTED] = None,
    explain: Annotated[bool, typer.Option("--explain", help="One row a candidate, with what stopped it.")] = False,
    naive_time_zone: Annotated[str | None, _ZONE] = None,
    ignore_extra_columns: Annotated[bool, _IGNORE] = False,
    rows: Annotated[int, _ROWS] = 20,
) -> None:
    """The one relevant thing to say to each customer."""
    journey = _journey(file)
    with _said():
        result = journey.decide(
            tables.read(touchpoints, journey),
            **_about_customers(journey, preferences, customers, inputs),
            as_of=as_of if len(as_of) > 1 else as_of[0],
            explain=explain,
            on_error="collect",
            **_options(naive_time_zone, ignore_extra_columns),
        )
        first = ["customer", *(["as_of"] if len(as_of) > 1 else []), "action", "channel", "because"]
        first += ["priority", "gate", "reason", "not_before"] if explain else ["priority", "not_before", "held_out"]
        _finish(*result, out, rejected, first, rows)


@app.command()
def compare(
    before: Annotated[Path, _FILE],
    after: Annotated[Path, _FILE],
    touchpoints: Annotated[Path, _TOUCHPOINTS],
    as_of: Annotated[list[str], _INSTANTS],
    preferences: Annotated[Path | None, _PREFERENCES] = None,
    customers: Annotated[Path | None, _CUSTOMERS] = None,
    inputs: Annotated[Path | None, _INPUTS] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write each decision that differs here.")] = None,
    rejected: Annotated[Path | None, _REJECTED] = None,
    naive_time_zone: Annotated[str | None, _ZONE] = None,
    ignore_extra_columns: Annotated[bool, _IGNORE] = False,
) -> None:
    """The same past under two files.

    Ends with 0 if nothing differs, 1 if something does, 2 if it cannot be told.
    """
    journey, other = _journey(before, 2), _journey(after, 2)
    with _said(code=2):
        comparison, refused = journey.compare(
            other,
            tables.read(touchpoints, journey),
            **_about_customers(journey, preferences, customers, inputs),
            as_of=as_of if len(as_of) > 1 else as_of[0],
            on_error="collect",
            **_options(naive_time_zone, ignore_extra_columns),
        )
        _keep(comparison.differences, refused, out, rejected, 2)
    typer.echo(comparison.to_text())
    raise typer.Exit(0 if comparison.is_empty else 1)


@app.command()
def grid(
    file: Annotated[Path, _FILE],
    touchpoints: Annotated[
        Path | None, typer.Argument(help="A table to fill it from.", exists=True, dir_okay=False)
    ] = None,
    as_of: Annotated[str | None, _AS_OF] = None,
    customers: Annotated[Path | None, _CUSTOMERS] = None,
    conversion: Annotated[
        list[str] | None,
        typer.Option("--conversion", help="A kind of touchpoint that is a conversion; may be repeated."),
    ] = None,
    track: Annotated[str | None, typer.Option("--track", help="This track alone.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write it here as a page.")] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Write it here as a picture.")] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Show the tracks as a Mermaid diagram instead.")] = False,
    naive_time_zone: Annotated[str | None, _ZONE] = None,
    ignore_extra_columns: Annotated[bool, _IGNORE] = False,
) -> None:
    """The experience grid: who answers where, and what is missing."""
    if (touchpoints is None) != (as_of is None):
        _fail("a table and --as-of go together", 2)
    journey = _journey(file)
    with _said():
        shown = journey.grid()
        if touchpoints is not None and as_of is not None:
            shown = journey.grid(
                tables.read(touchpoints, journey),
                customers=None if customers is None else tables.read(customers, journey),
                as_of=as_of,
                conversions=conversion,
                **_options(naive_time_zone, ignore_extra_columns),
            )
        shown = shown if track is None else shown.only(track)
        for path, text in ((html, shown.to_html), (svg, shown.to_svg)):
            if path is not None:
                path.write_text(text(), encoding="utf-8")
                typer.echo(f"{path}: the grid of journey `{journey.name}`", err=True)
        if mermaid:
            typer.echo(journey.diagram().to_mermaid())
        elif html is None and svg is None:
            typer.echo(shown.to_text())


def _about_customers(journey: Journey, preferences: Path | None, customers: Path | None, inputs: Path | None) -> Any:
    return {
        "preferences": None if preferences is None else tables.read_preferences(preferences),
        "customers": None if customers is None else tables.read(customers, journey),
        "inputs": None if inputs is None else tables.read_inputs(inputs, journey),
    }


def _options(naive_time_zone: str | None, ignore_extra_columns: bool) -> Any:
    bar = _out().is_terminal or None
    return {
        "naive_time_zone": naive_time_zone,
        "extra_columns": "ignore" if ignore_extra_columns else "refuse",
        "progress": bar,
    }


def _finish(table: Any, refused: Any, out: Path | None, rejected: Path | None, first: list[str], rows: int) -> None:
    """Writes and shows a result. Rows that were refused and not asked for fail the command."""
    _keep(table, refused, out, rejected)
    _preview(table, first, rows)


def _keep(table: Any, refused: Any, out: Path | None, rejected: Path | None, code: int = 1) -> None:
    if refused.num_rows and rejected is None:
        for row in refused.slice(0, 10).to_pylist():
            typer.echo(f"{row['table']}: row {row['row']}, column `{row['column']}`: {row['reason']}", err=True)
        _fail(f"{_count(refused.num_rows, 'bad row')}; mend them, or use --rejected FILE to go on without them", code)
    if rejected is not None:
        tables.write(refused, rejected)
        typer.echo(f"{rejected}: {_count(refused.num_rows, 'refused row')}", err=True)
    if out is not None:
        tables.write(table, out)
        typer.echo(f"{out}: {_count(table.num_rows, 'row')}", err=True)


def _preview(table: Any, first: list[str], rows: int) -> None:
    """The first rows; of many columns those that fit, the important ones first."""
    console = _out()
    fits = max(4, console.width // 16)
    shown = [*first, *(name for name in table.column_names if name not in first)][:fits]
    grid = Table(*shown, box=None, header_style="bold", pad_edge=False)
    for row in table.select(shown).slice(0, rows).to_pylist():
        grid.add_row(*(_plain(row[name]) for name in shown))
    console.print(grid)
    left = [
        *([f"{table.num_rows - rows:,} more rows"] if table.num_rows > rows else []),
        *([f"{table.num_columns - len(shown)} more columns"] if table.num_columns > len(shown) else []),
    ]
    if left:
        console.print(f"… {' and '.join(left)}; --out writes all")


def _plain(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


@app.command()
def explain(
    file: Annotated[Path, _FILE],
    touchpoints: Annotated[Path, _TOUCHPOINTS],
    customer: Annotated[str, typer.Option("--customer", help="The customer's id.")],
    as_of: Annotated[str, _AS_OF],
    customers: Annotated[Path | None, _CUSTOMERS] = None,
    naive_time_zone: Annotated[str | None, _ZONE] = None,
    ignore_extra_columns: Annotated[bool, _IGNORE] = False,
) -> None:
    """One customer: every move with its cause, then where they stand and what makes up their scores."""
    journey = _journey(file)
    profile = journey.profile(customer)
    with _said():
        until = profile.view(as_of).at
        count = 0
        records = tables.records(journey, touchpoints, customers, customer, naive_time_zone, ignore_extra_columns)
        for at, is_change, row in records:
            if at is not None and at > until:
                break
            if is_change:
                change = row.pop("id", None)
                if row:
                    profile.set(row, at=at, id=change)
            else:
                profile.observe(row, at=at)
                count += 1
        moves, view = profile.history(as_of), profile.view(as_of)
    if count == 0:
        _fail(f"the table has no touchpoint of this customer up to {as_of}")
    console = _out()
    console.print(f"[bold]Customer {customer}[/bold], {_count(count, 'touchpoint')} up to {as_of}\n")
    _explain_moves(console, moves)
    _explain_view(console, view)


def _explain_moves(console: Console, moves: list[Transition]) -> None:
    for move in moves:
        at = f"{move.at:%Y-%m-%d %H:%M:%S}" if move.at else "from the start"
        cause = f"{move.cause} {move.record}" if move.record else move.cause
        console.print(f"{at:<19}  {move.track}: {move.from_} -> [bold]{move.to}[/bold]", soft_wrap=True)
        console.print(f"{'':19}  by {cause}, because {move.because}", soft_wrap=True, markup=False)
    if not moves:
        console.print("No move yet.")


def _explain_view(console: Console, view: View) -> None:
    console.print("\n[bold]Now[/bold]")
    for track, stage in view.stages.items():
        since = f" since {stage.since:%Y-%m-%d %H:%M:%S}" if stage.since else ""
        console.print(f"  {track}: {stage.stage}{since}")
    if view.next_change:
        change = view.next_change
        console.print(f"  next, if nothing happens: {change.track} -> {change.to} at {change.at:%Y-%m-%d %H:%M:%S}")
    if view.scores:
        console.print("\n[bold]Scores[/bold]")
    for score, value in view.scores.items():
        parts = ", ".join(f"{part.element} {_plain(part.contribution)}" for part in view.make_up[score])
        console.print(f"  {score} = {_plain(value)}  ({parts})", soft_wrap=True, markup=False)
    for title, values in (("Segments", view.segments), ("Traits", view.traits)):
        if values:
            console.print(f"\n[bold]{title}[/bold]")
        for name, known in values.items():
            console.print(f"  {name} = {_plain(known)}", soft_wrap=True, markup=False)
