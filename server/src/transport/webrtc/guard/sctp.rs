//! Which SCTP packets of a peer's the stack gets (RFC 9260, RFC 3758). Two channels are agreed on beforehand and live as
//! long as the connection, so much of SCTP is never needed: what is left is held to its exact form, so that the stack
//! finds each chunk where it is found here, and to what may cost it little.

/// Bytes before the first chunk, and before a chunk's value.
const HEADER: usize = 12;
const CHUNK_HEADER: usize = 4;

const DATA: u8 = 0;
const INIT: u8 = 1;
const INIT_ACK: u8 = 2;
const SACK: u8 = 3;
const HEARTBEAT: u8 = 4;
const HEARTBEAT_ACK: u8 = 5;
const ABORT: u8 = 6;
const SHUTDOWN: u8 = 7;
const SHUTDOWN_ACK: u8 = 8;
const ERROR: u8 = 9;
const COOKIE_ECHO: u8 = 10;
const COOKIE_ACK: u8 = 11;
const SHUTDOWN_COMPLETE: u8 = 14;
const FORWARD_TSN: u8 = 192;

/// Chunks in a packet: a SACK, a FORWARD-TSN and some messages are usual.
const MOST_CHUNKS: usize = 32;

/// How far a TSN may be beyond what the stack has everything up to. It walks to where a FORWARD-TSN points, one by one;
/// a minute of a player's datagrams are fewer.
const MOST_AHEAD: u32 = 8_192;

/// State and Control.
const STREAMS: u16 = 2;

/// The last part of a message, and the fewest bytes of any other part: only what fills a packet is cut.
const IS_LAST: u8 = 1;
const LEAST_PART: usize = 256;

/// Why a packet is refused.
type Refusal = &'static str;

/// How far an association has come.
#[derive(Debug, Default)]
pub(crate) struct SctpFilter {
    /// What the peer's INIT says, and its answer to ours, which may cross.
    init: Option<Beginning>,
    init_ack: Option<Beginning>,
    /// Up to which TSN the stack has everything, as it last told the peer.
    acked: Option<u32>,
}

/// How the peer begins: the tag that it wants to see, and its first TSN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Beginning {
    tag: u32,
    first: u32,
}

impl SctpFilter {
    /// Takes a packet of the peer's, or says why it is refused.
    pub(crate) fn admit(&mut self, packet: &[u8]) -> Result<(), Refusal> {
        let chunks: Vec<Chunk<'_>> = Chunks::of(packet).collect::<Result<_, _>>()?;
        if chunks.len() > MOST_CHUNKS {
            return Err("too-many-chunks");
        }
        let is_alone = chunks.len() == 1;
        for (place, chunk) in chunks.iter().enumerate() {
            self.admit_chunk(chunk, is_alone, place + 1 == chunks.len())?;
        }
        Ok(())
    }

    /// Notes what the stack tells the peer.
    pub(crate) fn note_sent(&mut self, packet: &[u8]) {
        for chunk in Chunks::of(packet).map_while(Result::ok) {
            if chunk.kind == SACK {
                self.acked = number(chunk.value, 0).or(self.acked);
            }
        }
    }

    fn admit_chunk(
        &mut self,
        chunk: &Chunk<'_>,
        is_alone: bool,
        is_last: bool,
    ) -> Result<(), Refusal> {
        let value = chunk.value;
        let is_well_formed = match chunk.kind {
            DATA => return self.admit_data(chunk),
            INIT | INIT_ACK if is_alone => return self.admit_init(chunk),
            FORWARD_TSN => return self.admit_forward_tsn(value),
            SACK => is_sack(value),
            HEARTBEAT | HEARTBEAT_ACK => is_one_parameter(value),
            ABORT | ERROR => is_last && are_causes(value),
            COOKIE_ECHO => true,
            COOKIE_ACK | SHUTDOWN_ACK => value.is_empty(),
            SHUTDOWN => value.len() == 4,
            SHUTDOWN_COMPLETE => is_alone && value.is_empty(),
            _ => return Err("chunk-type"),
        };
        is_well_formed.then_some(()).ok_or("malformed")
    }

    fn admit_data(&self, chunk: &Chunk<'_>) -> Result<(), Refusal> {
        const DATA_HEADER: usize = 12;
        let value = chunk.value;
        let (Some(tsn), Some(stream)) = (number(value, 0), value.get(4..6)) else {
            return Err("malformed");
        };
        let length = value.len().saturating_sub(DATA_HEADER);
        if length == 0 {
            return Err("malformed");
        }
        if u16::from_be_bytes([stream[0], stream[1]]) >= STREAMS {
            return Err("stream");
        }
        if chunk.flags & IS_LAST == 0 && length < LEAST_PART {
            return Err("small-part");
        }
        self.is_near(tsn).then_some(()).ok_or("far-tsn")
    }

    fn admit_forward_tsn(&self, value: &[u8]) -> Result<(), Refusal> {
        let Some(tsn) = number(value, 0).filter(|_| value.len().is_multiple_of(4)) else {
            return Err("malformed");
        };
        self.is_near(tsn).then_some(()).ok_or("far-tsn")
    }

    /// The first one of each kind counts, or the stack would hold an association for each; a repeat must say the same, and
    /// none comes once the stack has acknowledged data.
    fn admit_init(&mut self, chunk: &Chunk<'_>) -> Result<(), Refusal> {
        const FIXED: usize = 16;
        let value = chunk.value;
        let (Some(tag), Some(first)) = (number(value, 0), number(value, 12)) else {
            return Err("malformed");
        };
        if !value.get(FIXED..).is_some_and(are_parameters) {
            return Err("malformed");
        }
        let begun = if chunk.kind == INIT {
            &mut self.init
        } else {
            &mut self.init_ack
        };
        let said = Beginning { tag, first };
        let is_again = *begun.get_or_insert(said) == said && self.acked.is_none();
        is_again.then_some(()).ok_or("second-init")
    }

    /// Whether the stack is not far from this TSN, or past it.
    fn is_near(&self, tsn: u32) -> bool {
        // Serial numbers (RFC 1982): what lies in the half before is past.
        let is_near = |reached| {
            let ahead = tsn.wrapping_sub(reached);
            ahead <= MOST_AHEAD || ahead > u32::MAX / 2
        };
        match self.acked {
            Some(acked) => is_near(acked),
            None => {
                let mut begun = [self.init, self.init_ack].into_iter().flatten();
                begun.any(|begun| is_near(begun.first.wrapping_sub(1)))
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Chunk<'a> {
    kind: u8,
    flags: u8,
    value: &'a [u8],
}

/// The chunks of a packet, up to the first that isn't whole.
struct Chunks<'a>(&'a [u8]);

impl<'a> Chunks<'a> {
    fn of(packet: &'a [u8]) -> Self {
        Self(packet.get(HEADER..).unwrap_or_default())
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<Chunk<'a>, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let (whole, rest) = split(self.0, CHUNK_HEADER).unwrap_or_default();
        self.0 = rest;
        Some(match whole.split_at_checked(CHUNK_HEADER) {
            Some((header, value)) => Ok(Chunk {
                kind: header[0],
                flags: header[1],
                value,
            }),
            None => Err("malformed"),
        })
    }
}

/// What begins with a type and a length, as chunks, parameters and causes do, and what comes after its padding.
fn split(bytes: &[u8], least: usize) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]));
    if length < least {
        return None;
    }
    let whole = bytes.get(..length)?;
    // The last one may lack its padding.
    let rest = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some((whole, rest))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

fn is_sack(value: &[u8]) -> bool {
    let count = |at: usize| {
        let bytes = value.get(at..at + 2)?;
        Some(usize::from(u16::from_be_bytes([bytes[0], bytes[1]])))
    };
    let (Some(gaps), Some(duplicates)) = (count(8), count(10)) else {
        return false;
    };
    value.len() == 12 + 4 * (gaps + duplicates)
}

/// Whether this is one parameter, and no byte more.
fn is_one_parameter(value: &[u8]) -> bool {
    split(value, CHUNK_HEADER).is_some_and(|(whole, _)| whole.len() == value.len())
}

fn are_parameters(mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match split(bytes, CHUNK_HEADER) {
            Some((_, rest)) => bytes = rest,
            None => return false,
        }
    }
    true
}

/// Whether these are whole causes, one after the other: the stack skips no padding between them.
fn are_causes(mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match split(bytes, CHUNK_HEADER) {
            Some((whole, _)) => bytes = &bytes[whole.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: u32 = 0xffff_ff00;

    fn chunk(kind: u8, flags: u8, value: &[u8]) -> Vec<u8> {
        let length = (value.len() + CHUNK_HEADER) as u16;
        let mut chunk = [&[kind, flags], &length.to_be_bytes()[..], value].concat();
        chunk.resize(chunk.len().next_multiple_of(4), 0);
        chunk
    }

    fn packet(chunks: &[Vec<u8>]) -> Vec<u8> {
        [vec![0; HEADER], chunks.concat()].concat()
    }

    fn init(first: u32) -> Vec<u8> {
        let fixed = [&[0; 12], &first.to_be_bytes()[..]].concat();
        let extensions = [0x80, 8, 0, 6, 130, 192, 0, 0, 0xc0, 0, 0, 4];
        chunk(INIT, 0, &[fixed, extensions.to_vec()].concat())
    }

    fn data(tsn: u32, stream: u16, flags: u8, length: usize) -> Vec<u8> {
        let value = [
            &tsn.to_be_bytes()[..],
            &stream.to_be_bytes(),
            &[0; 6],
            &vec![7; length],
        ];
        chunk(DATA, flags, &value.concat())
    }

    fn sack(tsn: u32) -> Vec<u8> {
        chunk(SACK, 0, &[&tsn.to_be_bytes()[..], &[0; 8]].concat())
    }

    fn forward_tsn(tsn: u32) -> Vec<u8> {
        chunk(FORWARD_TSN, 0, &tsn.to_be_bytes())
    }

    fn begun() -> SctpFilter {
        let mut association = SctpFilter::default();
        association.admit(&packet(&[init(FIRST)])).unwrap();
        association
    }

    #[test]
    fn what_browsers_send_is_taken() {
        let mut association = begun();
        let heartbeat = chunk(HEARTBEAT, 0, &[0, 1, 0, 8, 1, 2, 3, 4]);
        let packets = [
            packet(&[chunk(COOKIE_ECHO, 0, &[5; 33]), data(FIRST, 1, 3, 40)]),
            packet(&[chunk(COOKIE_ACK, 0, &[])]),
            packet(&[
                sack(7),
                forward_tsn(FIRST.wrapping_add(300)),
                data(FIRST.wrapping_add(301), 0, 7, 61),
            ]),
            packet(&[heartbeat, data(FIRST.wrapping_add(302), 1, 2, 1_100)]),
            packet(&[chunk(SHUTDOWN, 0, &[0; 4])]),
            packet(&[chunk(ABORT, 0, &[])]),
            packet(&[chunk(
                ABORT,
                0,
                &[0, 12, 0, 9, b'b', b'y', b'e', b'!', b'!'],
            )]),
            packet(&[chunk(SHUTDOWN_COMPLETE, 0, &[])]),
        ];
        for packet in packets {
            assert_eq!(association.admit(&packet), Ok(()), "{packet:?}");
        }
    }

    #[test]
    fn a_tsn_far_from_what_is_acknowledged_is_refused() {
        let mut association = begun();
        let last = FIRST.wrapping_sub(1);
        for ahead in [MOST_AHEAD + 1, 0x7fff_f000, 0x7fff_ffff] {
            let tsn = last.wrapping_add(ahead);
            assert_eq!(
                association.admit(&packet(&[forward_tsn(tsn)])),
                Err("far-tsn")
            );
            assert_eq!(
                association.admit(&packet(&[data(tsn, 0, 3, 9)])),
                Err("far-tsn")
            );
        }
        // Step by step it doesn't come further than the stack does.
        let edge = last.wrapping_add(MOST_AHEAD);
        assert_eq!(association.admit(&packet(&[data(edge, 0, 3, 9)])), Ok(()));
        assert_eq!(
            association.admit(&packet(&[data(edge.wrapping_add(1), 0, 3, 9)])),
            Err("far-tsn")
        );
        association.note_sent(&packet(&[sack(edge)]));
        assert_eq!(
            association.admit(&packet(&[forward_tsn(edge.wrapping_add(9))])),
            Ok(())
        );
        assert_eq!(association.admit(&packet(&[forward_tsn(FIRST)])), Ok(()));
    }

    #[test]
    fn an_association_begins_once() {
        let mut association = SctpFilter::default();
        assert_eq!(
            association.admit(&packet(&[forward_tsn(9)])),
            Err("far-tsn")
        );
        let mut association = begun();
        assert_eq!(association.admit(&packet(&[init(FIRST)])), Ok(()));
        assert_eq!(association.admit(&packet(&[init(9)])), Err("second-init"));
        let mut other_tag = init(FIRST);
        other_tag[4] = 1;
        assert_eq!(association.admit(&packet(&[other_tag])), Err("second-init"));
        association.note_sent(&packet(&[sack(FIRST)]));
        assert_eq!(
            association.admit(&packet(&[init(FIRST)])),
            Err("second-init")
        );
    }

    #[test]
    fn streams_parts_and_chunks_that_nobody_needs_are_refused() {
        let mut association = begun();
        let mut refusal = |chunks: &[Vec<u8>]| association.admit(&packet(chunks)).err();
        assert_eq!(refusal(&[data(FIRST, 2, 3, 9)]), Some("stream"));
        assert_eq!(refusal(&[data(FIRST, 1, 2, 9)]), Some("small-part"));
        assert_eq!(refusal(&[data(FIRST, 1, 3, 0)]), Some("malformed"));
        for kind in [15, 64, 128, 130, 193, 255] {
            assert_eq!(refusal(&[chunk(kind, 0, &[0; 16])]), Some("chunk-type"));
        }
        let many = vec![chunk(COOKIE_ACK, 0, &[]); MOST_CHUNKS + 1];
        assert_eq!(refusal(&many), Some("too-many-chunks"));
    }

    #[test]
    fn no_chunk_hides_another() {
        let hidden = forward_tsn(FIRST.wrapping_add(0x7fff_0000));
        let mut association = begun();
        let mut refusal = |chunks: &[Vec<u8>]| association.admit(&packet(chunks)).err();
        let behind = |value: &[u8]| [value, &hidden].concat();
        assert!(refusal(&[chunk(SACK, 0, &behind(&[0; 12]))]).is_some());
        assert!(refusal(&[chunk(HEARTBEAT, 0, &behind(&[0, 1, 0, 4]))]).is_some());
        assert!(refusal(&[chunk(COOKIE_ACK, 0, &hidden)]).is_some());
        assert!(refusal(&[chunk(SHUTDOWN, 0, &behind(&[0; 4]))]).is_some());
        assert!(refusal(&[chunk(ERROR, 0, &[]), hidden.clone()]).is_some());
        assert!(refusal(&[init(FIRST), hidden.clone()]).is_some());
        for causes in [
            &[0, 1, 0xff, 0xff][..],
            &[0, 1, 0, 3],
            &[0, 1, 0, 4, 0, 1],
            &[9],
        ] {
            assert_eq!(refusal(&[chunk(ABORT, 0, causes)]), Some("malformed"));
            assert_eq!(refusal(&[chunk(ERROR, 0, causes)]), Some("malformed"));
        }
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let whole = packet(&[sack(7), data(FIRST, 1, 3, 6)]);
        for length in HEADER + 1..whole.len() - 2 {
            let is_between = length == HEADER + 16;
            assert_eq!(
                begun().admit(&whole[..length]).is_ok(),
                is_between,
                "{length}"
            );
        }
    }
}
