//! What is kept of a player: read, renamed, deleted.

use protocol::ids::PlayerId;
use signaling::{PlayerName, PlayerRecord};
use sqlx::any::AnyRow;
use sqlx::{Any, AnyPool, Executor, Row, query};

use super::period::rfc_3339;
use super::scores::{self, Board};

/// A player; nothing before its first finished game.
pub(super) async fn find(
    pool: &AnyPool,
    id: PlayerId,
) -> Result<Option<PlayerRecord>, sqlx::Error> {
    let found = query(
        "SELECT id, name, games_played, games_won, total_score, first_seen, last_seen
         FROM players WHERE id = $1",
    )
    .bind(id.to_string())
    .fetch_optional(pool)
    .await?;
    found.as_ref().map(record).transpose()
}

/// Gives a player another name.
pub(super) async fn rename(
    pool: &AnyPool,
    id: PlayerId,
    name: &PlayerName,
) -> Result<Option<PlayerRecord>, sqlx::Error> {
    query("UPDATE players SET name = $1 WHERE id = $2")
        .bind(name.as_str())
        .bind(id.to_string())
        .execute(pool)
        .await?;
    find(pool, id).await
}

/// Whether a player was deleted.
pub(super) async fn is_deleted(
    executor: impl Executor<'_, Database = Any>,
    id: PlayerId,
) -> Result<bool, sqlx::Error> {
    let found = query("SELECT id FROM deleted_players WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(executor)
        .await?;
    Ok(found.is_some())
}

/// How long somebody without rows is remembered to be kept out: longer than a game waits to be kept, wherever that is.
const REMEMBERED_MS: i64 = 30 * 86_400_000;

/// Deletes a player with all its rows; gives the leaderboards that it was on. In the games of others it leaves a place without
/// a name. It is remembered: a game of it may be running, or waiting to be kept, here or at another node.
pub(super) async fn delete(
    pool: &AnyPool,
    id: PlayerId,
    now_ms: i64,
) -> Result<Vec<Board>, sqlx::Error> {
    let id = id.to_string();
    let mut transaction = pool.begin().await?;
    query("DELETE FROM deleted_players WHERE kept_until < $1")
        .bind(now_ms)
        .execute(&mut *transaction)
        .await?;
    query(
        "INSERT INTO deleted_players (id, kept_until) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&id)
    .bind(now_ms + REMEMBERED_MS)
    .execute(&mut *transaction)
    .await?;
    // For good, where there was something to delete.
    query("UPDATE deleted_players SET kept_until = NULL WHERE id = $1 AND id IN (SELECT id FROM players)")
        .bind(&id)
        .execute(&mut *transaction)
        .await?;
    let boards = scores::delete(&mut *transaction, &id).await?;
    let statements = [
        "DELETE FROM players WHERE id = $1",
        "UPDATE games SET winner = NULL WHERE winner = $1",
        "UPDATE standings SET player = NULL, name = '' WHERE player = $1",
    ];
    for statement in statements {
        query(statement)
            .bind(&id)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(boards)
}

fn record(row: &AnyRow) -> Result<PlayerRecord, sqlx::Error> {
    let count = |column| Ok::<_, sqlx::Error>(row.try_get::<i64, _>(column)?.unsigned_abs());
    Ok(PlayerRecord {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        games_played: count("games_played")?,
        games_won: count("games_won")?,
        total_score: row.try_get("total_score")?,
        first_seen: rfc_3339(row.try_get("first_seen")?),
        last_seen: rfc_3339(row.try_get("last_seen")?),
    })
}
