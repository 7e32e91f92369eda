//! Rows by customer: scattered into partitions by key, then gathered customer by customer within each partition.
//!
//! Rows that no rule can see only say that their customer exists; they travel without instant and row.

use rayon::prelude::*;

use super::column::Column;
use super::encode::MORSEL;
use super::keys::{KeySpace, integers};

/// Rows that a partition should have, so that its tables stay in the cache.
const PARTITION_ROWS: usize = 1 << 15;
const MOST_PARTITIONS: usize = 512;
/// Entries that a bucket takes up memory for at a time.
const CHUNK: usize = 256;

/// In place of an instant: the row is not there, because it was refused or comes after the last instant asked about.
pub(crate) const SKIP: i64 = i64::MAX;
/// In place of an instant: the row shows that the customer exists, and no more.
pub(crate) const EXISTS: i64 = i64::MAX - 1;

/// Tells for some rows of a piece at which instant each is folded, or [`SKIP`] or [`EXISTS`].
pub(crate) trait Judge: Sync {
    fn judge(&self, number: usize, rows: usize, out: &mut Vec<i64>);

    /// How many values of each row are carried along, so that they need not be looked up again out of order.
    fn carried(&self) -> usize;

    /// The sort of a row.
    fn sort(&self, number: usize) -> u8;

    /// Appends the values that are carried of a row.
    fn carry(&self, number: usize, out: &mut Bucket<u64>);
}

/// A table's key column as one run of row numbers.
pub(crate) struct Source<'t, 'a> {
    pub(crate) pieces: Vec<(usize, &'t Column<'a>)>,
}

#[derive(Debug, Clone, Copy)]
struct Entry<C> {
    at: i64,
    code: C,
    row: u32,
}

/// Entries in chunks, so that growing copies nothing.
pub(crate) struct Bucket<T> {
    chunks: Vec<Vec<T>>,
}

impl<T> Default for Bucket<T> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<T> Bucket<T> {
    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => last.push(item),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(item);
                self.chunks.push(chunk);
            }
        }
    }

    fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }
}

/// A partition's entries, as one worker scattered them.
struct Share<C> {
    folds: Bucket<Entry<C>>,
    sorts: Bucket<u8>,
    carried: Bucket<u64>,
    /// Those that only exist.
    exists: Bucket<C>,
}

impl<C> Default for Share<C> {
    fn default() -> Self {
        Self { folds: Bucket::default(), sorts: Bucket::default(), carried: Bucket::default(), exists: Bucket::default() }
    }
}

impl<C> Share<C> {
    #[inline]
    fn fold(&mut self, entry: Entry<C>, judge: &impl Judge) {
        let row = entry.row as usize;
        self.folds.push(entry);
        self.sorts.push(judge.sort(row));
        judge.carry(row, &mut self.carried);
    }
}

/// One record of a customer: its instant, its row, and its place among what its partition carries.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Record {
    pub(crate) at: i64,
    pub(crate) row: u32,
    pub(crate) place: u32,
}

/// What the rows of a partition carry along.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    sorts: Vec<u8>,
    values: Vec<u64>,
    width: usize,
}

impl Carried {
    fn of<C>(shares: &[Share<C>], width: usize) -> Self {
        let mut sorts = Vec::with_capacity(shares.iter().map(|share| share.sorts.len()).sum());
        let mut values = Vec::with_capacity(sorts.capacity() * width);
        for share in shares {
            share.sorts.chunks.iter().for_each(|chunk| sorts.extend_from_slice(chunk));
            share.carried.chunks.iter().for_each(|chunk| values.extend_from_slice(chunk));
        }
        Self { sorts, values, width }
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

/// Hands every customer of a partition to a visitor.
pub(crate) type Walk<'w, C> = dyn FnMut(&mut dyn FnMut(Group<'_, C>)) + 'w;

/// One customer's records: instants and row numbers, not yet in order.
pub(crate) struct Group<'g, C> {
    pub(crate) code: C,
    pub(crate) records: &'g mut [Record],
    pub(crate) carried: &'g Carried,
}

/// Groups the rows of all sources and hands each customer of a partition to `fold`, which returns what the partition comes to.
pub(crate) fn by_customer<K: KeySpace, R: Send>(
    keys: &K,
    sources: &[Source<'_, '_>],
    judge: &impl Judge,
    fold: impl Fn(&mut Walk<'_, K::Code>) -> R + Sync,
) -> Vec<R> {
    let rows: usize = sources.iter().flat_map(|source| &source.pieces).map(|(_, piece)| piece.len()).sum();
    let partitions = (rows / PARTITION_ROWS).next_power_of_two().clamp(1, MOST_PARTITIONS);
    let mut by_partition: Vec<Vec<Share<K::Code>>> = (0..partitions).map(|_| Vec::new()).collect();
    for shares in scatter(keys, sources, partitions, judge) {
        by_partition.iter_mut().zip(shares).for_each(|(to, share)| to.push(share));
    }
    by_partition
        .into_par_iter()
        .map(|shares| {
            let mut walk = |visit: &mut dyn FnMut(Group<'_, K::Code>)| gather(keys, &shares, judge.carried(), visit);
            fold(&mut walk)
        })
        .collect()
}

fn scatter<K: KeySpace>(keys: &K, sources: &[Source<'_, '_>], partitions: usize, judge: &impl Judge) -> Vec<Vec<Share<K::Code>>> {
    let mut morsels: Vec<(usize, &Column<'_>, usize, usize)> = Vec::new();
    for (start, piece) in sources.iter().flat_map(|source| &source.pieces) {
        let mut from = 0;
        while from < piece.len() {
            let to = (from + MORSEL).min(piece.len());
            morsels.push((*start, piece, from, to));
            from = to;
        }
    }
    let shift = 64 - partitions.trailing_zeros();
    let workers = rayon::current_num_threads().max(1);
    let share = morsels.len().div_ceil(workers).max(1);
    morsels
        .par_chunks(share)
        .map(|morsels| {
            let mut out: Vec<Share<K::Code>> = (0..partitions).map(|_| Share::default()).collect();
            let (mut codes, mut fates) = (Vec::with_capacity(MORSEL), Vec::with_capacity(MORSEL));
            for (start, piece, from, to) in morsels {
                codes.clear();
                fates.clear();
                keys.codes(piece, *from..*to, start + from, &mut codes);
                judge.judge(start + from, to - from, &mut fates);
                for (row, (code, fate)) in (start + from..).zip(codes.iter().zip(&fates)) {
                    if *fate == SKIP {
                        continue;
                    }
                    let partition = keys.hash(*code).checked_shr(shift).unwrap_or(0) as usize;
                    let Some(share) = out.get_mut(partition) else { continue };
                    match *fate {
                        EXISTS => share.exists.push(*code),
                        at => share.fold(Entry { at, code: *code, row: row as u32 }, judge),
                    }
                }
            }
            out
        })
        .collect()
}

/// Customers of a partition, numbered as they come.
struct Numbering<'k, K: KeySpace> {
    keys: &'k K,
    codes: Vec<K::Code>,
    /// Customer + 1 by hash; 0 is empty.
    table: Vec<u32>,
}

impl<'k, K: KeySpace> Numbering<'k, K> {
    fn new(keys: &'k K) -> Self {
        Self { keys, codes: Vec::new(), table: vec![0; 1024] }
    }

    #[inline]
    fn number(&mut self, code: K::Code) -> u32 {
        let mask = self.table.len() - 1;
        let mut at = self.keys.hash(code) as usize & mask;
        loop {
            match self.table.get(at).copied().unwrap_or_default() {
                0 => break,
                found => {
                    let number = found - 1;
                    if self.codes.get(number as usize).is_some_and(|other| self.keys.same(*other, code)) {
                        return number;
                    }
                }
            }
            at = (at + 1) & mask;
        }
        self.codes.push(code);
        if let Some(place) = self.table.get_mut(at) {
            *place = self.codes.len() as u32;
        }
        if self.codes.len() * 2 > self.table.len() {
            self.grow();
        }
        self.codes.len() as u32 - 1
    }

    fn grow(&mut self) {
        let mut table = vec![0_u32; self.table.len() * 4];
        let mask = table.len() - 1;
        for (number, code) in self.codes.iter().enumerate() {
            let mut at = self.keys.hash(*code) as usize & mask;
            while table.get(at).is_some_and(|place| *place != 0) {
                at = (at + 1) & mask;
            }
            if let Some(place) = table.get_mut(at) {
                *place = number as u32 + 1;
            }
        }
        self.table = table;
    }
}

fn gather<K: KeySpace>(keys: &K, shares: &[Share<K::Code>], width: usize, visit: &mut dyn FnMut(Group<'_, K::Code>)) {
    let carried = Carried::of(shares, width);
    let total: usize = shares.iter().map(|share| share.folds.len()).sum();
    let mut numbering = Numbering::new(keys);
    let mut numbers: Vec<u32> = Vec::with_capacity(total);
    for entry in shares.iter().flat_map(|share| share.folds.iter()) {
        numbers.push(numbering.number(entry.code));
    }
    for code in shares.iter().flat_map(|share| share.exists.iter()) {
        numbering.number(*code);
    }
    // Counting sort by customer.
    let customers = numbering.codes.len();
    let mut ends = vec![0_u32; customers + 1];
    for number in &numbers {
        if let Some(count) = ends.get_mut(*number as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += *end;
        *end = sum;
    }
    let mut next = ends.clone();
    let mut records = vec![Record::default(); total];
    for (place, (entry, number)) in shares.iter().flat_map(|share| share.folds.iter()).zip(&numbers).enumerate() {
        if let Some(next) = next.get_mut(*number as usize) {
            if let Some(to) = records.get_mut(*next as usize) {
                *to = Record { at: entry.at, row: entry.row, place: place as u32 };
            }
            *next += 1;
        }
    }
    let mut rest = records.as_mut_slice();
    for (code, bounds) in numbering.codes.iter().zip(ends.windows(2)) {
        let length = match bounds {
            [start, end] => (end - start) as usize,
            _ => 0,
        };
        let (mine, after) = rest.split_at_mut(length);
        visit(Group { code: *code, records: mine, carried: &carried });
        rest = after;
    }
}

/// Integer keys of a dense range need neither hash nor table: the key is the number.
pub(crate) struct Dense {
    pub(crate) least: i64,
    pub(crate) span: usize,
}

impl Dense {
    /// As [`by_customer`], for dense integers; customers come in the order of their keys.
    pub(crate) fn by_customer<R: Send>(
        &self,
        sources: &[Source<'_, '_>],
        judge: &impl Judge,
        fold: impl Fn(&mut Walk<'_, i64>) -> R + Sync,
    ) -> Vec<R> {
        let rows: usize = sources.iter().flat_map(|source| &source.pieces).map(|(_, piece)| piece.len()).sum();
        let wanted = (rows / PARTITION_ROWS).next_power_of_two().clamp(1, MOST_PARTITIONS);
        let shift = self.span.div_ceil(wanted).next_power_of_two().trailing_zeros();
        let partitions = (self.span >> shift) + 1;
        let mut morsels: Vec<(usize, &Column<'_>, usize, usize)> = Vec::new();
        for (start, piece) in sources.iter().flat_map(|source| &source.pieces) {
            morsels.extend((0..piece.len()).step_by(MORSEL).map(|from| (*start, *piece, from, (from + MORSEL).min(piece.len()))));
        }
        let share = morsels.len().div_ceil(rayon::current_num_threads().max(1)).max(1);
        let scattered = morsels
            .par_chunks(share)
            .map(|morsels| {
                let mut shares: Vec<Share<u32>> = (0..partitions).map(|_| Share::default()).collect();
                let mut exists = vec![0_u8; self.span.div_ceil(8)];
                let (mut codes, mut fates) = (Vec::with_capacity(MORSEL), Vec::with_capacity(MORSEL));
                for (start, piece, from, to) in morsels {
                    codes.clear();
                    fates.clear();
                    integers(piece, *from..*to, |key| codes.push(key.wrapping_sub(self.least) as u32));
                    judge.judge(start + from, to - from, &mut fates);
                    for (row, (code, fate)) in (start + from..).zip(codes.iter().zip(&fates)) {
                        if *fate == SKIP {
                            continue;
                        }
                        if let Some(byte) = exists.get_mut(*code as usize >> 3) {
                            *byte |= 1 << (code & 7);
                        }
                        if *fate != EXISTS
                            && let Some(share) = shares.get_mut(*code as usize >> shift)
                        {
                            share.fold(Entry { at: *fate, code: *code, row: row as u32 }, judge);
                        }
                    }
                }
                (shares, exists)
            })
            .collect::<Vec<_>>();
        let mut present = vec![0_u8; self.span.div_ceil(8)];
        let mut by_partition: Vec<Vec<Share<u32>>> = (0..partitions).map(|_| Vec::new()).collect();
        for (shares, exists) in scattered {
            present.iter_mut().zip(exists).for_each(|(to, from)| *to |= from);
            by_partition.iter_mut().zip(shares).for_each(|(to, from)| to.push(from));
        }
        let present = &present;
        by_partition
            .into_par_iter()
            .enumerate()
            .map(|(partition, shares)| {
                let first = partition << shift;
                let width = (1_usize << shift).min(self.span.saturating_sub(first));
                let mut walk = |visit: &mut dyn FnMut(Group<'_, i64>)| {
                    let carried = Carried::of(&shares, judge.carried());
                    self.gather((first, width), &shares, &carried, present, visit);
                };
                fold(&mut walk)
            })
            .collect()
    }

    fn gather(
        &self,
        (first, width): (usize, usize),
        shares: &[Share<u32>],
        carried: &Carried,
        present: &[u8],
        visit: &mut dyn FnMut(Group<'_, i64>),
    ) {
        let total: usize = shares.iter().map(|share| share.folds.len()).sum();
        let mut ends = vec![0_u32; width + 1];
        let local = |code: u32| code as usize - first;
        for entry in shares.iter().flat_map(|share| share.folds.iter()) {
            if let Some(count) = ends.get_mut(local(entry.code) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        let mut next = ends.clone();
        let mut records = vec![Record::default(); total];
        for (place, entry) in shares.iter().flat_map(|share| share.folds.iter()).enumerate() {
            if let Some(next) = next.get_mut(local(entry.code)) {
                if let Some(to) = records.get_mut(*next as usize) {
                    *to = Record { at: entry.at, row: entry.row, place: place as u32 };
                }
                *next += 1;
            }
        }
        let mut rest = records.as_mut_slice();
        for (at, bounds) in ends.windows(2).enumerate() {
            let length = match bounds {
                [start, end] => (end - start) as usize,
                _ => 0,
            };
            let (mine, after) = rest.split_at_mut(length);
            let code = first + at;
            if present.get(code >> 3).is_some_and(|byte| byte >> (code & 7) & 1 == 1) {
                visit(Group { code: self.least + code as i64, records: mine, carried });
            }
            rest = after;
        }
    }
}
