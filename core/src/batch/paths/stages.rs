//! What a journey knows of touchpoints: who answers for each, and the stage in which it found the customer.

use std::borrow::Cow;

use super::super::column::{Column, Data, Instants, Ints, Text, Unit};
use super::super::input::Table;
use super::super::output::ResultColumn;
use super::super::{AsOf, ExtraColumns, RunOptions};
use super::TABLE;
use super::options::PathsOptions;
use crate::diagnostic::suggest;
use crate::error::{BadRow, Error, ErrorKind, Result};
use crate::insight::paths::{Customers, Dimension, Paths};
use crate::journey::{Journey, JourneySpec};
use crate::time::Instant;

/// A journey that knows more of touchpoints than their table does.
#[derive(Debug, Clone, Copy)]
pub struct InJourney<'a> {
    /// The journey: `owner` is the owner of a touchpoint's channel, or of its cell where the stage is known.
    pub journey: &'a Journey,
    /// The track whose stages are the dimension `stage`, if there is to be one.
    pub track: Option<&'a str>,
    /// Attributes, as [`RunOptions::customers`] has them.
    pub customers: Option<&'a Table<'a>>,
}

impl InJourney<'_> {
    /// Refuses a track that there is not, and a second `stage`.
    pub(super) fn check(&self, table: &Table<'_>) -> Result<()> {
        let Some(track) = self.track else { return Ok(()) };
        if self.journey.stages(track).is_none() {
            let tracks: Vec<&str> = self.journey.tracks().collect();
            let help = suggest(track, tracks, "its tracks are");
            return Err(Error::new(ErrorKind::InvalidArgument, format!("the journey has no track `{track}`")).with_help_if(help));
        }
        match table.position("stage") {
            None => Ok(()),
            Some(_) => Err(Error::table(format!("the table `{TABLE}` has a column `stage`, and `track` asks for the journey's"))
                .with_help("drop the column, or leave `track` out")),
        }
    }

    /// Adds the stages and the owners. Gives the rows that the journey refuses.
    pub(super) fn add(&self, paths: &mut Paths, touchpoints: &Table<'_>, options: &PathsOptions<'_>) -> Result<Vec<BadRow>> {
        let mut refused = Vec::new();
        if let Some(track) = self.track {
            let (stages, rejected) = self.stages(paths, &renamed(touchpoints, options), track, options)?;
            refused = rejected;
            insert(paths, stages);
        }
        if paths.dimension("owner").is_err()
            && let Some(owners) = self.owners(paths)
        {
            insert(paths, owners);
        }
        Ok(refused)
    }

    /// The stage just before each touchpoint: what is true a microsecond earlier, when nothing of its instant is folded.
    fn stages(&self, paths: &Paths, touchpoints: &Table<'_>, track: &str, options: &PathsOptions<'_>) -> Result<(Dimension, Vec<BadRow>)> {
        let mut numbers: Vec<u32> = Vec::with_capacity(paths.events());
        for (number, history) in (0..).zip(paths.histories()) {
            numbers.extend(history.map(|_| number));
        }
        let before = paths.ats.iter().map(|at| (at - 1).max(Instant::MIN.as_micros())).collect();
        let (keys, ends);
        let customers = match &paths.customers {
            Customers::Integers(all) => {
                let of = |number: &u32| all.get(*number as usize).copied().unwrap_or_default();
                Data::Int(Ints::I64(Cow::Owned(numbers.iter().map(of).collect())))
            }
            Customers::Texts(texts) => {
                ends = std::iter::once(0).chain(texts.ends.iter().map(|end| *end as i64)).collect::<Vec<_>>();
                keys = numbers;
                let words = Column::new(Data::Text(Text::Large { offsets: &ends, bytes: texts.bytes.as_bytes() }), None);
                Data::Text(Text::Dictionary { codes: Ints::U32(&keys), words: Box::new(words) })
            }
            Customers::Unknown => Data::Null(0),
        };
        let asked = Table::new()
            .column("customer", Column::new(customers, None))
            .column("at", Column::new(Data::Instant(Instants { values: before, unit: Unit::Microseconds }), None));
        let run = RunOptions {
            customers: self.customers,
            on_error: options.on_error,
            extra_columns: ExtraColumns::Ignore,
            progress: options.progress,
            ..RunOptions::new(AsOf::Table(asked))
        };
        let answered = self.journey.run(touchpoints, &run)?;
        let (words, codes) = match answered.columns.into_iter().find(|(name, _)| name == track) {
            Some((_, ResultColumn::Text { words, codes })) => (words, codes),
            _ => (Vec::new(), Vec::new()),
        };
        // Rows come by customer and instant, as touchpoints do.
        let unknown = words.len() as u32;
        let words = words.into_iter().map(Some).collect::<Vec<_>>();
        let has_unknown = codes.iter().any(Option::is_none);
        let words = if has_unknown { words.into_iter().chain([None]).collect() } else { words };
        let codes = codes.into_iter().map(|code| code.unwrap_or(unknown)).collect();
        Ok((Dimension::sorted("stage", words, codes), answered.rejected))
    }

    fn owners(&self, paths: &Paths) -> Option<Dimension> {
        let channels = paths.dimension("channel").ok()?;
        let stages = self.track.and_then(|track| Some((track, paths.dimension("stage").ok()?)));
        let spec = self.journey.spec();
        // A number a pair of words; what stands for no stage is the first.
        let width = stages.as_ref().map_or(1, |(_, stages)| stages.words().len().max(1));
        let mut all: Vec<Option<String>> = Vec::new();
        let mut numbers = Vec::with_capacity(channels.words().len() * width);
        for channel in channels.words() {
            for at in 0..width {
                let stage = stages.as_ref().and_then(|(track, stages)| Some((*track, stages.words().get(at)?.as_deref()?)));
                let owner = channel.as_deref().and_then(|channel| owner(spec, stage, channel));
                let known = all.iter().position(|known| known.as_deref() == owner);
                numbers.push(known.unwrap_or(all.len()) as u32);
                if known.is_none() {
                    all.push(owner.map(str::to_owned));
                }
            }
        }
        let stage = |event: usize| stages.as_ref().and_then(|(_, stages)| stages.codes().get(event)).map_or(0, |code| *code as usize);
        let number = |(event, channel): (usize, &u32)| numbers.get(*channel as usize * width + stage(event)).copied().unwrap_or_default();
        Some(Dimension::sorted("owner", all, channels.codes().iter().enumerate().map(number).collect()).narrowed())
    }
}

/// The owner of a cell of the experience grid: its own, else that of its channel.
fn owner<'s>(spec: &'s JourneySpec, stage: Option<(&str, &str)>, channel: &str) -> Option<&'s str> {
    let own = stage.and_then(|(track, stage)| spec.owners.get(track)?.get(stage)?.get(channel));
    own.or_else(|| spec.channels.get(channel)?.owner.as_ref()).map(String::as_str)
}

/// After what tables know of their own accord, before what was asked for.
fn insert(paths: &mut Paths, dimension: Dimension) {
    const BEFORE: [&str; 4] = ["channel", "kind", "action", "owner"];
    let at = paths.dimensions().take_while(|name| BEFORE.contains(name)).count();
    paths.dimensions.insert(at, dimension.narrowed());
}

/// The table with the names that a journey knows.
fn renamed<'t>(table: &'t Table<'_>, options: &PathsOptions<'_>) -> Cow<'t, Table<'t>> {
    let named = [
        (Some(options.customer), "customer"),
        (Some(options.at), "at"),
        (Some(options.kind), "kind"),
        (options.channel, "channel"),
        (options.value, "value"),
    ];
    if named.iter().all(|(given, name)| given.is_none_or(|given| given == *name)) {
        return Cow::Borrowed(table);
    }
    let name = |known: &String| {
        named.iter().find(|(given, _)| *given == Some(known)).map_or_else(|| known.clone(), |(_, name)| (*name).to_owned())
    };
    Cow::Owned(Table { names: table.names.iter().map(name).collect(), chunks: table.chunks.clone() })
}
