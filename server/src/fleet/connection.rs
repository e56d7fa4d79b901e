//! Ways to Redis: one server, a cluster, or whichever server Sentinel names.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{
    ConnectionLike, ConnectionManager, ConnectionManagerConfig, MultiplexedConnection,
};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, IntoConnectionInfo,
    Pipeline, RedisError, RedisFuture, RedisResult, TlsMode, Value,
};
use tokio::sync::Mutex;

/// How long an answer may take: a store that hangs must not hold up those who can do without.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(800);

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Schemes of a cluster and of Sentinel, before that of a single server.
const CLUSTER: &str = "+cluster";
const SENTINEL: &str = "+sentinel";

/// Where Redis is, as a URL says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `redis://` or `rediss://`: one server.
    Single(String),
    /// `redis+cluster://HOST:PORT,HOST:PORT…`: some nodes of a cluster, as URLs.
    Cluster(Vec<String>),
    /// `redis+sentinel://HOST:PORT,HOST:PORT…/NAME`: Sentinels, and the name by which they know the server.
    Sentinel {
        /// Where they are.
        sentinels: Vec<String>,
        /// What they call it.
        name: String,
        /// Who logs in there.
        user: Option<String>,
        /// By what.
        password: Option<String>,
        /// Whether it is spoken to over TLS.
        is_tls: bool,
    },
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(url: &str) -> Result<Self, String> {
        let form = "redis://HOST:PORT, rediss://…, redis+cluster://HOST:PORT,HOST:PORT or redis+sentinel://HOST:PORT,HOST:PORT/NAME";
        let bad = |reason: &str| format!("{reason}; {form}");
        let (scheme, rest) = url.split_once("://").ok_or_else(|| bad("it is no URL"))?;
        let (base, kind) = scheme
            .split_once('+')
            .map_or((scheme, ""), |(base, _)| (base, &scheme[base.len()..]));
        if !["redis", "rediss"].contains(&base) {
            return Err(bad("its scheme is another"));
        }
        let (login, hosts) = rest
            .rsplit_once('@')
            .map_or((None, rest), |(login, hosts)| (Some(login), hosts));
        let (hosts, path) = hosts.split_once('/').unwrap_or((hosts, ""));
        let credentials = login.map_or(String::new(), |login| format!("{login}@"));
        let each = |host: &str| format!("{base}://{credentials}{host}");
        let address = match kind {
            "" => Self::Single(url.to_owned()),
            CLUSTER => Self::Cluster(hosts.split(',').map(each).collect()),
            SENTINEL if path.is_empty() => return Err(bad("it has no NAME")),
            SENTINEL => {
                let (user, password) = login
                    .and_then(|login| login.split_once(':'))
                    .map_or((None, None), |(user, password)| {
                        (Some(user), Some(password))
                    });
                Self::Sentinel {
                    sentinels: hosts
                        .split(',')
                        .map(|host| format!("redis://{host}"))
                        .collect(),
                    name: path.to_owned(),
                    user: user.filter(|user| !user.is_empty()).map(str::to_owned),
                    password: password.map(str::to_owned),
                    is_tls: base == "rediss",
                }
            }
            _ => return Err(bad("its scheme is another")),
        };
        address.servers()?;
        Ok(address)
    }

    /// The servers that it names.
    fn servers(&self) -> Result<Vec<ConnectionInfo>, String> {
        let urls = match self {
            Self::Single(url) => std::slice::from_ref(url),
            Self::Cluster(urls)
            | Self::Sentinel {
                sentinels: urls, ..
            } => urls.as_slice(),
        };
        let servers = urls.iter().map(|url| url.as_str().into_connection_info());
        servers
            .collect::<RedisResult<_>>()
            .map_err(|error| error.to_string())
    }

    /// A way there. Of a single server and of Sentinel it is opened when it is first used.
    ///
    /// # Errors
    /// It can't be one.
    pub(crate) async fn open(&self) -> RedisResult<Connection> {
        match self {
            Self::Single(url) => {
                let settings = ConnectionManagerConfig::new()
                    .set_number_of_retries(1)
                    .set_max_delay(Duration::from_millis(100))
                    .set_response_timeout(Some(ANSWER_TIMEOUT))
                    .set_connection_timeout(Some(CONNECT_TIMEOUT));
                let client = Client::open(url.as_str())?;
                let manager = ConnectionManager::new_lazy_with_config(client, settings)?;
                Ok(Connection::Single(manager))
            }
            Self::Cluster(urls) => {
                let client = ClusterClientBuilder::new(urls.iter().map(String::as_str))
                    .connection_timeout(CONNECT_TIMEOUT)
                    .response_timeout(ANSWER_TIMEOUT)
                    .retries(2)
                    .build()?;
                Ok(Connection::Cluster(client.get_async_connection().await?))
            }
            Self::Sentinel {
                sentinels: _,
                name,
                user,
                password,
                is_tls,
            } => {
                let servers = self.servers().map_err(|error| {
                    RedisError::from((redis::ErrorKind::InvalidClientConfig, "sentinels", error))
                })?;
                let addresses = servers.iter().map(|server| server.addr().clone());
                let mut builder = SentinelClientBuilder::new(
                    addresses.collect::<Vec<ConnectionAddr>>(),
                    name.clone(),
                    SentinelServerType::Master,
                )?;
                if let Some(user) = user {
                    builder = builder.set_client_to_redis_username(user);
                }
                if let Some(password) = password {
                    builder = builder.set_client_to_redis_password(password);
                }
                if *is_tls {
                    builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
                }
                let followed = Followed {
                    sentinels: builder.build()?,
                    connection: None,
                };
                Ok(Connection::Sentinel(Arc::new(Mutex::new(followed))))
            }
        }
    }
}

/// The server that Sentinel named last.
pub(crate) struct Followed {
    sentinels: SentinelClient,
    connection: Option<MultiplexedConnection>,
}

/// A way to Redis, shared by all clones.
#[derive(Clone)]
pub(crate) enum Connection {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
    Sentinel(Arc<Mutex<Followed>>),
}

/// The server that Sentinel names; asked again after each fault.
async fn followed(shared: &Mutex<Followed>) -> RedisResult<MultiplexedConnection> {
    let mut followed = shared.lock().await;
    if let Some(connection) = &followed.connection {
        return Ok(connection.clone());
    }
    let settings = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(ANSWER_TIMEOUT));
    let connection = followed
        .sentinels
        .get_async_connection_with_config(&settings)
        .await?;
    followed.connection = Some(connection.clone());
    Ok(connection)
}

/// Asks Sentinel again where the server it named is none any more, or takes no writes.
async fn forget_after<T>(shared: &Mutex<Followed>, result: RedisResult<T>) -> RedisResult<T> {
    let is_lost = result.as_ref().is_err_and(|error| {
        error.is_io_error() || error.is_connection_dropped() || error.code() == Some("READONLY")
    });
    if is_lost {
        shared.lock().await.connection = None;
    }
    result
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
            Self::Sentinel(shared) => Box::pin(async move {
                let mut connection = followed(shared).await?;
                let answer = connection.req_packed_command(command).await;
                forget_after(shared, answer).await
            }),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(commands, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(commands, offset, count),
            Self::Sentinel(shared) => Box::pin(async move {
                let mut connection = followed(shared).await?;
                let answers = connection
                    .req_packed_commands(commands, offset, count)
                    .await;
                forget_after(shared, answers).await
            }),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
            Self::Sentinel(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_which_way_redis_is_reached() {
        let single = Address::parse("rediss://:secret@db.example:6380/2");
        assert!(matches!(single, Ok(Address::Single(_))), "{single:?}");
        let cluster = Address::parse("redis+cluster://a:1,b:2");
        let nodes = vec!["redis://a:1".to_owned(), "redis://b:2".to_owned()];
        assert_eq!(cluster, Ok(Address::Cluster(nodes)));
        let sentinel = Address::parse("redis+sentinel://game:secret@a:1,b:2/main");
        let wanted = Address::Sentinel {
            sentinels: vec!["redis://a:1".to_owned(), "redis://b:2".to_owned()],
            name: "main".to_owned(),
            user: Some("game".to_owned()),
            password: Some("secret".to_owned()),
            is_tls: false,
        };
        assert_eq!(sentinel, Ok(wanted));
        for bad in [
            "",
            "localhost:6379",
            "http://a",
            "redis+x://a",
            "redis+sentinel://a:1",
            "redis://a:port",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }
}
