//! Leaderboards, out of the sums that are kept with each game.

use protocol::ids::{PlayerId, RoomId};
use signaling::{Cursor, Leaderboard, LeaderboardEntry, LeaderboardWish};
use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row, query};

use super::period::period;

/// One leaderboard: a period's, of all rooms or of one.
struct Board {
    period: String,
    room: String,
}

/// A part of a leaderboard as it is at a moment, in milliseconds since 1970.
pub(super) async fn read(
    pool: &AnyPool,
    wish: &LeaderboardWish,
    now: i64,
) -> Result<Leaderboard, sqlx::Error> {
    let room = wish.room.as_ref().map(RoomId::to_string);
    let board = Board {
        period: period(wish.window, now),
        room: room.clone().unwrap_or_default(),
    };
    // One more than is wanted tells whether there is more.
    let limit = usize::from(wish.limit);
    let mut entries = board
        .part(pool, wish.after, i64::from(wish.limit) + 1)
        .await?;
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
    let own = match wish.player {
        Some(player) => board.own(pool, player).await?,
        None => None,
    };
    Ok(Leaderboard {
        window: wish.window,
        room,
        entries,
        own,
        next: next.map(|next| next.to_string()),
    })
}

impl Board {
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
