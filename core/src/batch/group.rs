//! Rows by customer: scattered into partitions by key, then gathered customer by customer within each partition.
//!
//! Rows that no rule can see only say that their customer exists; they travel without instant and row.

use std::ops::Range;

use rayon::prelude::*;

use super::column::Column;

/// Rows that a partition should have, so that its tables stay in the cache.
const PARTITION_ROWS: usize = 1 << 16;
const MOST_PARTITIONS: usize = 512;
/// Rows that are scattered at a time. INVARIANT: a row's place in a morsel fits 16 bits.
pub(crate) const MORSEL: usize = 1 << 16;

/// In place of an instant: the row is not there, because it was refused or comes after the last instant asked about.
pub(crate) const SKIP: i64 = i64::MAX;
/// In place of an instant: the row shows that the customer exists, and no more.
pub(crate) const EXISTS: i64 = i64::MAX - 1;

/// Tells what becomes of rows.
pub(crate) trait Judge: Sync {
    /// All rows are judged from now on, perhaps for the second time.
    fn begin(&self) {}

    /// At which instant each of some rows of a piece is folded, or [`SKIP`] or [`EXISTS`].
    fn judge(&self, number: usize, rows: usize, out: &mut Vec<i64>);

    /// How many values of each row are carried along, so that they need not be looked up again out of order.
    fn width(&self) -> usize;

    /// Sets what some rows carry: each is given by its distance from the first, and by its place.
    fn carry(&self, number: usize, rows: impl Iterator<Item = (u16, u16)> + Clone, out: &mut Carried);
}

/// Says to which partition a key belongs, and tells the customers of a partition apart.
pub(crate) trait Grouping: Sync {
    /// Whether it notes down who exists; if it does not, keys must travel to say so.
    const NOTES: bool;
    /// A key's code.
    type Code: Copy + Default + Send + Sync;
    /// Customers of one partition after the other.
    type Numbering<'g>: Numbering<Self::Code>
    where
        Self: 'g;

    fn partitions(&self) -> usize;

    /// The codes of some rows of a column; `number` is that of the first row among all tables.
    fn codes(&self, column: &Column<'_>, rows: Range<usize>, number: usize, out: &mut Vec<Self::Code>);

    fn partition(&self, code: Self::Code) -> usize;

    /// Notes down that a customer exists.
    fn note(&self, code: Self::Code);

    /// Whether all codes so far are those of their keys; if they are not, nothing may be made of them.
    fn holds(&self) -> bool {
        true
    }

    fn numbering(&self) -> Self::Numbering<'_>;
}

/// The customers of a partition by number.
pub(crate) trait Numbering<C> {
    /// Starts with a partition.
    fn begin(&mut self, partition: usize);

    fn number(&mut self, code: C) -> u32;

    /// How many numbers there are.
    fn numbers(&self) -> usize;

    /// The customer of a number, if there is one.
    fn customer(&self, number: usize) -> Option<C>;
}

/// How many partitions so many rows should have.
pub(crate) fn partitions(sources: &[Source<'_, '_>]) -> usize {
    let rows: usize = sources.iter().flat_map(|source| &source.pieces).map(|(_, piece)| piece.len()).sum();
    (rows / PARTITION_ROWS).next_power_of_two().clamp(1, MOST_PARTITIONS)
}

/// A table's key column as one run of row numbers.
pub(crate) struct Source<'t, 'a> {
    pub(crate) pieces: Vec<(usize, &'t Column<'a>)>,
}

/// One record of a customer: its instant, its row, and its place among what its partition carries.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Record {
    pub(crate) at: i64,
    pub(crate) row: u32,
    pub(crate) place: u32,
}

/// What rows carry along: their sort and some values.
#[derive(Debug)]
pub(crate) struct Carried {
    sorts: Vec<u8>,
    values: Vec<u64>,
    width: usize,
}

impl Carried {
    fn new(width: usize, rows: usize) -> Self {
        Self { sorts: vec![0; rows], values: vec![0; rows * width], width }
    }

    #[inline]
    pub(crate) fn set(&mut self, place: u16, sort: u8, values: impl Iterator<Item = u64>) {
        let place = usize::from(place);
        if let Some(to) = self.sorts.get_mut(place) {
            *to = sort;
        }
        let start = place * self.width;
        self.values.get_mut(start..start + self.width).unwrap_or_default().iter_mut().zip(values).for_each(|(to, value)| *to = value);
    }

    pub(crate) fn set_sorts(&mut self, sorts: impl Iterator<Item = (u16, u8)>) {
        for (place, sort) in sorts {
            if let Some(to) = self.sorts.get_mut(usize::from(place)) {
                *to = sort;
            }
        }
    }

    /// Sets the nth value of rows.
    pub(crate) fn set_values(&mut self, nth: usize, values: impl Iterator<Item = (u16, u64)>) {
        for (place, value) in values {
            if let Some(to) = self.values.get_mut(usize::from(place) * self.width + nth) {
                *to = value;
            }
        }
    }

    fn clear(&mut self) {
        self.sorts.clear();
        self.values.clear();
    }

    fn append(&mut self, other: &Self, rows: Range<usize>) {
        self.values.extend_from_slice(other.values.get(rows.start * self.width..rows.end * self.width).unwrap_or_default());
        self.sorts.extend_from_slice(other.sorts.get(rows).unwrap_or_default());
    }

    #[inline]
    pub(crate) fn sort(&self, record: Record) -> u8 {
        self.sorts.get(record.place as usize).copied().unwrap_or_default()
    }

    #[inline]
    pub(crate) fn values(&self, record: Record) -> &[u64] {
        let start = record.place as usize * self.width;
        self.values.get(start..start + self.width).unwrap_or_default()
    }
}

/// The rows of one morsel, partition by partition: those that are folded, and those that only exist.
struct Share<C> {
    first: u32,
    folds: Sorted<C>,
    exists: Sorted<C>,
    rows: Vec<u16>,
    ats: Vec<i64>,
    carried: Carried,
}

/// The keys of rows by partition.
struct Sorted<C> {
    /// Where each partition ends.
    ends: Vec<u32>,
    codes: Vec<C>,
}

impl<C> Sorted<C> {
    fn range(&self, partition: usize) -> Range<usize> {
        range_of(&self.ends, partition)
    }

    fn codes(&self, partition: usize) -> &[C] {
        self.codes.get(self.range(partition)).unwrap_or_default()
    }
}

/// Groups the rows of all sources and hands each partition to `fold`, with what `own` made for its worker; none if the grouping turned out not to be theirs.
pub(crate) fn by_customer<G: Grouping, T, R: Send>(
    grouping: &G,
    sources: &[Source<'_, '_>],
    judge: &impl Judge,
    own: impl Fn() -> T + Sync + Send,
    fold: impl Fn(&mut T, &mut Gathered<'_, G>) -> R + Sync + Send,
) -> Option<Vec<R>> {
    judge.begin();
    let shares = scatter(grouping, sources, judge);
    if !grouping.holds() {
        return None;
    }
    let partitions = (0..grouping.partitions()).into_par_iter();
    let folded = partitions.map_init(
        || (Gathered::new(grouping, judge.width()), own()),
        |(gathered, own), partition| {
            gathered.gather(partition, &shares);
            fold(own, gathered)
        },
    );
    Some(folded.collect())
}

fn scatter<G: Grouping>(grouping: &G, sources: &[Source<'_, '_>], judge: &impl Judge) -> Vec<Share<G::Code>> {
    let mut morsels: Vec<(usize, &Column<'_>, Range<usize>)> = Vec::new();
    for (start, piece) in sources.iter().flat_map(|source| &source.pieces) {
        let ranges = (0..piece.len()).step_by(MORSEL).map(|from| from..(from + MORSEL).min(piece.len()));
        morsels.extend(ranges.map(|rows| (start + rows.start, *piece, rows)));
    }
    morsels
        .into_par_iter()
        .map_init(Scatter::default, |scatter, (number, piece, rows)| {
            scatter.codes.clear();
            scatter.fates.clear();
            grouping.codes(piece, rows.clone(), number, &mut scatter.codes);
            if grouping.holds() {
                judge.judge(number, rows.len(), &mut scatter.fates);
            }
            scatter.share(grouping, judge, number)
        })
        .collect()
}

/// Room for scattering one morsel after the other.
struct Scatter<C> {
    codes: Vec<C>,
    fates: Vec<i64>,
    folds: Lane,
    exists: Lane,
}

impl<C> Default for Scatter<C> {
    fn default() -> Self {
        Self { codes: Vec::new(), fates: Vec::new(), folds: Lane::default(), exists: Lane::default() }
    }
}

impl<C: Copy + Default> Scatter<C> {
    fn share<G: Grouping<Code = C>>(&mut self, grouping: &G, judge: &impl Judge, number: usize) -> Share<C> {
        if G::NOTES {
            let there = self.codes.iter().zip(&self.fates).filter(|(_, fate)| **fate != SKIP);
            there.for_each(|(code, _)| grouping.note(*code));
        } else {
            self.exists.put(&self.fates, |fate| fate == EXISTS);
        }
        self.folds.put(&self.fates, |fate| fate < EXISTS);
        let exists = self.exists.sort(grouping, &self.codes);
        let folds = self.folds.sort(grouping, &self.codes);
        let mut carried = Carried::new(judge.width(), folds.codes.len());
        judge.carry(number, self.folds.places(), &mut carried);
        let (mut ats, mut rows) = (vec![0; folds.codes.len()], vec![0; folds.codes.len()]);
        for (row, place) in self.folds.places() {
            if let (Some(at), Some(to), Some(fate)) =
                (ats.get_mut(usize::from(place)), rows.get_mut(usize::from(place)), self.fates.get(usize::from(row)))
            {
                (*at, *to) = (*fate, row);
            }
        }
        Share { first: number as u32, folds, exists, rows, ats, carried }
    }
}

/// Some rows of a morsel, each with its partition, which a counting sort turns into its place.
#[derive(Default)]
struct Lane {
    rows: Vec<(u16, u16)>,
    length: usize,
    counts: Vec<u32>,
}

impl Lane {
    /// Takes the rows that `counts` says of their fates; no branch, as nobody could foretell it.
    #[inline]
    fn put(&mut self, fates: &[i64], counts: impl Fn(i64) -> bool) {
        self.rows.resize(self.rows.len().max(fates.len()), (0, 0));
        let mut length = 0;
        for (row, fate) in fates.iter().enumerate() {
            if let Some(to) = self.rows.get_mut(length) {
                to.0 = row as u16;
            }
            length += usize::from(counts(*fate));
        }
        self.length = length;
    }

    /// Everything that is written in no order is small enough for the cache.
    fn sort<G: Grouping>(&mut self, grouping: &G, codes: &[G::Code]) -> Sorted<G::Code> {
        self.counts.clear();
        self.counts.resize(grouping.partitions(), 0);
        let rows = self.rows.get_mut(..self.length).unwrap_or_default();
        for (row, partition) in &mut *rows {
            let of = codes.get(usize::from(*row)).map_or(0, |code| grouping.partition(*code));
            *partition = of as u16;
            if let Some(count) = self.counts.get_mut(of) {
                *count += 1;
            }
        }
        to_starts(&mut self.counts);
        let mut sorted = vec![G::Code::default(); rows.len()];
        for (row, partition) in rows {
            if let Some(next) = self.counts.get_mut(usize::from(*partition)) {
                if let (Some(to), Some(code)) = (sorted.get_mut(*next as usize), codes.get(usize::from(*row))) {
                    *to = *code;
                }
                *partition = *next as u16;
                *next += 1;
            }
        }
        Sorted { ends: self.counts.clone(), codes: sorted }
    }

    /// The rows in their order, each with its place.
    fn places(&self) -> impl Iterator<Item = (u16, u16)> + Clone {
        self.rows.iter().take(self.length).copied()
    }
}

/// Where a part lies, of parts one after the other that end so.
#[inline]
pub(crate) fn range_of(ends: &[u32], part: usize) -> Range<usize> {
    let end = |part: usize| ends.get(part).copied().unwrap_or_default() as usize;
    part.checked_sub(1).map_or(0, end)..end(part)
}

/// Turns counts into the sums of those before.
pub(crate) fn to_starts(counts: &mut [u32]) {
    let mut sum = 0;
    for count in counts {
        sum += std::mem::replace(count, sum);
    }
}

/// The records of a partition, customer by customer.
pub(crate) struct Gathered<'g, G: Grouping + 'g> {
    numbering: G::Numbering<'g>,
    numbers: Vec<u32>,
    /// Where the records of each number end.
    ends: Vec<u32>,
    records: Vec<Record>,
    carried: Carried,
}

impl<'g, G: Grouping> Gathered<'g, G> {
    fn new(grouping: &'g G, width: usize) -> Self {
        Self {
            numbering: grouping.numbering(),
            numbers: Vec::new(),
            ends: Vec::new(),
            records: Vec::new(),
            carried: Carried::new(width, 0),
        }
    }

    /// A counting sort by customer.
    fn gather(&mut self, partition: usize, shares: &[Share<G::Code>]) {
        self.numbering.begin(partition);
        self.numbers.clear();
        self.carried.clear();
        for share in shares {
            self.numbers.extend(share.folds.codes(partition).iter().map(|code| self.numbering.number(*code)));
            self.carried.append(&share.carried, share.folds.range(partition));
        }
        for code in shares.iter().flat_map(|share| share.exists.codes(partition)) {
            self.numbering.number(*code);
        }
        self.ends.clear();
        self.ends.resize(self.numbering.numbers(), 0);
        for number in &self.numbers {
            if let Some(count) = self.ends.get_mut(*number as usize) {
                *count += 1;
            }
        }
        to_starts(&mut self.ends);
        self.records.resize(self.numbers.len(), Record::default());
        let mut numbers = (0..).zip(&self.numbers);
        for share in shares {
            let rows = share.folds.range(partition);
            let ats = share.ats.get(rows.clone()).unwrap_or_default();
            let rows = share.rows.get(rows).unwrap_or_default();
            for ((at, row), (place, number)) in ats.iter().zip(rows).zip(numbers.by_ref()) {
                if let Some(next) = self.ends.get_mut(*number as usize) {
                    if let Some(to) = self.records.get_mut(*next as usize) {
                        *to = Record { at: *at, row: share.first + u32::from(*row), place };
                    }
                    *next += 1;
                }
            }
        }
    }

    pub(crate) fn records(&self) -> usize {
        self.records.len()
    }

    /// Every customer's records, and appends who they are.
    pub(crate) fn crowd(&mut self, customers: &mut Vec<G::Code>) -> Crowd<'_> {
        customers.reserve(self.numbering.numbers());
        let mut there = 0;
        for number in 0..self.ends.len() {
            if let (Some(customer), Some(end)) = (self.numbering.customer(number), self.ends.get(number).copied()) {
                customers.push(customer);
                self.ends.get_mut(there).into_iter().for_each(|to| *to = end);
                there += 1;
            }
        }
        // Who is not there has no records.
        self.ends.truncate(there);
        Crowd { ends: &self.ends, start: 0, records: &mut self.records, carried: &self.carried }
    }
}

/// Customers one after the other, each with its records, which are not yet in order.
pub(crate) struct Crowd<'c> {
    /// Where the records of each customer end.
    ends: &'c [u32],
    start: u32,
    records: &'c mut [Record],
    pub(crate) carried: &'c Carried,
}

impl<'c> Crowd<'c> {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }
}

impl<'c> Iterator for Crowd<'c> {
    type Item = &'c mut [Record];

    #[inline]
    fn next(&mut self) -> Option<&'c mut [Record]> {
        let (end, ends) = self.ends.split_first()?;
        let (records, after) = std::mem::take(&mut self.records).split_at_mut((end - self.start) as usize);
        (self.ends, self.start, self.records) = (ends, *end, after);
        Some(records)
    }
}
