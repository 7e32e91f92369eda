//! The experience grid of a table of touchpoints: the moves of every customer, and then each of their touchpoints where it was met.
//!
//! `cells` reads the columns, `customers` brings touchpoints and moves together, `count` puts them where they belong.

mod cells;
mod count;
mod customers;

use count::Book;
use customers::everyone;

use super::identity::by_person;
use super::input::Table;
use super::output::{ResultColumn, ResultTable, Texts};
use super::{AsOf, RunOptions};
use crate::diagnostic::suggest;
use crate::error::{Error, ErrorKind, Result};
use crate::grid::{Figures, Grid};
use crate::journey::Journey;

impl Journey {
    /// The [`grid`](Self::grid), filled with what happened up to one instant: the customers of each stage, and the touchpoints, conversions and value
    /// of each cell. `conversions` names the kinds that are conversions.
    ///
    /// A touchpoint belongs to the stage in which its customer stood just before its instant: one that moves the customer is the last of the stage
    /// that it ends. One without a channel counts in its stage, and in no cell. A duplicate, as the fold tells them, counts once; of two that differ at one
    /// instant the first by kind, channel and value does.
    ///
    /// ```
    /// use wayfare::{Column, Journey, RunOptions, Table};
    ///
    /// let journey = Journey::from_yaml(
    ///     "wayfare: 1
    /// name: Shop
    /// channels: { web: {}, store: {} }
    /// touchpoints: { purchased: {} }
    /// traits: { orders: { count: purchased } }
    /// tracks:
    ///   relationship:
    ///     - { name: prospect }
    ///     - { name: customer, when: orders >= 1 }
    /// ",
    /// )?;
    /// let at = ["2026-03-01T10:00:00Z".parse()?, "2026-03-02T10:00:00Z".parse()?];
    /// let touchpoints = Table::new()
    ///     .column("customer", Column::texts(&["ada", "ada"]))
    ///     .column("at", Column::instants(&at))
    ///     .column("kind", Column::texts(&["purchased", "purchased"]))
    ///     .column("channel", Column::texts(&["web", "store"]))
    ///     .column("value", Column::numbers(&[30.0, 12.5]));
    /// let grid = journey.grid_of(&touchpoints, &RunOptions::at("2026-04-01T00:00:00Z".parse()?), &["purchased"])?;
    ///
    /// // The first order made her a customer, and so was a prospect's.
    /// let first = grid.cell("relationship", "prospect", "web").unwrap().figures.unwrap();
    /// assert_eq!((first.customers, first.conversions, first.value), (0, 1, 30.0));
    /// let second = grid.cell("relationship", "customer", "store").unwrap().figures.unwrap();
    /// assert_eq!((second.customers, second.conversions, second.value), (1, 1, 12.5));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`ErrorKind::InvalidArgument`] if a kind of `conversions` is not declared or `as_of` is not one instant.
    pub fn grid_of<'a>(&self, touchpoints: &Table<'a>, options: &RunOptions<'a>, conversions: &[&str]) -> Result<Grid> {
        if let Some(graph) = options.identity {
            return by_person(&self.plan, graph, "touchpoints", touchpoints, options, |touchpoints, options| {
                self.grid_of(touchpoints, options, conversions)
            });
        }
        let plan = &*self.plan;
        if let Some(kind) = conversions.iter().find(|kind| !plan.kinds.iter().any(|known| known.name == **kind)) {
            let help = suggest(kind, plan.kinds.iter().map(|kind| kind.name.as_str()), "there are");
            return Err(Error::new(ErrorKind::InvalidArgument, format!("kind `{kind}` is not declared")).with_help_if(help));
        }
        let AsOf::At(until) = options.as_of else {
            return Err(Error::new(ErrorKind::InvalidArgument, "a grid is filled as of one instant").with_help("pass one `as_of`"));
        };
        let moves = self.transitions(touchpoints, &RunOptions { explain: false, ..options.clone() })?;
        let mut book = Book::new(plan, conversions);
        let customers = everyone(plan, touchpoints, options, &moves, until.as_micros())?;
        customers.iter().for_each(|one| book.count(plan, one));

        let mut grid = self.grid();
        grid.as_of = Some(until);
        grid.conversions = conversions.iter().map(|kind| (*kind).to_owned()).collect();
        book.fill(plan, &mut grid);
        grid.rejected = moves.rejected;
        Ok(grid)
    }
}

impl Grid {
    /// The grid as a table, a row a cell: `track, stage, channel, owner, actions, kinds, data`, and of a filled grid `customers, touchpoints, conversions,
    /// value`. Lists are written with commas; `data` as rules write it.
    ///
    /// ```
    /// let table = wayfare::Journey::template("retail")?.grid().to_table();
    /// assert_eq!((table.rows(), table.columns.len()), (13 * 5, 7));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn to_table(&self) -> ResultTable {
        let rows: Vec<_> = self
            .tracks
            .iter()
            .flat_map(|track| track.stages.iter().flat_map(move |stage| stage.cells.iter().map(move |cell| (track, stage, cell))))
            .collect();
        let texts = |of: &dyn Fn(usize) -> Option<String>| {
            let mut column = Texts::default();
            (0..rows.len()).for_each(|row| column.push(of(row).as_deref()));
            ResultColumn::Texts(column)
        };
        let listed = |names: &[String]| names.join(", ");
        let mut columns = vec![
            ("track".to_owned(), texts(&|row| rows.get(row).map(|(track, ..)| track.track.clone()))),
            ("stage".to_owned(), texts(&|row| rows.get(row).map(|(_, stage, _)| stage.stage.clone()))),
            ("channel".to_owned(), texts(&|row| rows.get(row).map(|(.., cell)| cell.channel.clone()))),
            ("owner".to_owned(), texts(&|row| rows.get(row).and_then(|(.., cell)| cell.owner.clone()))),
            ("actions".to_owned(), texts(&|row| rows.get(row).map(|(.., cell)| listed(&cell.actions)))),
            ("kinds".to_owned(), texts(&|row| rows.get(row).map(|(.., cell)| listed(&cell.kinds)))),
            ("data".to_owned(), texts(&|row| rows.get(row).map(|(.., cell)| listed(&cell.data.names().collect::<Vec<_>>())))),
        ];
        if self.as_of.is_some() {
            let figures: Vec<Figures> = rows.iter().map(|(.., cell)| cell.figures.unwrap_or_default()).collect();
            let whole = |of: fn(&Figures) -> u64| ResultColumn::Integers(figures.iter().map(|figures| of(figures) as i64).collect());
            columns.push(("customers".to_owned(), whole(|figures| figures.customers)));
            columns.push(("touchpoints".to_owned(), whole(|figures| figures.touchpoints)));
            columns.push(("conversions".to_owned(), whole(|figures| figures.conversions)));
            columns.push(("value".to_owned(), ResultColumn::Numbers(figures.iter().map(|figures| figures.value).collect())));
        }
        ResultTable { columns, rejected: Vec::new() }
    }
}
