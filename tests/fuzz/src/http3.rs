//! What a WebTransport session's streams and datagrams carry beneath our own bytes: HTTP/3, as `wtransport` reads it.

use wtransport_proto::capsule::Capsule;
use wtransport_proto::capsule::capsules::CloseWebTransportSession;
use wtransport_proto::datagram::Datagram;
use wtransport_proto::frame::{Frame, FrameKind};
use wtransport_proto::headers::Headers;
use wtransport_proto::session::SessionRequest;
use wtransport_proto::settings::Settings;
use wtransport_proto::stream::biremote::StreamBiRemoteQuic;
use wtransport_proto::stream::uniremote::{MaybeUpgradeH3, StreamUniRemoteQuic};
use wtransport_proto::stream_header::StreamKind;

use crate::allocation::within;

/// Bytes for each byte that came: Huffman's code turns five bits into a byte, and texts are copied.
const PER_BYTE: usize = 256;

/// By the first byte: a datagram, or what stands on a stream of either kind.
pub fn http3(bytes: &[u8]) {
    let Some((kind, mut rest)) = bytes.split_first() else {
        return;
    };
    within(4_096 + PER_BYTE * bytes.len(), || match kind & 3 {
        0 => {
            let _ = Datagram::read(rest);
        }
        1 => unidirectional(&mut rest),
        _ => {
            let mut stream = StreamBiRemoteQuic::accept_bi().upgrade();
            while let Ok(Some(frame)) = stream.read_frame(&mut rest) {
                if frame.session_id().is_some() {
                    return;
                }
                take(&frame);
            }
        }
    });
}

fn unidirectional(bytes: &mut &[u8]) {
    let Ok(MaybeUpgradeH3::H3(mut stream)) = StreamUniRemoteQuic::accept_uni().upgrade(bytes)
    else {
        return;
    };
    if matches!(stream.kind(), StreamKind::WebTransport) {
        let _ = stream.upgrade();
        return;
    }
    while let Ok(Some(frame)) = stream.read_frame(bytes) {
        take(&frame);
    }
}

/// Takes a frame as the session's driver does.
fn take(frame: &Frame<'_>) {
    match frame.kind() {
        FrameKind::Headers => {
            if let Ok(headers) = Headers::with_frame(frame) {
                let _ = SessionRequest::try_from(headers);
            }
        }
        FrameKind::Settings => {
            let _ = Settings::with_frame(frame);
        }
        FrameKind::Data => {
            if let Some(capsule) = Capsule::with_frame(frame) {
                let _ = CloseWebTransportSession::with_capsule(&capsule);
            }
        }
        FrameKind::WebTransport | FrameKind::Exercise(_) => {}
    }
}
