"""The five traits as polars and duckdb compute them best.

Each formulation is a correct way to write the five traits; `run_vs_peers.py` measures all of an engine and lets
the fastest count.

Tried, and slower on every kind of key: `sort_by(at).last()`, `filter` inside the aggregates, (at, value) packed into an
int128, the in-memory engine (polars); `case when` columns, `max` of a struct, `union all`, a larger
`perfect_ht_threshold` (duckdb).

A peer is `prepare(table, as_of) -> {formulation: query}`; `prepare` is not timed, `query()` is, up to and
including the result in memory, sorted by customer. The table holds nothing after `as_of`, so no query asks. A name
that ends in `(not counted)` was given other columns than the rest (duckdb with `kind` turned into an enum
beforehand): it is measured and shown, but is not what wayfare is compared with.
"""

import datetime

UNCOUNTED = "native, kind as enum (not counted)"
WINDOW = datetime.timedelta(days=30)


def polars(table, as_of):
    import polars as pl

    touchpoints = pl.from_arrow(table).lazy()
    column = pl.col
    purchased = column("kind") == "purchased"
    recent_view = (column("kind") == "page_viewed") & (column("at") > as_of - WINDOW)

    def days_since(last_at):
        return ((pl.lit(as_of) - last_at).dt.total_microseconds() / 86_400e6).alias("days_since_order")

    def marked(rows):
        return rows.select(
            "customer",
            purchased.alias("purchased"),
            recent_view.alias("recent_view"),
            pl.when(purchased).then("at").alias("purchased_at"),
            pl.when(purchased).then("value").alias("purchased_value"),
        )

    def aggregated(rows):
        return (
            marked(rows)
            .group_by("customer")
            .agg(
                column("purchased").sum().alias("orders"),
                column("purchased_value").sum().alias("spend"),
                column("purchased_value").max_by("purchased_at").alias("last_value"),
                column("purchased_at").max().alias("last_at"),
                column("recent_view").sum().alias("views_30d"),
            )
            .with_columns(days_since(column("last_at")))
            .drop("last_at")
        )

    def everyone():
        return touchpoints.select("customer").unique()

    def purchases():
        return (
            touchpoints.filter(purchased)
            .group_by("customer")
            .agg(
                pl.len().alias("orders"),
                column("value").sum().alias("spend"),
                column("value").max_by("at").alias("last_value"),
                days_since(column("at").max()),
            )
        )

    def recent_views():
        return touchpoints.filter(recent_view).group_by("customer").agg(pl.len().alias("views_30d"))

    def joined(left, *others):
        for other in others:
            left = left.join(other, on="customer", how="left", maintain_order="none")
        counts = [pl.col(name).fill_null(0) for name in ("orders", "spend", "views_30d")]
        return left.with_columns(counts)

    def query(lazy):
        return lambda: lazy.sort("customer").collect(engine="streaming")

    return {
        "one group-by": query(aggregated(touchpoints)),
        "one group-by of what counts": query(
            joined(everyone(), aggregated(touchpoints.filter(purchased | recent_view)))
        ),
        "a group-by each": query(joined(everyone(), purchases(), recent_views())),
    }


def duckdb(table, as_of):
    import duckdb as database

    connection = database.connect()
    connection.execute("set threads = 2; set timezone = 'UTC'")
    connection.register("registered", table)
    connection.execute("create table native as from registered")
    connection.execute("create type kind as enum ('page_viewed', 'email_opened', 'purchased', 'ticket_opened')")
    connection.execute(
        'create table native_enum as select customer, "at", cast(kind as kind) as kind, value from registered'
    )

    def days_since(last_at):
        return f"(epoch_us(timestamptz '{as_of.isoformat()}') - epoch_us({last_at})) / 86400e6"

    purchased = "kind = 'purchased'"
    recent_view = f"kind = 'page_viewed' and \"at\" > timestamptz '{(as_of - WINDOW).isoformat()}'"
    statements = {
        "one group-by": f"""
            select customer, count(*) filter ({purchased}) orders, coalesce(sum(value) filter ({purchased}), 0) spend,
              arg_max(value, "at") filter ({purchased}) last_value,
              {days_since(f'max("at") filter ({purchased})')} days_since_order,
              count(*) filter ({recent_view}) views_30d
            from touchpoints group by customer order by customer""",
        "a group-by each": f"""
            with orders as (
              select customer, count(*) orders, sum(value) spend, arg_max(value, "at") last_value,
                {days_since('max("at")')} days_since_order
              from touchpoints where {purchased} group by customer),
            views as (select customer, count(*) filter ({recent_view}) views_30d from touchpoints group by customer)
            select customer, coalesce(orders, 0) orders, coalesce(spend, 0) spend, last_value, days_since_order,
              views_30d
            from views left join orders using (customer) order by customer""",
        "one group-by of what counts": f"""
            with counted as (
              select customer, count(*) filter ({purchased}) orders, sum(value) filter ({purchased}) spend,
                arg_max(value, "at") filter ({purchased}) last_value,
                {days_since(f'max("at") filter ({purchased})')} days_since_order,
                count(*) filter ({recent_view}) views_30d
              from touchpoints where {purchased} or ({recent_view}) group by customer)
            select customer, coalesce(orders, 0) orders, coalesce(spend, 0) spend, last_value, days_since_order,
              coalesce(views_30d, 0) views_30d
            from (select distinct customer from touchpoints) left join counted using (customer) order by customer""",
    }

    def query(statement, source):
        text = statement.replace("from touchpoints", f"from {source}")
        return lambda: connection.sql(text).to_arrow_table()

    sources = {"registered": "registered", "native": "native", "native_enum": UNCOUNTED}
    return {
        f"{name}, {label}": query(statement, source)
        for source, label in sources.items()
        for name, statement in statements.items()
    }
