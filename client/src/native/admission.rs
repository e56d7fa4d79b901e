//! What a join is answered: the token of a place in a room, and where its links go.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use protocol::PROTOCOL_VERSION;
use protocol::rung::Rung;
use serde::{Deserialize, Serialize};

use super::PlayerOptions;
use super::connector::Connector;
use super::error::{JoinError, LinkError};
use super::http::{Post, post};
use super::trust::CertificateHash;

/// A place that is held for whoever shows its token, for 15 seconds until the first link attaches.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Admission {
    /// What its links must show.
    pub token: String,
    /// Its room.
    pub room: String,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Snapshots a second.
    pub snapshot_rate: u16,
    /// How it is reached, best first; kinds that this client doesn't know are left out.
    #[serde(deserialize_with = "known_rungs")]
    pub rungs: Vec<RungOffer>,
}

/// One way to reach a seat.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum RungOffer {
    /// WebTransport.
    WebTransport {
        /// An `https` URL.
        url: String,
        /// SHA-256 of the certificates that the server may show, in base64; empty when an authority vouches for it.
        #[serde(default)]
        certificate_hashes: Vec<String>,
    },
    /// WebRTC.
    WebRtc {
        /// Where the SDP offer goes.
        url: String,
    },
    /// WebSockets.
    WebSocket {
        /// A `ws` or `wss` URL.
        url: String,
    },
}

#[derive(Serialize)]
struct Request<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<&'a serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<&'a str>,
    protocol: u16,
}

impl Admission {
    /// Asks for a place.
    ///
    /// # Errors
    /// [`JoinError`].
    pub async fn ask(connector: &Connector, options: &PlayerOptions) -> Result<Self, JoinError> {
        let uri = join_uri(&options.origin)?;
        let request = Request {
            name: &options.name,
            room: options.room.as_deref(),
            options: options.options.as_ref(),
            login: options.login.as_deref(),
            protocol: PROTOCOL_VERSION,
        };
        let join = Post {
            content_type: "application/json",
            token: None,
            body: serde_json::to_string(&request)
                .map_err(|error| JoinError::BadRequest(error.to_string()))?,
        };
        let answer = post(&uri, connector.tls(), join).await;
        let answer = answer.map_err(|source| JoinError::Unreachable {
            origin: options.origin.clone(),
            source,
        })?;
        if answer.status != 200 {
            return Err(JoinError::Refused {
                status: answer.status,
                body: answer.body,
            });
        }
        let seat: Self = serde_json::from_str(&answer.body)
            .map_err(|error| JoinError::Malformed(error.to_string()))?;
        connector.pin(seat.certificate_hashes()?);
        Ok(seat)
    }

    /// Where a rung is.
    pub(super) fn url(&self, rung: Rung) -> Result<&str, LinkError> {
        let offer = self.rungs.iter().find(|offer| offer.rung() == rung);
        offer.map(RungOffer::url).ok_or(LinkError::NotOffered(rung))
    }

    fn certificate_hashes(&self) -> Result<Vec<CertificateHash>, JoinError> {
        let hashes = self.rungs.iter().flat_map(|offer| match offer {
            RungOffer::WebTransport {
                certificate_hashes, ..
            } => certificate_hashes.as_slice(),
            RungOffer::WebRtc { .. } | RungOffer::WebSocket { .. } => &[],
        });
        let hashes = hashes.map(|text| {
            let bytes = STANDARD.decode(text).ok();
            bytes.and_then(|bytes| bytes.try_into().ok())
        });
        hashes
            .collect::<Option<_>>()
            .ok_or_else(|| JoinError::Malformed("a certificate hash is no SHA-256".to_owned()))
    }
}

impl RungOffer {
    /// Which rung it is.
    #[must_use]
    pub fn rung(&self) -> Rung {
        match self {
            Self::WebTransport { .. } => Rung::WebTransport,
            Self::WebRtc { .. } => Rung::WebRtc,
            Self::WebSocket { .. } => Rung::WebSocket,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::WebTransport { url, .. } | Self::WebRtc { url } | Self::WebSocket { url } => url,
        }
    }
}

fn join_uri(origin: &str) -> Result<Uri, JoinError> {
    let bad = || JoinError::BadOrigin(origin.to_owned());
    let origin_uri: Uri = origin.parse().map_err(|_| bad())?;
    let is_http = matches!(origin_uri.scheme_str(), Some("http" | "https"));
    if !is_http || origin_uri.path() != "/" || origin_uri.query().is_some() {
        return Err(bad());
    }
    let origin = origin.trim_end_matches('/');
    format!("{origin}/v1/join").parse().map_err(|_| bad())
}

/// A rung of a newer server is none that this client could use.
fn known_rungs<'de, D: serde::Deserializer<'de>>(offers: D) -> Result<Vec<RungOffer>, D::Error> {
    let offers = Vec::<serde_json::Value>::deserialize(offers)?;
    let known = offers.into_iter().map(serde_json::from_value);
    Ok(known.filter_map(Result::ok).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_goes_to_an_origin_and_to_nothing_else() {
        let uri = join_uri("https://example.net:8443").unwrap();
        assert_eq!(uri.to_string(), "https://example.net:8443/v1/join");
        assert!(join_uri("http://localhost:8080/").is_ok());
        for wrong in [
            "localhost:8080",
            "ws://host",
            "http://host/page",
            "http://host/?room=1",
            "",
        ] {
            let error = join_uri(wrong).unwrap_err();
            assert!(error.to_string().contains("http://HOST:PORT"), "{error}");
        }
    }

    #[test]
    fn a_seat_keeps_the_rungs_that_are_known() {
        let seat: Admission = serde_json::from_str(
            r#"{"token":"t","room":"pond","tick_rate":60,"snapshot_rate":20,"player":"p","rungs":[
                {"kind":"pigeon","url":"x"},
                {"kind":"webrtc","url":"http://h/v1/webrtc","ice_servers":[]},
                {"kind":"webtransport","url":"https://h/v1/webtransport","certificate_hashes":["AAAA"]}]}"#,
        )
        .unwrap();
        assert_eq!(seat.rungs.len(), 2);
        assert_eq!(seat.url(Rung::WebRtc).unwrap(), "http://h/v1/webrtc");
        let missing = seat.url(Rung::WebSocket).unwrap_err();
        assert!(missing.to_string().contains("websocket"), "{missing}");
        assert!(
            seat.certificate_hashes().is_err(),
            "three bytes are no hash"
        );
    }
}
