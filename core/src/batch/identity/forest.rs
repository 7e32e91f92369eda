//! What hangs together.

use std::hint::black_box;
use std::ops::BitXor;

/// Links that it is well to make at a time.
pub(super) const LINKS: usize = 64;

/// Trees of identifiers that hang together; the least of each is its root.
pub(super) struct Forest {
    parents: Vec<u32>,
}

impl Forest {
    /// So many identifiers, each by itself.
    pub(super) fn new(nodes: u32) -> Self {
        Self { parents: (0..nodes).collect() }
    }

    #[inline]
    fn parent(&self, node: u32) -> u32 {
        self.parents.get(node as usize).copied().unwrap_or(node)
    }

    #[inline]
    fn set(&mut self, node: u32, parent: u32) {
        self.parents.get_mut(node as usize).into_iter().for_each(|place| *place = parent);
    }

    /// Makes links. Two steps up from all ends first, of which none waits for another to come from memory.
    pub(super) fn unite_all(&mut self, links: &[(u32, u32)]) {
        let up = |(left, right): &(u32, u32)| self.parent(self.parent(*left)) ^ self.parent(self.parent(*right));
        black_box(links.iter().map(up).fold(0, BitXor::bitxor));
        links.iter().for_each(|(left, right)| self.unite(*left, *right));
    }

    /// Both ways up at once, each step shortening the path: Rem's algorithm (Dijkstra 1976, "A discipline of programming", chapter 23).
    #[inline]
    fn unite(&mut self, mut left: u32, mut right: u32) {
        loop {
            let (up_left, up_right) = (self.parent(left), self.parent(right));
            if up_left == up_right {
                return;
            }
            if up_left > up_right {
                if left == up_left {
                    return self.set(left, up_right);
                }
                self.set(left, up_right);
                left = up_left;
            } else {
                if right == up_right {
                    return self.set(right, up_left);
                }
                self.set(right, up_left);
                right = up_right;
            }
        }
    }

    /// The root of every identifier: parents are less than their children, so one pass does.
    pub(super) fn roots(mut self) -> Vec<u32> {
        for node in 0..self.parents.len() as u32 {
            let root = self.parent(self.parent(node));
            self.set(node, root);
        }
        self.parents
    }
}
