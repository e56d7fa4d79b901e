//! The database: SQLite or PostgreSQL, by its URL, with one set of queries for both.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::MigrateError;
use sqlx::{AnyConnection, AnyPool, Connection, Executor};
use thiserror::Error;

use crate::counters;

/// Connections at once. Writes go down one at a time anyhow.
const MOST_CONNECTIONS: u32 = 4;

/// How long a query waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the start waits for the tables to be brought up to date.
const MIGRATE_TIMEOUT: Duration = Duration::from_secs(60);

/// SQLite waits for whoever else writes, and a game that it has is on the disk.
const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";

/// Why a database can't be used.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// The URL is none of a database that is known here.
    #[error("the database's URL can't be read: {0}")]
    Url(sqlx::Error),
    /// It isn't there, or refuses us.
    #[error("the database {url} can't be reached: {cause}")]
    Unreachable {
        /// Which, without its password.
        url: String,
        /// Why.
        cause: String,
    },
    /// Its tables are from a newer version of this server, or were changed by hand.
    #[error("the database {url} isn't one of this version: {cause}")]
    Schema {
        /// Which, without its password.
        url: String,
        /// Why.
        cause: MigrateError,
    },
}

/// Where a SQLite file is.
pub(super) fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

/// A URL as it may be shown: what stands before an `@`, or in the query, is left out.
#[must_use]
fn without_password(url: &str) -> String {
    let (url, _) = url.split_once('?').unwrap_or((url, ""));
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        _ => url.to_owned(),
    }
}

/// A database that may be there or not.
#[derive(Clone)]
pub(super) struct Database {
    pool: AnyPool,
    /// With its password: not to be shown.
    url: Arc<str>,
    shown: String,
    is_migrated: Arc<AtomicBool>,
    is_reachable: Arc<AtomicBool>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Database").field(&self.shown).finish()
    }
}

impl Database {
    /// Asks nobody yet.
    ///
    /// # Errors
    /// A URL that can't be read.
    pub(super) fn new(url: &str) -> Result<Self, DatabaseError> {
        install_default_drivers();
        let is_sqlite = url.starts_with("sqlite:");
        // A database in memory lasts as long as its one connection.
        let is_in_memory = is_sqlite && url.contains(":memory:");
        let options = AnyPoolOptions::new()
            .max_connections(if is_in_memory { 1 } else { MOST_CONNECTIONS })
            .min_connections(u32::from(is_in_memory))
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if is_sqlite {
                        connection.execute(SQLITE_PRAGMAS).await?;
                    }
                    Ok(())
                })
            });
        Ok(Self {
            pool: options.connect_lazy(url).map_err(DatabaseError::Url)?,
            url: url.into(),
            shown: without_password(url),
            is_migrated: Arc::default(),
            is_reachable: Arc::default(),
        })
    }

    /// What queries go to.
    pub(super) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Brings the tables up to date, once.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(super) async fn migrate(&self) -> Result<(), DatabaseError> {
        if self.is_migrated.load(Ordering::Relaxed) {
            return Ok(());
        }
        let migrator = sqlx::migrate!("src/storage/migrations");
        let outcome = tokio::time::timeout(MIGRATE_TIMEOUT, migrator.run(&self.pool)).await;
        let url = self.shown.clone();
        let result = match outcome {
            Ok(Ok(())) => Ok(()),
            Ok(Err(MigrateError::Execute(cause))) => Err(DatabaseError::Unreachable {
                url,
                cause: self.cause(cause).await,
            }),
            Ok(Err(cause)) => Err(DatabaseError::Schema { url, cause }),
            Err(_) => Err(DatabaseError::Unreachable {
                url,
                cause: format!("no answer in {} s", MIGRATE_TIMEOUT.as_secs()),
            }),
        };
        self.is_migrated.store(result.is_ok(), Ordering::Relaxed);
        self.note(result.is_ok());
        result
    }

    /// Asks for nothing but an answer.
    ///
    /// # Errors
    /// [`DatabaseError::Unreachable`].
    pub(super) async fn ask(&self) -> Result<(), DatabaseError> {
        match self.pool.execute("SELECT 1").await {
            Ok(_) => Ok(()),
            Err(cause) => Err(DatabaseError::Unreachable {
                url: self.shown.clone(),
                cause: self.cause(cause).await,
            }),
        }
    }

    /// Why there is no connection: the pool tries for a while, and says only that it took too long.
    async fn cause(&self, fault: sqlx::Error) -> String {
        if !matches!(fault, sqlx::Error::PoolTimedOut) {
            return fault.to_string();
        }
        let alone = AnyConnection::connect(&self.url);
        match tokio::time::timeout(ACQUIRE_TIMEOUT, alone).await {
            Ok(Err(cause)) => cause.to_string(),
            _ => fault.to_string(),
        }
    }

    /// Whether it is PostgreSQL.
    pub(super) fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// Ends all connections.
    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// The URL, without its password.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Notes whether it answered.
    pub(super) fn note(&self, is_reachable: bool) {
        self.is_reachable.store(is_reachable, Ordering::Relaxed);
        counters::database_up().set(f64::from(u8::from(is_reachable)));
    }

    /// Whether it answered when it was last asked.
    pub(super) fn is_reachable(&self) -> bool {
        self.is_reachable.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let url = "postgres://game:se@cret@db.example:5432/games";
        assert_eq!(without_password(url), "postgres://db.example:5432/games");
        let url = "postgres://db.example/games?user=game&password=secret";
        assert_eq!(without_password(url), "postgres://db.example/games");
        let file = "sqlite://data/games.db";
        assert_eq!(without_password(file), file);
    }
}
