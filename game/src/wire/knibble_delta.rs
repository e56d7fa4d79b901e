//! The knibbles' part of a view's delta; its bits stand in [`super::delta`].

use super::baseline::Baseline;
use super::view::{KNIBBLE_SLOTS, KnibbleView, View};
use protocol::bits::{BitReader, BitWriter};
use protocol::codec::DecodeError;

/// Order of a coordinate's code: knibbles mostly come into view some hundred pixels from the
/// centre.
const PLACE_ORDER: u32 = 10;

pub(super) fn write_knibbles(baseline: &Baseline, view: &View, writer: &mut BitWriter<'_>) {
    let (old, new) = (&baseline.view().knibbles, &view.knibbles);
    let (gone, came) = changes(old, new);
    let mut gaps = Gaps::begin(gone.len() as u32, old.len() as u32, writer);
    for index in gone {
        gaps.write(index, writer);
    }
    let (centre_x, centre_y) = view.centre();
    let mut gaps = Gaps::begin(came.len() as u32, KNIBBLE_SLOTS as u32, writer);
    for knibble in came {
        gaps.write(knibble.slot.into(), writer);
        writer.signed(knibble.x.wrapping_sub(centre_x).into(), PLACE_ORDER);
        writer.signed(knibble.y.wrapping_sub(centre_y).into(), PLACE_ORDER);
    }
}

/// The places of those whose slot is in view no more, and those that are news; both are told by rising slot.
fn changes<'a>(old: &[KnibbleView], new: &'a [KnibbleView]) -> (Vec<u32>, Vec<&'a KnibbleView>) {
    let (mut gone, mut came) = (Vec::new(), Vec::new());
    let mut old = (0..).zip(old).peekable();
    for knibble in new {
        while let Some((index, _)) = old.next_if(|(_, old)| old.slot < knibble.slot) {
            gone.push(index);
        }
        let before = old.next_if(|(_, old)| old.slot == knibble.slot);
        if before.is_none_or(|(_, old)| old != knibble) {
            came.push(knibble);
        }
    }
    gone.extend(old.map(|(index, _)| index));
    (gone, came)
}

pub(super) fn read_knibbles(
    baseline: &Baseline,
    (centre_x, centre_y): (i16, i16),
    reader: &mut BitReader<'_>,
) -> Result<Vec<KnibbleView>, DecodeError> {
    let old = &baseline.view().knibbles;
    let mut knibbles: Vec<KnibbleView> = Vec::with_capacity(old.len());
    let mut rest = old.iter();
    let mut gaps = Gaps::read_count(old.len() as u32, reader)?;
    while let Some(gap) = gaps.read(reader)? {
        knibbles.extend(rest.by_ref().take(gap as usize));
        rest.next();
    }
    knibbles.extend(rest);
    let mut gaps = Gaps::read_count(KNIBBLE_SLOTS as u32, reader)?;
    while gaps.read(reader)?.is_some() {
        let knibble = KnibbleView {
            slot: (gaps.next - 1) as u8,
            x: centre_x.wrapping_add(reader.signed16(PLACE_ORDER)?),
            y: centre_y.wrapping_add(reader.signed16(PLACE_ORDER)?),
        };
        match knibbles.binary_search_by_key(&knibble.slot, |knibble| knibble.slot) {
            Ok(index) => knibbles.splice(index..=index, [knibble]).for_each(drop),
            Err(index) => knibbles.insert(index, knibble),
        }
    }
    Ok(knibbles)
}

/// Rising indexes below a bound, as their number and the gaps between them.
struct Gaps {
    order: u32,
    /// Indexes still to come.
    left: u32,
    /// Least value of the next one.
    next: u32,
    bound: u32,
}

impl Gaps {
    fn new(count: u32, bound: u32) -> Self {
        Self {
            order: (bound / (count + 1)).max(1).ilog2(),
            left: count,
            next: 0,
            bound,
        }
    }

    fn begin(count: u32, bound: u32, writer: &mut BitWriter<'_>) -> Self {
        writer.golomb(count, 0);
        Self::new(count, bound)
    }

    fn write(&mut self, index: u32, writer: &mut BitWriter<'_>) {
        writer.golomb(index - self.next, self.order);
        self.next = index + 1;
    }

    fn read_count(bound: u32, reader: &mut BitReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self::new(reader.golomb(0, bound)?, bound))
    }

    /// The next gap; nothing behind the last index, which is `next` − 1.
    fn read(&mut self, reader: &mut BitReader<'_>) -> Result<Option<u32>, DecodeError> {
        if self.left == 0 {
            return Ok(None);
        }
        // The others need room behind this one.
        let gap = reader.golomb(self.order, self.bound - self.next - self.left)?;
        self.left -= 1;
        self.next += gap + 1;
        Ok(Some(gap))
    }
}
