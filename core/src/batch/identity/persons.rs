//! Tables of identifiers as tables of persons: what a run with an identity graph reads.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::super::column::{Bits, Column, Data, Ints, Text};
use super::super::input::Table;
use super::super::{AsOf, RunOptions};
use super::columns::text_of;
use crate::error::{Error, Result};
use crate::identity::IdentityGraph;
use crate::journey::plan::Plan;

/// The column of the persons.
const CUSTOMER: &str = "customer";

/// Who the rows of a table are about.
struct Persons {
    /// Per chunk, one a row.
    codes: Vec<Vec<u32>>,
    /// Per chunk, whether a row is about anybody.
    known: Vec<Vec<u8>>,
    bytes: Vec<u8>,
    ends: Vec<i64>,
    /// Columns of the table that stay.
    kept: Vec<usize>,
}

impl Persons {
    /// Looks up the person of every row: that of its first identifier that the graph knows, by priority of the kinds; where it knows none, the person
    /// that the row's first identifier would be alone. Nothing if the table has no column of identifiers, but names persons in `customer` already.
    /// `fields` are the columns that mean something else too, and stay.
    fn of(graph: &IdentityGraph, name: &'static str, table: &Table<'_>, fields: &[&str]) -> Result<Option<Self>> {
        let rules = graph.rules();
        let columns: Vec<(u16, usize)> = rules.kinds().zip(0..).filter_map(|(kind, at)| Some((at, table.position(kind)?))).collect();
        let named = table.position(CUSTOMER).filter(|customer| columns.iter().all(|(_, column)| column != customer));
        match (named, columns.is_empty()) {
            (Some(_), true) => return Ok(None),
            (Some(_), false) => {
                let kinds: Vec<String> = columns.iter().map(|(kind, _)| format!("`{}`", rules.name(*kind))).collect();
                return Err(Error::table(format!(
                    "the table `{name}` has a column `customer` and identifiers as well: {}",
                    kinds.join(", ")
                ))
                .with_help("drop `customer`, so that the identity graph says who it is, or the identifiers"));
            }
            (None, true) => {
                let kinds: Vec<String> = rules.kinds().map(|kind| format!("`{kind}`")).collect();
                return Err(Error::table(format!("the table `{name}` has no column of identifiers"))
                    .with_help(format!("call one after a kind of the identity graph: {}", kinds.join(", "))));
            }
            (None, false) => {}
        }
        for (_, column) in &columns {
            table.expect(name, *column, "text or integers", |data| matches!(data, Data::Text(_) | Data::Int(_)))?;
        }
        let mut found = Found { graph, numbers: HashMap::default(), bytes: Vec::new(), ends: vec![0] };
        let (mut codes, mut known) = (Vec::new(), Vec::new());
        for chunk in &table.chunks {
            let rows = chunk.first().map_or(0, Column::len);
            let mut bits = vec![0_u8; rows.div_ceil(8)];
            let of_row = |row: usize| {
                let texts = columns.iter().filter_map(|(kind, column)| Some((*kind, text_of(chunk.get(*column)?, row)?)));
                found.person(texts)
            };
            let persons: Vec<Option<u32>> = (0..rows).map(of_row).collect();
            for row in persons.iter().enumerate().filter(|(_, person)| person.is_some()).map(|(row, _)| row) {
                bits.get_mut(row / 8).into_iter().for_each(|byte| *byte |= 1 << (row % 8));
            }
            codes.push(persons.into_iter().map(Option::unwrap_or_default).collect());
            known.push(bits);
        }
        let is_kept = |at: &usize| {
            let is_field = table.names.get(*at).is_some_and(|name| fields.contains(&name.as_str()) && name != CUSTOMER);
            is_field || columns.iter().all(|(_, column)| column != at)
        };
        let kept = (0..table.names.len()).filter(is_kept).collect();
        let Found { bytes, ends, .. } = found;
        Ok(Some(Self { codes, known, bytes, ends, kept }))
    }

    /// The table with a column `customer` of persons.
    fn table<'p>(&'p self, table: &'p Table<'_>) -> Table<'p> {
        let kept = |chunk: &'p Vec<Column<'_>>| self.kept.iter().filter_map(|at| chunk.get(*at)).map(Column::borrowed);
        let chunks = table.chunks.iter().zip(self.codes.iter().zip(&self.known)).map(|(chunk, (codes, known))| {
            let words = Column::new(Data::Text(Text::Large { offsets: &self.ends, bytes: &self.bytes }), None);
            let persons = Data::Text(Text::Dictionary { codes: Ints::U32(codes), words: Box::new(words) });
            std::iter::once(Column::new(persons, Some(Bits { bytes: known, offset: 0 }))).chain(kept(chunk)).collect()
        });
        let names = self.kept.iter().filter_map(|at| table.names.get(*at).cloned());
        Table { names: std::iter::once(CUSTOMER.to_owned()).chain(names).collect(), chunks: chunks.collect() }
    }
}

/// Persons that were met, by number.
struct Found<'g> {
    graph: &'g IdentityGraph,
    numbers: HashMap<Box<str>, u32, FixedState>,
    bytes: Vec<u8>,
    ends: Vec<i64>,
}

impl Found<'_> {
    fn person<'v>(&mut self, identifiers: impl Iterator<Item = (u16, Cow<'v, str>)>) -> Option<u32> {
        let rules = self.graph.rules();
        let mut alone = None;
        for (at, value) in identifiers {
            let kind = rules.kind(at)?;
            let value = kind.normalized(&value);
            if value.is_empty() || kind.is_blocked(&value) {
                continue;
            }
            if let Some(root) = self.graph.root_of(at, &value) {
                return Some(self.number(self.graph.id(root)));
            }
            alone = alone.or_else(|| Some(format!("{}:{value}", kind.name)));
        }
        alone.map(|id| self.number(id))
    }

    fn number(&mut self, id: String) -> u32 {
        if let Some(number) = self.numbers.get(id.as_str()) {
            return *number;
        }
        let number = self.numbers.len() as u32;
        self.bytes.extend_from_slice(id.as_bytes());
        self.ends.push(self.bytes.len() as i64);
        self.numbers.insert(id.into(), number);
        number
    }
}

/// Asks with the customers of all tables replaced by their persons. `name` is that of the main table.
pub(crate) fn by_person<T>(
    plan: &Plan,
    graph: &IdentityGraph,
    name: &'static str,
    main: &Table<'_>,
    options: &RunOptions<'_>,
    ask: impl for<'t> FnOnce(&'t Table<'t>, &RunOptions<'t>) -> Result<T>,
) -> Result<T> {
    let fields: Vec<&str> = plan.fields.iter().map(|field| field.name.as_str()).collect();
    let attributes: Vec<&str> = plan.attributes.iter().map(|(name, _)| name.as_str()).collect();
    let inputs: Vec<&str> = plan.decision.inputs.iter().map(|(name, _)| name.as_str()).collect();
    let questions = match &options.as_of {
        AsOf::Table(table) => Some(table),
        _ => None,
    };
    let resolved = |name, table: Option<&Table<'_>>, fields: &[&str]| match table {
        Some(table) => Persons::of(graph, name, table, fields),
        None => Ok(None),
    };
    let of_main = resolved(name, Some(main), &fields)?;
    let of_customers = resolved("customers", options.customers, &attributes)?;
    let of_preferences = resolved("preferences", options.preferences, &[])?;
    let of_inputs = resolved("inputs", options.inputs, &inputs)?;
    let of_questions = resolved("as_of", questions, &[])?;

    fn table<'t>(persons: &'t Option<Persons>, table: &'t Table<'_>) -> Table<'t> {
        match persons {
            Some(persons) => persons.table(table),
            None => table.borrowed(),
        }
    }
    let main = table(&of_main, main);
    let customers = options.customers.map(|customers| table(&of_customers, customers));
    let preferences = options.preferences.map(|preferences| table(&of_preferences, preferences));
    let inputs = options.inputs.map(|inputs| table(&of_inputs, inputs));
    let as_of = match &options.as_of {
        AsOf::At(at) => AsOf::At(*at),
        AsOf::Each(instants) => AsOf::Each(instants.clone()),
        AsOf::Table(questions) => AsOf::Table(table(&of_questions, questions)),
    };
    let by_person = RunOptions {
        as_of,
        customers: customers.as_ref(),
        preferences: preferences.as_ref(),
        inputs: inputs.as_ref(),
        identity: None,
        on_error: options.on_error,
        extra_columns: options.extra_columns,
        explain: options.explain,
        progress: options.progress,
    };
    ask(&main, &by_person)
}
