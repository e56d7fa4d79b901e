//! The rows of leaderboards in the database: sums by period, room and player, which each kept game adds to. Not who answers:
//! `leaderboards.rs` does.

use protocol::ids::{PlayerId, RoomId};
use signaling::{Cursor, Leaderboard, LeaderboardEntry, LeaderboardWish};
use sqlx::any::AnyRow;
use sqlx::{Any, AnyPool, Executor, Row, query};

use super::games::Changes;
use super::period::period;
use super::rankings::{Part, Sum};

/// One leaderboard: a period's, of all rooms or of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Board {
    /// As `period.rs` names it.
    pub period: String,
    /// The room; empty for all.
    pub room: String,
}

/// What is shown of a part that may have one entry more than is wanted, which tells that there is more.
pub(super) fn shape(wish: &LeaderboardWish, part: Part) -> Leaderboard {
    let Part { mut entries, own } = part;
    let limit = usize::from(wish.limit);
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    let last = entries.last().filter(|_| has_more);
    let next = last.and_then(|last| {
        Some(Cursor {
            rank: last.rank,
            score: last.score,
            player: PlayerId::parse(&last.player)?,
        })
    });
    Leaderboard {
        window: wish.window,
        room: wish.room.as_ref().map(RoomId::to_string),
        entries,
        own,
        next: next.map(|next| next.to_string()),
    }
}

/// A part of a leaderboard, one entry more than is wished for where there is one.
pub(super) async fn read(
    pool: &AnyPool,
    board: &Board,
    wish: &LeaderboardWish,
) -> Result<Part, sqlx::Error> {
    let own = match wish.player {
        Some(player) => board.own(pool, player).await?,
        None => None,
    };
    Ok(Part {
        entries: board
            .part(pool, wish.after, i64::from(wish.limit) + 1)
            .await?,
        own,
    })
}

/// Sums of a board in the order of their players, those behind one.
pub(super) async fn sums(
    pool: &AnyPool,
    board: &Board,
    behind: &str,
    limit: usize,
) -> Result<Vec<Sum>, sqlx::Error> {
    let rows = query(
        "SELECT scores.player, players.name, scores.score, scores.games, scores.won
         FROM scores JOIN players ON players.id = scores.player
         WHERE period = $1 AND room = $2 AND scores.player > $3
         ORDER BY scores.player LIMIT $4",
    )
    .bind(&board.period)
    .bind(&board.room)
    .bind(behind)
    .bind(limit as i64)
    .fetch_all(pool)
    .await?;
    rows.iter().filter_map(|row| sum(row).transpose()).collect()
}

/// Deletes a player's sums; gives the boards that they were on.
pub(super) async fn delete(
    executor: impl Executor<'_, Database = Any>,
    player: &str,
) -> Result<Vec<Board>, sqlx::Error> {
    let rows = query("DELETE FROM scores WHERE player = $1 RETURNING period, room")
        .bind(player)
        .fetch_all(executor)
        .await?;
    rows.iter().map(board).collect()
}

/// What a player has on each board.
pub(super) async fn sums_of(pool: &AnyPool, player: PlayerId) -> Result<Changes, sqlx::Error> {
    let rows = query(
        "SELECT period, room, scores.player, players.name, scores.score, scores.games, scores.won
         FROM scores JOIN players ON players.id = scores.player WHERE scores.player = $1",
    )
    .bind(player.to_string())
    .fetch_all(pool)
    .await?;
    let mut found = Changes::new();
    for row in &rows {
        found.entry(board(row)?).or_default().extend(sum(row)?);
    }
    Ok(found)
}

impl Board {
    /// The board of a wish at a moment, in milliseconds since 1970.
    pub(super) fn of(wish: &LeaderboardWish, now: i64) -> Self {
        Self {
            period: period(wish.window, now),
            room: wish
                .room
                .as_ref()
                .map(RoomId::to_string)
                .unwrap_or_default(),
        }
    }

    async fn part(
        &self,
        pool: &AnyPool,
        after: Option<Cursor>,
        limit: i64,
    ) -> Result<Vec<LeaderboardEntry>, sqlx::Error> {
        let (rank, score, player) = after.map_or((0, i64::MAX, "g".to_owned()), |after| {
            (after.rank, after.score, after.player.to_string())
        });
        // An id begins with a hexadecimal digit, so that "g" is behind them all.
        let rows = query(
            "SELECT scores.player, players.name, scores.score, scores.games, scores.won
             FROM scores JOIN players ON players.id = scores.player
             WHERE period = $1 AND room = $2
                 AND (scores.score < $3 OR (scores.score = $3 AND scores.player < $4))
             ORDER BY scores.score DESC, scores.player DESC LIMIT $5",
        )
        .bind(&self.period)
        .bind(&self.room)
        .bind(score)
        .bind(player)
        .bind(limit)
        .fetch_all(pool)
        .await?;
        let ranked = rows.iter().zip(rank + 1..);
        ranked.map(|(row, rank)| entry(row, rank)).collect()
    }

    async fn own(
        &self,
        pool: &AnyPool,
        player: PlayerId,
    ) -> Result<Option<LeaderboardEntry>, sqlx::Error> {
        let found = query(
            "SELECT scores.player, players.name, scores.score, scores.games, scores.won
             FROM scores JOIN players ON players.id = scores.player
             WHERE period = $1 AND room = $2 AND scores.player = $3",
        )
        .bind(&self.period)
        .bind(&self.room)
        .bind(player.to_string())
        .fetch_optional(pool)
        .await?;
        let Some(row) = found else {
            return Ok(None);
        };
        let score: i64 = row.try_get("score")?;
        let before = query(
            "SELECT COUNT(*) AS others FROM scores
             WHERE period = $1 AND room = $2
                 AND (score > $3 OR (score = $3 AND player > $4))",
        )
        .bind(&self.period)
        .bind(&self.room)
        .bind(score)
        .bind(player.to_string())
        .fetch_one(pool)
        .await?;
        let before: i64 = before.try_get("others")?;
        entry(&row, before.unsigned_abs() + 1).map(Some)
    }
}

fn entry(row: &AnyRow, rank: u64) -> Result<LeaderboardEntry, sqlx::Error> {
    Ok(LeaderboardEntry {
        rank,
        player: row.try_get("player")?,
        name: row.try_get("name")?,
        score: row.try_get("score")?,
        games: row.try_get::<i64, _>("games")?.unsigned_abs(),
        won: row.try_get::<i64, _>("won")?.unsigned_abs(),
    })
}

fn board(row: &AnyRow) -> Result<Board, sqlx::Error> {
    Ok(Board {
        period: row.try_get("period")?,
        room: row.try_get("room")?,
    })
}

/// Nothing where the id was written by hand and is none.
fn sum(row: &AnyRow) -> Result<Option<Sum>, sqlx::Error> {
    let entry = entry(row, 0)?;
    let player = PlayerId::parse(&entry.player);
    Ok(player.map(|player| Sum {
        player,
        name: entry.name,
        score: entry.score,
        games: entry.games,
        won: entry.won,
    }))
}
