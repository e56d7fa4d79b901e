//! A seat for somebody who then does what no player does.

use std::net::SocketAddr;

use client::native::{ConnectError, Connector, PlayerOptions, Trust};

/// A seat that is held for whoever shows its token.
#[derive(Debug, Clone)]
pub struct Admission {
    /// Where its server is.
    pub server: SocketAddr,
    /// What its links must show.
    pub token: String,
}

impl Admission {
    /// Joins a room of `server`, which is made if it isn't there.
    ///
    /// # Errors
    /// When there is no answer, or the server refuses.
    pub fn ask(server: SocketAddr, name: &str, room: &str) -> Result<Self, ConnectError> {
        let options = PlayerOptions {
            name: name.to_owned(),
            room: Some(room.to_owned()),
            ..PlayerOptions::new(format!("http://{server}"))
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let connector = Connector::new(&Trust::Anything)?;
        let taken = client::native::Admission::ask(&connector, &options);
        let seat = runtime.block_on(taken)?;
        Ok(Self {
            server,
            token: seat.token,
        })
    }
}
