//! Rankings in Redis: a sorted set and a hash of sums for each board, in one slot of a cluster.

use std::time::Duration;

use async_trait::async_trait;
use protocol::ids::PlayerId;
use redis::{FromRedisValue, RedisError, Script, ScriptInvocation};
use signaling::LeaderboardWish;

use super::{Board, Filling, Part, Rankings, RankingsError, Sum, first_rank};
use crate::fleet::{Address, Connection};

/// How long a ranking counts as whole. Then it is made anew: whatever it has missed comes to light.
const WHOLE: Duration = Duration::from_secs(3_600);

/// How long it is kept; somewhat longer.
const KEPT: Duration = Duration::from_secs(3_900);

/// How long a filling may pause before somebody else may begin.
const FILLING_TIMEOUT_MS: u64 = 30_000;

impl From<RedisError> for RankingsError {
    fn from(error: RedisError) -> Self {
        Self(error.to_string())
    }
}

/// The rankings.
pub struct RedisRankings {
    connection: Connection,
    read: Script,
    put: Script,
    remove: Script,
    begin: Script,
    finish: Script,
}

impl std::fmt::Debug for RedisRankings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The way there may hold a password.
        f.write_str("RedisRankings")
    }
}

fn key(board: &Board, part: &str) -> String {
    let Board { period, room } = board;
    format!("game:{{board:{period}:{room}}}:{part}")
}

/// What [`super::Sum`] is in the hash: games, games won, score and name.
fn sum(player: PlayerId, text: &str) -> Option<Sum> {
    let mut parts = text.splitn(4, ' ');
    Some(Sum {
        player,
        games: parts.next()?.parse().ok()?,
        won: parts.next()?.parse().ok()?,
        score: parts.next()?.parse().ok()?,
        name: parts.next()?.to_owned(),
    })
}

impl RedisRankings {
    /// Those behind an address.
    ///
    /// # Errors
    /// It can't be reached now, where a cluster has to be.
    pub async fn open(address: &Address) -> Result<Self, RankingsError> {
        Ok(Self {
            connection: address.open().await?,
            read: Script::new(include_str!("scripts/read.lua")),
            put: Script::new(include_str!("scripts/put.lua")),
            remove: Script::new(include_str!("scripts/remove.lua")),
            begin: Script::new(include_str!("scripts/begin.lua")),
            finish: Script::new(include_str!("scripts/finish.lua")),
        })
    }

    async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, RankingsError> {
        Ok(script.invoke_async(&mut self.connection.clone()).await?)
    }
}

fn of_board<'a>(script: &'a Script, board: &Board) -> ScriptInvocation<'a> {
    let mut invocation = script.prepare_invoke();
    for part in ["order", "sums", "whole", "filling"] {
        invocation.key(key(board, part));
    }
    invocation
}

#[async_trait]
impl Rankings for RedisRankings {
    async fn read(
        &self,
        board: &Board,
        wish: &LeaderboardWish,
    ) -> Result<Option<Part>, RankingsError> {
        let text = |player: Option<PlayerId>| player.map_or(String::new(), |id| id.to_string());
        let mut script = of_board(&self.read, board);
        script
            .arg(u32::from(wish.limit) + 1)
            .arg(text(wish.after.map(|after| after.player)))
            .arg(wish.after.map_or(0, |after| after.score))
            .arg(text(wish.player));
        let (is_there, own_rank, own_text, texts): (bool, u64, String, Vec<String>) =
            self.run(&script).await?;
        if !is_there {
            return Ok(None);
        }
        let own = wish.player.and_then(|player| sum(player, &own_text));
        let sums = texts
            .chunks_exact(2)
            .filter_map(|pair| sum(PlayerId::parse(&pair[0])?, &pair[1]));
        let entries = sums.zip(first_rank(wish)..).map(|(sum, rank)| sum.at(rank));
        Ok(Some(Part {
            entries: entries.collect(),
            own: own.map(|sum| sum.at(own_rank)),
        }))
    }

    async fn put(
        &self,
        board: &Board,
        sums: &[Sum],
        filling: Option<Filling>,
    ) -> Result<(), RankingsError> {
        let mut script = of_board(&self.put, board);
        script
            .arg(filling.map_or(String::new(), |filling| filling.to_string()))
            .arg(FILLING_TIMEOUT_MS);
        for sum in sums {
            script
                .arg(sum.player.to_string())
                .arg(sum.games)
                .arg(sum.won)
                .arg(sum.score)
                .arg(&sum.name);
        }
        self.run::<i64>(&script).await.map(|_| ())
    }

    async fn remove(&self, board: &Board, player: PlayerId) -> Result<(), RankingsError> {
        let mut script = of_board(&self.remove, board);
        script.arg(player.to_string()).arg(KEPT.as_secs());
        self.run::<i64>(&script).await.map(|_| ())
    }

    async fn begin(&self, board: &Board) -> Result<Option<Filling>, RankingsError> {
        let filling: Filling = rand::random();
        let mut script = of_board(&self.begin, board);
        script.arg(filling).arg(FILLING_TIMEOUT_MS);
        let has_begun: bool = self.run(&script).await?;
        Ok(has_begun.then_some(filling))
    }

    async fn finish(&self, board: &Board, filling: Filling) -> Result<(), RankingsError> {
        let mut script = of_board(&self.finish, board);
        script.arg(filling).arg(WHOLE.as_secs()).arg(KEPT.as_secs());
        self.run::<i64>(&script).await.map(|_| ())
    }

    async fn doubt(&self, board: &Board) -> Result<(), RankingsError> {
        let mut connection = self.connection.clone();
        redis::cmd("DEL")
            .arg(key(board, "whole"))
            .arg(key(board, "filling"))
            .query_async::<i64>(&mut connection)
            .await?;
        Ok(())
    }
}
