//! What an SDP offer must be before any parser sees it.

use signaling::SdpError;

use super::credentials::Login;

/// Most lines of an offer; browsers send about 20.
const MOST_LINES: usize = 128;

/// Checks that the text offers one data-channel section and nothing else, and leaves out its
/// candidates: with ICE-lite the client calls us, so its addresses are not needed, and addresses
/// from a stranger are none we would send to.
pub(super) fn accept(offer: &str) -> Result<String, SdpError> {
    let refuse = |reason: &str| Err(SdpError::NotADataChannelOffer(reason.to_owned()));
    if !offer.starts_with("v=0") {
        return refuse("it does not begin with v=0");
    }
    if offer.lines().count() > MOST_LINES {
        return refuse("it has too many lines");
    }
    // The parser passes over a CR ahead of a line, so a line with one may be another to it than to us.
    if offer
        .lines()
        .any(|line| line.contains(|c: char| c.is_ascii_control()))
    {
        return refuse("it has control characters");
    }
    let mut sections = offer.lines().filter(|line| line.starts_with("m="));
    let is_data_channel =
        |line: &str| line.starts_with("m=application ") && line.contains("webrtc-datachannel");
    match (sections.next(), sections.next()) {
        (Some(only), None) if is_data_channel(only) => {}
        _ => return refuse("it needs exactly one section, m=application webrtc-datachannel"),
    }
    for needed in ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:"] {
        if !offer.lines().any(|line| line.starts_with(needed)) {
            return refuse(&format!("it has no {needed}"));
        }
    }
    let lines = offer.lines().filter(|line| !is_of_candidates(line));
    Ok(lines.flat_map(|line| [line, "\r\n"]).collect())
}

/// Whether a line names a candidate, or says that no more follow. The parser trims what stands behind the sign.
fn is_of_candidates(line: &str) -> bool {
    let attribute = line.strip_prefix("a=").map(str::trim_start);
    attribute.is_some_and(|attribute| {
        attribute.starts_with("candidate:") || attribute.starts_with("end-of-candidates")
    })
}

/// The peer's user name and password for its checks, of an offer that was accepted.
pub(super) fn login(offer: &str) -> Login {
    let value = |name: &str| {
        let line = offer.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    Login {
        ufrag: value("a=ice-ufrag:"),
        password: value("a=ice-pwd:"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n\
        a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef01234567\r\n\
        a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\na=fingerprint:sha-256 00\r\n\
        a=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\n";

    #[test]
    fn a_data_channel_offer_is_taken_without_its_candidates() {
        let accepted = accept(OFFER).unwrap();
        assert!(!accepted.contains("candidate"));
        let spaced = OFFER.replace("a=candidate:", "a= \u{a0}candidate:");
        assert_eq!(accept(&spaced).unwrap(), accepted);
        assert!(accepted.contains("a=ice-ufrag:abcd\r\n"));
        let Login { ufrag, password } = login(&accepted);
        assert_eq!(
            (ufrag.as_str(), password.as_str()),
            ("abcd", "0123456789abcdef01234567")
        );
    }

    #[test]
    fn anything_else_is_refused_with_a_reason() {
        let video = OFFER.replace(
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            "m=video 9 UDP/TLS/RTP/SAVPF 96",
        );
        let two = format!("{OFFER}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n");
        let long = format!("{OFFER}{}", "a=x\r\n".repeat(500));
        let open = OFFER.replace("a=fingerprint:sha-256 00\r\n", "");
        for bad in [
            "",
            "hello",
            "v=0\r\n",
            &video,
            &two,
            &long,
            &open,
            &OFFER.replace("s=-", "s=\u{7}"),
            &OFFER.replace("a=candidate:", "\ra=candidate:"),
        ] {
            assert!(
                matches!(accept(bad), Err(SdpError::NotADataChannelOffer(_))),
                "{bad}"
            );
        }
    }
}
