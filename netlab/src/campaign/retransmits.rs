//! TCP segments that a host has sent again, as its kernel counts them. Pure.

/// Where the kernel tells, for the network namespace of the thread that reads.
pub(super) const PATH: &str = "/proc/thread-self/net/snmp";

/// `RetransSegs` of the text at [`PATH`].
pub(super) fn retransmitted(snmp: &str) -> Option<u64> {
    let mut lines = snmp.lines().filter_map(|line| line.strip_prefix("Tcp: "));
    let names = lines.next()?.split(' ');
    let values = lines.next()?.split(' ');
    names
        .zip(values)
        .find(|(name, _)| *name == "RetransSegs")
        .and_then(|(_, value)| value.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_table_names_its_columns_first() {
        let text = "Ip: Forwarding DefaultTTL\nIp: 1 64\n\
                    Tcp: RtoMin MaxConn InSegs OutSegs RetransSegs InErrs\nTcp: 200 -1 9 8 7 6\n";
        assert_eq!(retransmitted(text), Some(7));
        assert_eq!(retransmitted("Tcp: RetransSegs\n"), None);
        assert!(retransmitted(&std::fs::read_to_string(PATH).unwrap()).is_some());
    }
}
