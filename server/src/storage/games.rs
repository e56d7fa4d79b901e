//! Keeping finished games, each once.

use sqlx::{Any, AnyPool, Transaction, query};

use super::database::Database;
use super::period::periods;
use super::players;
use crate::room::FinishedGame;

/// Keeps games. One that is there already is left as it is, whoever kept it.
pub(super) async fn keep(database: &Database, games: &[FinishedGame]) -> Result<(), sqlx::Error> {
    let mut transaction = database.pool().begin().await?;
    if database.is_postgres() {
        // Nobody is deleted meanwhile, who would be back then. SQLite has one writer at a time anyhow.
        query("LOCK TABLE deleted_players IN SHARE MODE")
            .execute(&mut *transaction)
            .await?;
    }
    for game in games {
        keep_one(&mut transaction, game).await?;
    }
    transaction.commit().await
}

async fn keep_one(
    transaction: &mut Transaction<'_, Any>,
    game: &FinishedGame,
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
        let player = player.map(|player| player.to_string());
        query(
            "INSERT INTO standings (game, number, player, name, place, score)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&id)
        .bind(number)
        .bind(&player)
        .bind(if is_forgotten { "" } else { &standing.name })
        .bind(i64::from(standing.place))
        .bind(standing.score)
        .execute(&mut **transaction)
        .await?;
        if let Some(player) = player {
            let won = i64::from(winner.as_deref() == Some(&player));
            count_player(
                transaction,
                game,
                (&player, &standing.name),
                (standing.score, won),
            )
            .await?;
        }
    }
    Ok(())
}

/// Adds a game to what is kept of its player, and to the leaderboards.
async fn count_player(
    transaction: &mut Transaction<'_, Any>,
    game: &FinishedGame,
    (player, name): (&str, &str),
    (score, won): (i64, i64),
) -> Result<(), sqlx::Error> {
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
    .bind(player)
    .bind(name)
    .bind(won)
    .bind(score)
    .bind(game.ended)
    .execute(&mut **transaction)
    .await?;
    for period in periods(game.ended) {
        for room in ["", game.room.as_str()] {
            query(
                "INSERT INTO scores (period, room, player, score, games, won)
                 VALUES ($1, $2, $3, $4, 1, $5)
                 ON CONFLICT (period, room, player) DO UPDATE SET
                     score = scores.score + excluded.score,
                     games = scores.games + 1,
                     won = scores.won + excluded.won",
            )
            .bind(&period)
            .bind(room)
            .bind(player)
            .bind(score)
            .bind(won)
            .execute(&mut **transaction)
            .await?;
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
