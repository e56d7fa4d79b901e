//! Keeping finished games, each once.

use std::collections::HashMap;

use sqlx::{Any, AnyPool, Row, Transaction, query};

use super::database::Database;
use super::period::periods;
use super::players;
use super::rankings::Sum;
use super::scores::Board;
use crate::room::FinishedGame;

/// Newer sums, by board.
pub(super) type Changes = HashMap<Board, Vec<Sum>>;

/// Keeps games; gives what has changed on leaderboards. One that is there already is left as it is, whoever kept it.
pub(super) async fn keep(
    database: &Database,
    games: &[FinishedGame],
) -> Result<Changes, sqlx::Error> {
    let mut changes = Changes::new();
    let mut transaction = database.pool().begin().await?;
    if database.is_postgres() {
        // Nobody is deleted meanwhile, who would be back then. SQLite has one writer at a time anyhow.
        query("LOCK TABLE deleted_players IN SHARE MODE")
            .execute(&mut *transaction)
            .await?;
    }
    for game in games {
        keep_one(&mut transaction, game, &mut changes).await?;
    }
    transaction.commit().await?;
    Ok(changes)
}

async fn keep_one(
    transaction: &mut Transaction<'_, Any>,
    game: &FinishedGame,
    changes: &mut Changes,
) -> Result<(), sqlx::Error> {
    let id = game.id.to_string();
    let winner = game.winner().map(|winner| winner.to_string());
    let inserted = query(
        "INSERT INTO games (id, room, node, started, ended, winner, player_count)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&id)
    .bind(game.room.as_str())
    .bind(&game.node)
    .bind(game.started)
    .bind(game.ended)
    .bind(&winner)
    .bind(game.standings.len() as i64)
    .execute(&mut **transaction)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(());
    }
    for (number, standing) in (1i64..).zip(&game.standings) {
        // Of who is deleted nothing is kept, not even the name.
        let is_forgotten = match standing.player {
            Some(player) => players::is_deleted(&mut **transaction, player).await?,
            None => false,
        };
        let player = standing.player.filter(|_| !is_forgotten);
        let text = player.map(|player| player.to_string());
        query(
            "INSERT INTO standings (game, number, player, name, place, score)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&id)
        .bind(number)
        .bind(&text)
        .bind(if is_forgotten { "" } else { &standing.name })
        .bind(i64::from(standing.place))
        .bind(standing.score)
        .execute(&mut **transaction)
        .await?;
        if let Some(player) = player {
            let counted = Sum {
                player,
                name: standing.name.clone(),
                score: standing.score,
                games: 1,
                won: u64::from(winner == text),
            };
            count_player(transaction, game, counted, changes).await?;
        }
    }
    Ok(())
}

/// Adds a game to what is kept of its player, and to the leaderboards.
async fn count_player(
    transaction: &mut Transaction<'_, Any>,
    game: &FinishedGame,
    counted: Sum,
    changes: &mut Changes,
) -> Result<(), sqlx::Error> {
    let (player, won) = (counted.player.to_string(), counted.won.cast_signed());
    query(
        "INSERT INTO players
             (id, name, games_played, games_won, total_score, first_seen, last_seen)
         VALUES ($1, $2, 1, $3, $4, $5, $5)
         ON CONFLICT (id) DO UPDATE SET
             name = excluded.name,
             games_played = players.games_played + 1,
             games_won = players.games_won + excluded.games_won,
             total_score = players.total_score + excluded.total_score,
             last_seen = excluded.last_seen",
    )
    .bind(&player)
    .bind(&counted.name)
    .bind(won)
    .bind(counted.score)
    .bind(game.ended)
    .execute(&mut **transaction)
    .await?;
    for period in periods(game.ended) {
        for room in ["", game.room.as_str()] {
            let board = Board {
                period: period.clone(),
                room: room.to_owned(),
            };
            let sum = query(
                "INSERT INTO scores (period, room, player, score, games, won)
                 VALUES ($1, $2, $3, $4, 1, $5)
                 ON CONFLICT (period, room, player) DO UPDATE SET
                     score = scores.score + excluded.score,
                     games = scores.games + 1,
                     won = scores.won + excluded.won
                 RETURNING score, games, won",
            )
            .bind(&board.period)
            .bind(&board.room)
            .bind(&player)
            .bind(counted.score)
            .bind(won)
            .fetch_one(&mut **transaction)
            .await?;
            let sum = Sum {
                score: sum.try_get("score")?,
                games: sum.try_get::<i64, _>("games")?.unsigned_abs(),
                won: sum.try_get::<i64, _>("won")?.unsigned_abs(),
                ..counted.clone()
            };
            changes.entry(board).or_default().push(sum);
        }
    }
    Ok(())
}

/// Forgets the days before `day` and the weeks before `week`, which no leaderboard shows any more.
pub(super) async fn forget_before(
    pool: &AnyPool,
    day: &str,
    week: &str,
) -> Result<(), sqlx::Error> {
    query(
        "DELETE FROM scores
         WHERE (period LIKE 'day %' AND period < $1) OR (period LIKE 'week %' AND period < $2)",
    )
    .bind(day)
    .bind(week)
    .execute(pool)
    .await?;
    Ok(())
}
