//! Which DTLS records of a peer's the stack gets. It keeps those of an epoch that is yet to come, and parts of handshakes,
//! for as long as they come; and whoever knows the peer's address can send them.

/// Bytes of a record's header (RFC 6347 §4.1).
const HEADER: usize = 13;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// The epoch of the keys of the one handshake that there is.
const ENCRYPTED: u16 = 1;

/// Parts of a handshake that are taken, in datagrams: some twenty make one, and each may be repeated a few times.
const MOST_HANDSHAKE: u32 = 300;

/// RecordFilter of the encrypted epoch that the stack may have to keep until it has the keys.
const MOST_EARLY: u32 = 64;

/// How far the number of a genuine record may be from the newest one: beyond it by what an outage swallows, and behind it by
/// what a path holds.
const MOST_BEYOND: u64 = 2_048;
const MOST_BEHIND: u64 = 256;

/// What has come from a peer.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct RecordFilter {
    handshake: u32,
    early: u32,
    /// The number of the newest genuine record with data.
    newest: Option<u64>,
}

impl RecordFilter {
    /// Whether the stack gets a datagram with these records; `is_open` once it has the keys.
    pub(in super::super) fn admit(&mut self, datagram: &[u8], is_open: bool) -> bool {
        let mut rest = datagram;
        while let Some((record, tail)) = next(rest) {
            if !self.admit_record(&record, is_open) {
                return false;
            }
            rest = tail;
        }
        rest.is_empty()
    }

    /// A record with this number was genuine.
    pub(in super::super) fn note_genuine(&mut self, number: u64) {
        self.newest = self.newest.max(Some(number));
    }

    /// The number of the newest genuine record with data.
    pub(in super::super) fn newest(&self) -> Option<u64> {
        self.newest
    }

    fn admit_record(&mut self, record: &Record, is_open: bool) -> bool {
        match (record.kind, record.epoch) {
            (HANDSHAKE, 0 | ENCRYPTED) | (CHANGE_CIPHER_SPEC, 0) => {
                self.handshake += 1;
                self.handshake <= MOST_HANDSHAKE
            }
            (ALERT, 0) => !is_open,
            (APPLICATION_DATA | ALERT, ENCRYPTED) if is_open => self.newest.is_none_or(|newest| {
                record.number <= newest + MOST_BEYOND && record.number + MOST_BEHIND >= newest
            }),
            (APPLICATION_DATA | ALERT, ENCRYPTED) => {
                self.early += 1;
                self.early <= MOST_EARLY
            }
            _ => false,
        }
    }
}

struct Record {
    kind: u8,
    epoch: u16,
    number: u64,
}

fn next(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let (header, rest) = bytes.split_at_checked(HEADER)?;
    let length = usize::from(u16::from_be_bytes([header[11], header[12]]));
    let rest = rest.get(length..)?;
    let number = header[5..11].iter();
    let record = Record {
        kind: header[0],
        epoch: u16::from_be_bytes([header[3], header[4]]),
        number: number.fold(0, |number, byte| number << 8 | u64::from(*byte)),
    };
    Some((record, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, epoch: u16, number: u64) -> Vec<u8> {
        let number = &number.to_be_bytes()[2..];
        [
            &[kind, 254, 253],
            &epoch.to_be_bytes()[..],
            number,
            &[0, 2, 7, 7],
        ]
        .concat()
    }

    #[test]
    fn records_of_an_epoch_that_never_comes_are_never_taken() {
        for is_open in [false, true] {
            for kind in 0..=255 {
                let late = record(kind, 2, 0);
                assert!(!RecordFilter::default().admit(&late, is_open));
                let behind = [record(HANDSHAKE, 0, 0), late].concat();
                assert!(!RecordFilter::default().admit(&behind, is_open));
            }
        }
    }

    #[test]
    fn handshakes_and_data_before_the_keys_are_taken_up_to_a_bound() {
        let taken = |kind, epoch, is_open| {
            let mut records = RecordFilter::default();
            let all = 0..10_000;
            all.filter(|number| records.admit(&record(kind, epoch, *number), is_open))
                .count()
        };
        assert_eq!(taken(HANDSHAKE, 0, false), 300);
        assert_eq!(taken(HANDSHAKE, 1, true), 300);
        assert_eq!(taken(CHANGE_CIPHER_SPEC, 0, true), 300);
        assert_eq!(taken(APPLICATION_DATA, 1, false), 64);
        assert_eq!(taken(APPLICATION_DATA, 1, true), 10_000);
        assert_eq!(taken(ALERT, 0, true), 0);
    }

    #[test]
    fn a_number_far_from_the_newest_genuine_one_is_a_forgers() {
        let mut records = RecordFilter::default();
        let data = |number| record(APPLICATION_DATA, 1, number);
        records.note_genuine(10_000);
        records.note_genuine(9_000);
        assert_eq!(records.newest(), Some(10_000));
        assert!(records.admit(&data(10_001), true));
        assert!(records.admit(&data(9_950), true));
        assert!(records.admit(&data(12_048), true));
        assert!(!records.admit(&data(12_049), true));
        assert!(records.admit(&data(9_744), true));
        assert!(!records.admit(&data(9_743), true));
    }

    #[test]
    fn what_is_cut_off_is_not_taken() {
        let whole = record(HANDSHAKE, 0, 0);
        for length in 1..whole.len() {
            assert!(
                !RecordFilter::default().admit(&whole[..length], false),
                "{length}"
            );
        }
    }
}
