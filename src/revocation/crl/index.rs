//! Where the entry of a serial number is: an open-addressing table of offsets.

use alloc::boxed::Box;
use alloc::vec;

/// Offsets of entries, at the places that their hashes give them; 0 for none.
#[derive(Debug)]
pub(super) struct Index {
    slots: Box<[u32]>,
}

impl Index {
    pub(super) fn build(offsets: &[u32], hash: impl Fn(u32) -> u64) -> Self {
        let mut index = Self {
            slots: vec![0; offsets.len() * 8 / 5 + 1].into(),
        };
        for &offset in offsets {
            let mut place = index.place(hash(offset));
            while let Some(&taken) = index.slots.get(place)
                && taken != 0
            {
                place = index.next(place);
            }
            if let Some(slot) = index.slots.get_mut(place) {
                *slot = offset;
            }
        }
        index
    }

    /// The offsets of all entries whose hash may be this one, in the order of the list.
    pub(super) fn candidates(&self, hash: u64) -> impl Iterator<Item = u32> {
        let mut place = self.place(hash);
        core::iter::from_fn(move || {
            let offset = *self.slots.get(place)?;
            place = self.next(place);
            (offset != 0).then_some(offset)
        })
    }

    pub(super) fn memory_size(&self) -> usize {
        size_of_val(&*self.slots)
    }

    fn place(&self, hash: u64) -> usize {
        (((hash >> 32) * self.slots.len() as u64) >> 32) as usize
    }

    fn next(&self, place: usize) -> usize {
        if place + 1 == self.slots.len() {
            0
        } else {
            place + 1
        }
    }
}

/// A cheap hash of a serial number: its last eight octets.
pub(super) fn hash(serial: &[u8], key: u64) -> u64 {
    let tail = match serial.last_chunk() {
        Some(last) => u64::from_be_bytes(*last),
        None => serial.iter().fold(0, |tail, &b| tail << 8 | u64::from(b)),
    };
    mix(tail ^ key)
}

fn mix(word: u64) -> u64 {
    let wide = u128::from(word ^ 0x9e37_79b9_7f4a_7c15) * 0xa076_1d64_78bd_642f;
    (wide >> 64) as u64 ^ wide as u64
}
