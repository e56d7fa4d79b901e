//! One WebRTC peer: the sans-IO connection, its two channels, and the repeat of lost handshake
//! flights. No socket, no clock.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use rand::distr::{Alphanumeric, SampleString};
use rtc::crypto::RTCCryptoProvider;
use rtc::data_channel::{RTCDataChannelId, RTCDataChannelInit};
use rtc::dtls::cipher_suite::CipherSuiteId;
use rtc::ice::candidate::CandidateConfig;
use rtc::ice::candidate::candidate_host::CandidateHostConfig;
use rtc::ice::mdns::MulticastDnsMode;
use rtc::peer_connection::certificate::{CertificateParams, RTCCertificate};
use rtc::peer_connection::configuration::RTCConfigurationBuilder;
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::event::{RTCDataChannelEvent, RTCPeerConnectionEvent};
use rtc::peer_connection::message::RTCMessage;
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::{RTCDtlsRole, RTCIceCandidate};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};

use super::WebRtcError;
use super::credentials::{Credentials, Login};
use super::flights::FlightRepeater;
use super::guard::{GuardedCrypto, RecordFilter};
use super::nomination::Nomination;
use super::offer;
use super::pace::Pace;
use super::stun;

/// What a packet with a datagram in it has beside the datagram, at least: a DTLS record with its tag,
/// SCTP's header and that of a DATA chunk. Whatever else SCTP sends is shorter than such a packet.
const PACKET_OVERHEAD: usize = 13 + 16 + 12 + 16;

/// AEADs alone, by which the guard sees what is in a record; browsers have the first (RFC 8827 §6.5).
const CIPHER_SUITES: [CipherSuiteId; 2] = [
    CipherSuiteId::Tls_Ecdhe_Ecdsa_With_Aes_128_Gcm_Sha256,
    CipherSuiteId::Tls_Ecdhe_Ecdsa_With_ChaCha20_Poly1305_Sha256,
];

/// What SCTP may hold of the peer's that isn't whole yet; the longest frame is an eighth of it.
const RECEIVE_BUFFER: u32 = 128 * 1024;

/// Control that SCTP may hold before more is kept back in our own bounded queue.
const CONTROL_BUFFER: usize = 64 * 1024;

const STATE_CHANNEL: u16 = 0;
const CONTROL_CHANNEL: u16 = 1;

/// Makes peers that share an identity and an address.
pub(super) struct PeerFactory {
    crypto: Arc<dyn RTCCryptoProvider>,
    certificate: RTCCertificate,
    addresses: Vec<SocketAddr>,
}

impl PeerFactory {
    pub(super) fn new(addresses: &[IpAddr], port: u16) -> Result<Self, WebRtcError> {
        let fault = |error: &dyn std::fmt::Display| WebRtcError::Identity(error.to_string());
        let crypto = rtc::crypto::default_provider().map_err(|error| fault(&error))?;
        let certificate = RTCCertificate::generate(
            crypto.crypto(),
            rtc::crypto::SignatureScheme::EcdsaP256Sha256,
            CertificateParams::default(),
        )
        .map_err(|error| fault(&error))?;
        let addresses = addresses
            .iter()
            .map(|address| SocketAddr::new(*address, port))
            .collect();
        Ok(Self {
            crypto,
            certificate,
            addresses,
        })
    }

    /// Takes an offer; the answer is in the peer.
    pub(super) fn make(&self, now: Instant, offer: &str) -> Result<Peer, String> {
        self.try_make(now, offer).map_err(|error| error.to_string())
    }

    fn try_make(&self, now: Instant, offer: &str) -> Result<Peer, rtc::shared::error::Error> {
        let guarded = GuardedCrypto::new(Arc::clone(&self.crypto));
        let credentials = Credentials {
            ours: Login {
                ufrag: Alphanumeric.sample_string(&mut rand::rng(), 8),
                password: Alphanumeric.sample_string(&mut rand::rng(), 24),
            },
            theirs: offer::login(offer),
            crypto: Arc::clone(&self.crypto),
        };
        let Login { ufrag, password } = credentials.ours.clone();
        let settings = SettingEngineBuilder::new()
            .with_lite(true)
            .with_ice_credentials(ufrag, password)
            // As the active side we may begin DTLS with the answer to the first check.
            .with_answering_dtls_role(RTCDtlsRole::Client)
            .with_multicast_dns_mode(MulticastDnsMode::Disabled)
            .with_crypto_provider(Arc::new(guarded.clone()))
            .with_dtls_cipher_suites(CIPHER_SUITES.to_vec())
            .with_sctp_max_receive_buffer_size(RECEIVE_BUFFER)
            // Wide, for the hub judges silence, and time runs faster during the setup.
            .with_ice_timeouts(
                Some(Duration::from_secs(30)),
                Some(Duration::from_secs(120)),
                Some(Duration::from_secs(2)),
            )
            .build();
        let configuration = RTCConfigurationBuilder::new()
            .with_certificates(vec![self.certificate.clone()])
            .build();
        let mut connection = RTCPeerConnectionBuilder::new()
            .with_configuration(configuration)
            .with_setting_engine(settings)
            .build(now)?;
        let state = connection
            .create_data_channel(
                "state",
                Some(RTCDataChannelInit {
                    ordered: false,
                    max_retransmits: Some(0),
                    negotiated: Some(STATE_CHANNEL),
                    ..RTCDataChannelInit::default()
                }),
            )?
            .id();
        let control = connection
            .create_data_channel(
                "control",
                Some(RTCDataChannelInit {
                    negotiated: Some(CONTROL_CHANNEL),
                    ..RTCDataChannelInit::default()
                }),
            )?
            .id();
        connection.set_remote_description(now, RTCSessionDescription::offer(offer.to_owned())?)?;
        let local = self
            .addresses
            .first()
            .copied()
            .unwrap_or(TransportContext::default().local_addr);
        let candidate = CandidateHostConfig {
            base_config: CandidateConfig {
                network: "udp".to_owned(),
                address: local.ip().to_string(),
                port: local.port(),
                component: 1,
                ..CandidateConfig::default()
            },
            ..CandidateHostConfig::default()
        }
        .new_candidate_host()?;
        connection.add_local_candidate(RTCIceCandidate::from(&candidate).to_json()?)?;
        let answer = connection.create_answer(None)?;
        connection.set_local_description(now, answer.clone())?;
        Ok(Peer {
            answer: with_candidates(&answer.sdp, &self.addresses),
            credentials,
            guarded,
            records: RecordFilter::default(),
            connection,
            state,
            control,
            local,
            open_channels: 0,
            unsent_state: None,
            is_over: false,
            pace: Pace::new(now),
            flights: FlightRepeater::default(),
            nomination: Nomination::default(),
            messages: Vec::new(),
        })
    }
}

/// A message of the peer's.
pub(super) enum Received {
    State(Bytes),
    Control(Bytes),
}

/// One peer's connection.
pub(super) struct Peer {
    pub(super) answer: String,
    pub(super) credentials: Credentials,
    guarded: GuardedCrypto,
    records: RecordFilter,
    connection: RTCPeerConnection,
    state: RTCDataChannelId,
    control: RTCDataChannelId,
    local: SocketAddr,
    open_channels: u8,
    /// Length of a State datagram that SCTP has taken and not sent, for its window is full.
    unsent_state: Option<usize>,
    is_over: bool,
    pace: Pace,
    flights: FlightRepeater,
    nomination: Nomination,
    messages: Vec<Received>,
}

impl Peer {
    /// Whether a packet other than a check is one that a peer may have sent. Costs next to nothing.
    pub(super) fn expects(&mut self, packet: &[u8]) -> bool {
        let is_open = self.is_open();
        stun::is_success(packet) || self.records.admit(packet, is_open)
    }

    /// The number of the newest record with data that is certainly the peer's.
    pub(super) fn newest_record(&self) -> Option<u64> {
        self.records.newest()
    }

    /// Takes a packet; `from` is the address that the agent knows. Says whether it is certainly the peer's.
    pub(super) fn receive(&mut self, now: Instant, from: SocketAddr, packet: &[u8]) -> bool {
        let genuine = self.guarded.genuine();
        self.take_in(now, from, packet);
        let is_genuine = self.guarded.genuine() > genuine;
        if is_genuine && let Some(number) = stun::record_number(packet) {
            self.records.note_genuine(number);
        }
        is_genuine
    }

    fn take_in(&mut self, now: Instant, from: SocketAddr, packet: &[u8]) {
        self.flights.received(packet);
        self.nomination.received(packet);
        self.hand_in(now, from, packet);
        if let Some(nomination) = self.nomination.due(from, packet, &self.credentials) {
            self.hand_in(now, from, &nomination);
        }
    }

    /// Lets time pass.
    pub(super) fn wake(&mut self, now: Instant) {
        let now = self.pace.told(now);
        let is_due = self.connection.poll_timeout().is_some_and(|due| due <= now);
        // What one step of the setup leads to is sent only when time passes again.
        if (is_due || !self.is_open()) && self.connection.handle_timeout(now).is_err() {
            self.is_over = true;
        }
    }

    /// When [`Self::wake`] is due.
    pub(super) fn next_wake(&mut self) -> Option<Instant> {
        let stack = self
            .connection
            .poll_timeout()
            .map(|told| self.pace.when(told));
        [stack, self.flights.next()].into_iter().flatten().min()
    }

    /// Whether both channels are open.
    pub(super) fn is_open(&self) -> bool {
        self.open_channels == 2
    }

    /// Whether the connection has failed or the peer has closed it.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether State may be sent without going stale behind what SCTP has not sent yet. One datagram
    /// may wait there: SCTP's window doesn't grow while it is never short of room.
    pub(super) fn has_room_for_state(&mut self) -> bool {
        self.unsent_state.is_none() || self.outstanding(self.state) == 0
    }

    /// Whether Control may be sent.
    pub(super) fn has_room_for_control(&mut self) -> bool {
        self.outstanding(self.control) < CONTROL_BUFFER
    }

    /// Whether all of Control has been acknowledged.
    pub(super) fn has_sent_control(&mut self) -> bool {
        self.outstanding(self.control) == 0
    }

    /// Sends a State datagram; one that can't go is dropped.
    pub(super) fn send_state(&mut self, now: Instant, datagram: &[u8]) {
        if let Some(mut channel) = self.connection.data_channel(self.state) {
            let sent = channel.send(self.pace.told(now), BytesMut::from(datagram));
            self.unsent_state = sent.is_ok().then_some(datagram.len());
        }
    }

    /// Sends a Control frame. A channel that doesn't take it is over.
    pub(super) fn send_control(&mut self, now: Instant, frame: &[u8]) {
        let told = self.pace.told(now);
        let sent = self
            .connection
            .data_channel(self.control)
            .is_some_and(|mut channel| channel.send(told, BytesMut::from(frame)).is_ok());
        self.is_over |= !sent;
    }

    /// Closes the connection; the goodbye comes out of [`Self::drain`].
    pub(super) fn close(&mut self) {
        let _ = self.connection.close();
        self.is_over = true;
    }

    /// Adds packets that are to go out to `packets`, and gives back what the peer said.
    pub(super) fn drain(&mut self, now: Instant, packets: &mut Vec<Bytes>) -> Vec<Received> {
        while let Some(event) = self.connection.poll_event() {
            self.note(event);
        }
        if self.is_open() {
            self.flights.finish();
        } else {
            self.wake(now);
        }
        while let Some(tagged) = self.connection.poll_read() {
            if let RTCMessage::DataChannelMessage(channel, message) = tagged.message {
                let bytes = message.data.freeze();
                self.messages.push(if channel == self.state {
                    // The player plays, so nothing of the setup is lost any more.
                    self.pace.settle(now);
                    Received::State(bytes)
                } else {
                    Received::Control(bytes)
                });
            }
        }
        while let Some(tagged) = self.connection.poll_write() {
            let bytes = tagged.message.freeze();
            self.flights.sent(now, &bytes);
            self.unsent_state
                .take_if(|length| bytes.len() >= *length + PACKET_OVERHEAD);
            packets.push(bytes);
        }
        std::mem::take(&mut self.messages)
    }

    /// RecordFilter of the last DTLS flight that are due again, for the peer's present address.
    pub(super) fn repeat_flight(&mut self, now: Instant) -> Vec<Bytes> {
        self.flights.repeat(now)
    }

    fn hand_in(&mut self, now: Instant, from: SocketAddr, packet: &[u8]) {
        let tagged = TaggedBytesMut {
            now: self.pace.told(now),
            transport: TransportContext {
                local_addr: self.local,
                peer_addr: from,
                transport_protocol: TransportProtocol::UDP,
                ecn: None,
            },
            message: BytesMut::from(packet),
        };
        // A packet that the stack can't use is the peer's loss, not ours.
        let _ = self.connection.handle_read(tagged);
    }

    fn note(&mut self, event: RTCPeerConnectionEvent) {
        match event {
            RTCPeerConnectionEvent::OnDataChannel(RTCDataChannelEvent::OnOpen(_)) => {
                self.open_channels += 1;
            }
            RTCPeerConnectionEvent::OnDataChannel(RTCDataChannelEvent::OnClose(_)) => {
                self.is_over = true;
            }
            RTCPeerConnectionEvent::OnConnectionStateChangeEvent(
                RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed,
            ) => self.is_over = true,
            _ => {}
        }
    }

    fn outstanding(&mut self, channel: RTCDataChannelId) -> usize {
        self.connection
            .data_channel(channel)
            .map_or(0, |channel| channel.outstanding_bytes())
    }
}

/// The answer with a host candidate for each of our addresses in place of its own, and no more to
/// come.
fn with_candidates(answer: &str, addresses: &[SocketAddr]) -> String {
    let mut lines: Vec<String> = answer
        .lines()
        .filter(|line| {
            !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-candidates")
        })
        .map(ToOwned::to_owned)
        .collect();
    for (index, address) in addresses.iter().enumerate() {
        // RFC 8445 §5.1.2: type preference 126 for host, then the order of preference.
        let priority = (126u32 << 24) | (u32::try_from(65_535 - index).unwrap_or(0) << 8) | 255;
        lines.push(format!(
            "a=candidate:{} 1 udp {priority} {} {} typ host",
            index + 1,
            address.ip(),
            address.port()
        ));
    }
    lines.push("a=end-of-candidates".to_owned());
    lines
        .iter()
        .flat_map(|line| [line.as_str(), "\r\n"])
        .collect()
}
