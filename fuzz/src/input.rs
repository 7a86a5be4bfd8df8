//! Reads the bytes of a fuzzer, from front to back.
//!
//! Nothing is read from the end, and a length comes before its contents, so that seeds can be
//! written by hand. An input that is too short continues with zeros.

/// The rest of an input.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 != 0
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound <= 1 {
            return 0;
        }
        let number = if bound <= 256 {
            u16::from(self.byte())
        } else {
            self.u16()
        };
        usize::from(number) % bound
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    pub fn i64(&mut self) -> i64 {
        i64::from_be_bytes(core::array::from_fn(|_| self.byte()))
    }

    /// One octet of length, then the octets.
    pub fn short(&mut self) -> &'a [u8] {
        let length = self.byte().into();
        self.take(length)
    }

    pub fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.0)
    }

    pub fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }
}
