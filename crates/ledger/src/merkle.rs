//! The log's root after RFC 6962: a frontier of perfect subtrees, so that a leaf is added in
//! constant memory and the root of any size can be recomputed from the leaves.

use crate::chain::{Hash, hash_of};

/// The hash of a leaf (RFC 6962 2.1).
pub fn leaf_hash(data: &[u8]) -> Hash {
    hash_of(&[&[0], data])
}

fn node(left: &Hash, right: &Hash) -> Hash {
    hash_of(&[&[1], left, right])
}

/// The perfect subtrees on the right edge, largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MerkleFrontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl MerkleFrontier {
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut size = self.size;
        while size & 1 == 1 {
            // A set low bit means the last peak is as large as what we carry.
            let Some(left) = self.peaks.pop() else { break };
            hash = node(&left, &hash);
            size >>= 1;
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(first) = peaks.next() else { return hash_of(&[]) };
        peaks.fold(*first, |right, left| node(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, read aloud from RFC 6962 2.1.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves.len() {
            0 => hash_of(&[]),
            1 => leaves[0],
            n => {
                let k = n.next_power_of_two() / 2;
                node(&by_definition(&leaves[..k]), &by_definition(&leaves[k..]))
            }
        }
    }

    #[test]
    fn the_frontier_equals_the_definition_for_every_size_to_300() {
        let mut frontier = MerkleFrontier::default();
        let mut leaves = vec![];
        for n in 0..300u32 {
            assert_eq!(frontier.root(), by_definition(&leaves), "size {n}");
            let leaf = leaf_hash(&n.to_be_bytes());
            leaves.push(leaf);
            frontier.push(leaf);
        }
        assert_eq!(frontier.size(), 300);
    }

    #[test]
    fn the_empty_root_is_the_hash_of_nothing() {
        let root = MerkleFrontier::default().root();
        assert_eq!(root[..4], [0xe3, 0xb0, 0xc4, 0x42]);
    }
}
