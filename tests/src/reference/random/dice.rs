/// Choices out of a stream of random bits.
pub struct Dice<'a>(pub &'a mut dyn FnMut() -> u64);

impl Dice<'_> {
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from((self.0)()) * n as u128) >> 64) as usize
    }

    /// From `least` to `most`, both possible.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }

    /// One to `most` different ones of the list, in its order.
    pub fn some<'t, T: ?Sized>(&mut self, from: &[&'t T], most: usize) -> Vec<&'t T> {
        let mut places: Vec<usize> = (0..from.len()).collect();
        self.shuffle(&mut places);
        places.truncate(self.between(1, most.min(from.len())));
        places.sort_unstable();
        places.into_iter().map(|place| from[place]).collect()
    }
}
