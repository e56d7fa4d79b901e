//! What is served beside the game, each at an address of its own: operators, and redirects of plain HTTP.

use std::net::{SocketAddr, TcpListener};

use axum::Router;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::error;

use crate::accept::Acceptor;
use crate::bind::{bind_operators, bind_redirect};
use crate::config::Config;
use crate::connections::Connections;
use crate::listener::{self, Server};
use crate::serve::ServeError;

/// Connections of operators at once.
const MOST_OPERATORS: usize = 64;

/// Listeners that are bound.
pub(crate) struct Beside {
    operators: Option<TcpListener>,
    plain: Option<TcpListener>,
}

impl Beside {
    /// Binds those that the settings ask for; `main` is the address of the one port.
    ///
    /// # Errors
    /// [`ServeError::Bind`].
    pub(crate) fn bind(config: &Config, main: SocketAddr) -> Result<Self, ServeError> {
        let redirect = |port| bind_redirect(main, port);
        Ok(Self {
            operators: config.operations.map(bind_operators).transpose()?,
            plain: config.redirect_port.map(redirect).transpose()?,
        })
    }

    /// Whether operators are served here, and so not among players.
    pub(crate) fn has_operators(&self) -> bool {
        self.operators.is_some()
    }

    /// Serves until `stop`.
    pub(crate) fn serve(
        self,
        operations: Router,
        redirects: Router,
        acceptor: &Acceptor,
        stop: &CancellationToken,
        (tasks, runtime): (&TaskTracker, &Handle),
    ) {
        let direct = Acceptor {
            is_proxy_protocol: false,
            // However many players there are.
            connections: Connections::new(MOST_OPERATORS),
            ..acceptor.clone()
        };
        let operators = (self.operators, direct, operations, "operators");
        let plain = (self.plain, acceptor.clone(), redirects, "redirects");
        for (listener, acceptor, router, what) in [operators, plain] {
            let stop = stop.clone();
            let server = Server {
                acceptor,
                tls: None,
                router,
            };
            if let Some(listener) = listener {
                let served = async move {
                    if let Err(error) = listener::serve(listener, server, stop).await {
                        error!(%error, "the listener for {what} has ended");
                    }
                };
                tasks.spawn_on(served, runtime);
            }
        }
    }
}
