//! One WebRTC connection as the side that offers: sans-IO, no socket, no clock.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use rtc::data_channel::{RTCDataChannelId, RTCDataChannelInit};
use rtc::ice::candidate::CandidateConfig;
use rtc::ice::candidate::candidate_host::CandidateHostConfig;
use rtc::ice::mdns::MulticastDnsMode;
use rtc::peer_connection::configuration::RTCConfigurationBuilder;
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::event::{RTCDataChannelEvent, RTCPeerConnectionEvent};
use rtc::peer_connection::message::RTCMessage;
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::RTCIceCandidate;
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};

use super::Message;

const STATE_CHANNEL: u16 = 0;
const CONTROL_CHANNEL: u16 = 1;

/// Bytes that SCTP may hold back of State before more waits in our own queue, where a newer datagram replaces it.
const STATE_BUFFER: usize = 1_000;

/// Likewise of Control.
const CONTROL_BUFFER: usize = 64 * 1024;

/// One connection.
pub(super) struct Peer {
    connection: RTCPeerConnection,
    state: RTCDataChannelId,
    control: RTCDataChannelId,
    local: SocketAddr,
    open_channels: u8,
    is_over: bool,
    packets: VecDeque<(SocketAddr, Bytes)>,
    messages: Vec<Message>,
}

impl Peer {
    /// A connection from the UDP address `local`, and its offer.
    pub(super) fn new(now: Instant, local: SocketAddr) -> Result<(Self, String), Error> {
        let settings = SettingEngineBuilder::new()
            .with_multicast_dns_mode(MulticastDnsMode::Disabled)
            .build();
        let mut connection = RTCPeerConnectionBuilder::new()
            .with_configuration(RTCConfigurationBuilder::new().build())
            .with_setting_engine(settings)
            .build(now)?;
        let state = RTCDataChannelInit {
            ordered: false,
            max_retransmits: Some(0),
            negotiated: Some(STATE_CHANNEL),
            ..RTCDataChannelInit::default()
        };
        let state = connection.create_data_channel("state", Some(state))?.id();
        let control = RTCDataChannelInit {
            negotiated: Some(CONTROL_CHANNEL),
            ..RTCDataChannelInit::default()
        };
        let control = connection
            .create_data_channel("control", Some(control))?
            .id();
        let offer = connection.create_offer(None)?;
        connection.set_local_description(now, offer.clone())?;
        connection.add_local_candidate(host_candidate(local)?)?;
        let peer = Self {
            connection,
            state,
            control,
            local,
            open_channels: 0,
            is_over: false,
            packets: VecDeque::new(),
            messages: Vec::new(),
        };
        Ok((peer, offer.sdp))
    }

    /// Takes the server's answer.
    pub(super) fn accept(&mut self, now: Instant, answer: String) -> Result<(), Error> {
        let answer = RTCSessionDescription::answer(answer)?;
        self.connection.set_remote_description(now, answer)
    }

    /// Takes a packet.
    pub(super) fn receive(&mut self, now: Instant, from: SocketAddr, packet: &[u8]) {
        let tagged = TaggedBytesMut {
            now,
            transport: TransportContext {
                local_addr: self.local,
                peer_addr: from,
                transport_protocol: TransportProtocol::UDP,
                ecn: None,
            },
            message: BytesMut::from(packet),
        };
        // A packet that the stack can't use is a stranger's or a late one.
        let _ = self.connection.handle_read(tagged);
    }

    /// Lets time pass.
    pub(super) fn wake(&mut self, now: Instant) {
        self.is_over |= self.connection.handle_timeout(now).is_err();
    }

    /// When [`Self::wake`] is due.
    pub(super) fn next_wake(&mut self) -> Option<Instant> {
        self.connection.poll_timeout()
    }

    /// Whether both channels are open.
    pub(super) fn is_open(&self) -> bool {
        self.open_channels == 2
    }

    /// Whether the connection has failed or been closed.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether more may be sent without standing in SCTP's queue.
    pub(super) fn has_room(&mut self) -> bool {
        self.outstanding(self.state) < STATE_BUFFER
            && self.outstanding(self.control) < CONTROL_BUFFER
    }

    /// Sends a State datagram; one that can't go is lost.
    pub(super) fn send_state(&mut self, now: Instant, datagram: &[u8]) {
        let _ = self.send(now, self.state, datagram);
    }

    /// Sends a Control frame; a channel that doesn't take it is over.
    pub(super) fn send_control(&mut self, now: Instant, frame: &[u8]) {
        self.is_over |= !self.send(now, self.control, frame);
    }

    /// Closes the connection; its last packets come out of [`Self::drain`].
    pub(super) fn close(&mut self) {
        let _ = self.connection.close();
        self.is_over = true;
    }

    /// Does all that needs no time to pass.
    pub(super) fn drain(&mut self, now: Instant) {
        if !self.is_open() {
            // What one step of the set-up leads to is sent only when time passes again.
            self.wake(now);
        }
        while let Some(event) = self.connection.poll_event() {
            self.note(&event);
        }
        while let Some(tagged) = self.connection.poll_read() {
            if let RTCMessage::DataChannelMessage(channel, message) = tagged.message {
                let bytes = message.data.freeze();
                self.messages.push(if channel == self.state {
                    Message::State(bytes)
                } else {
                    Message::Control(bytes)
                });
            }
        }
        while let Some(tagged) = self.connection.poll_write() {
            let to = tagged.transport.peer_addr;
            self.packets.push_back((to, tagged.message.freeze()));
        }
    }

    /// Whether packets are to go out.
    pub(super) fn has_packets(&self) -> bool {
        !self.packets.is_empty()
    }

    /// A packet that is to go out.
    pub(super) fn next_packet(&mut self) -> Option<(SocketAddr, Bytes)> {
        self.packets.pop_front()
    }

    /// What the server has said.
    pub(super) fn take_messages(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.messages)
    }

    fn send(&mut self, now: Instant, channel: RTCDataChannelId, bytes: &[u8]) -> bool {
        self.connection
            .data_channel(channel)
            .is_some_and(|mut channel| channel.send(now, BytesMut::from(bytes)).is_ok())
    }

    fn note(&mut self, event: &RTCPeerConnectionEvent) {
        match event {
            RTCPeerConnectionEvent::OnDataChannel(RTCDataChannelEvent::OnOpen(_)) => {
                self.open_channels += 1;
            }
            RTCPeerConnectionEvent::OnDataChannel(RTCDataChannelEvent::OnClose(_))
            | RTCPeerConnectionEvent::OnConnectionStateChangeEvent(
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

fn host_candidate(
    local: SocketAddr,
) -> Result<rtc::peer_connection::transport::RTCIceCandidateInit, Error> {
    let candidate = CandidateHostConfig {
        base_config: CandidateConfig {
            network: "udp".to_owned(),
            address: local.ip().to_string(),
            port: local.port(),
            component: 1,
            ..CandidateConfig::default()
        },
        ..CandidateHostConfig::default()
    };
    RTCIceCandidate::from(&candidate.new_candidate_host()?).to_json()
}
