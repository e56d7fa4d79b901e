//! Delivery: takes finished games from the rooms, puts them into the outbox, and brings them to the database for as long as
//! it takes. No room ever waits for it.

use std::time::Duration;

use signaling::Window;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::database::Database;
use super::outbox::Outbox;
use super::{games, period};
use crate::clock::Clock;
use crate::counters;
use crate::room::FinishedGame;

/// Games that one transaction takes.
const BATCH: usize = 64;

/// How long the database may take for one.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Pauses between two tries while the database doesn't take them.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// How often old periods are forgotten.
const TIDY: Duration = Duration::from_secs(3_600);

/// What the task stands on.
pub(super) struct Delivery {
    database: Database,
    outbox: Outbox,
    clock: Clock,
}

/// What came of a try.
enum Outcome {
    Delivered,
    NotNow(String),
    Never(String),
}

impl Delivery {
    /// Brings what is in an outbox to a database.
    pub(super) fn new(database: Database, outbox: Outbox, clock: Clock) -> Self {
        Self {
            database,
            outbox,
            clock,
        }
    }

    /// Works until `closing`. What was handed over before is on disk then, and the database has a last chance.
    pub(super) async fn run(
        mut self,
        mut finished: mpsc::Receiver<FinishedGame>,
        closing: CancellationToken,
    ) {
        let mut pause = FIRST_PAUSE;
        let mut retry_at = self.clock.now();
        let mut tidy_at = self.clock.now();
        let mut batch = Vec::new();
        loop {
            self.tell();
            let wait = async {
                match self.outbox.len() {
                    0 => std::future::pending().await,
                    _ => tokio::time::sleep_until(self.clock.instant_at(retry_at).into()).await,
                }
            };
            tokio::select! {
                taken = finished.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        break;
                    }
                    self.put(std::mem::take(&mut batch));
                }
                () = closing.cancelled() => {
                    // What has been sent already still comes, and then the end.
                    finished.close();
                    while finished.recv_many(&mut batch, BATCH).await > 0 {}
                    self.put(batch);
                    break;
                }
                () = wait => match self.deliver().await {
                    Outcome::Delivered => {
                        if pause > FIRST_PAUSE {
                            info!("the database takes finished games again");
                        }
                        pause = FIRST_PAUSE;
                        retry_at = self.clock.now();
                    }
                    Outcome::NotNow(reason) => {
                        counters::storage_faults("database").increment(1);
                        if pause == FIRST_PAUSE {
                            warn!(reason, waiting = self.outbox.len(), "the database takes no finished games; they wait in the outbox");
                        }
                        retry_at = self.clock.now() + pause;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                    Outcome::Never(reason) => self.outbox.set_oldest_aside(&reason),
                }
            }
            if self.outbox.len() == 0 && self.clock.now() >= tidy_at {
                tidy_at = self.clock.now() + TIDY;
                self.tidy().await;
            }
        }
        while self.outbox.len() > 0 && matches!(self.deliver().await, Outcome::Delivered) {}
        self.tell();
    }

    fn put(&mut self, games: Vec<FinishedGame>) {
        // A disk may take its time, and other tasks have better to do.
        tokio::task::block_in_place(|| self.outbox.put(games));
    }

    /// Brings the oldest games to the database: all of them, or where one is at fault the one.
    async fn deliver(&mut self) -> Outcome {
        let batch = self.outbox.oldest(BATCH);
        let (outcome, count) = match self.keep(&batch).await {
            // One of them is at fault, perhaps the first.
            Outcome::Never(_) if batch.len() > 1 => (self.keep(&batch[..1]).await, 1),
            outcome => (outcome, batch.len()),
        };
        if matches!(outcome, Outcome::Delivered) {
            counters::games_kept().increment(count as u64);
            tokio::task::block_in_place(|| self.outbox.delivered(count));
        }
        outcome
    }

    async fn keep(&self, batch: &[FinishedGame]) -> Outcome {
        if let Err(fault) = self.database.migrate().await {
            return Outcome::NotNow(fault.to_string());
        }
        let kept = games::keep(self.database.pool(), batch);
        let outcome = match tokio::time::timeout(TIMEOUT, kept).await {
            Ok(Ok(())) => Outcome::Delivered,
            Ok(Err(error)) if is_for_good(&error) => Outcome::Never(error.to_string()),
            Ok(Err(error)) => Outcome::NotNow(error.to_string()),
            Err(_) => Outcome::NotNow(format!("no answer in {} s", TIMEOUT.as_secs())),
        };
        self.database.note(!matches!(outcome, Outcome::NotNow(_)));
        outcome
    }

    /// Forgets what no leaderboard shows any more.
    async fn tidy(&self) {
        let now = self.clock.unix_ms();
        let day = period::period(Window::Day, now);
        let week = period::period(Window::Week, now);
        let tidied = games::forget_before(self.database.pool(), &day, &week);
        if let Ok(Err(fault)) = tokio::time::timeout(TIMEOUT, tidied).await {
            counters::storage_faults("database").increment(1);
            warn!(%fault, "old leaderboards can't be forgotten");
        }
    }

    fn tell(&self) {
        counters::outbox_games().set(self.outbox.len() as f64);
        let age = self
            .outbox
            .oldest_end()
            .map_or(0, |ended| self.clock.unix_ms() - ended);
        counters::outbox_age().set(age.max(0) as f64 / 1_000.0);
    }
}

/// Whether the very data is at fault, so that trying again is of no use: PostgreSQL's classes 22 and 23, SQLite's constraint,
/// mismatch and range.
fn is_for_good(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = error else {
        return matches!(error, sqlx::Error::Encode(_));
    };
    let code = database.code().unwrap_or_default();
    let sqlite: Option<u32> = code.parse().ok().filter(|_| code.len() < 5);
    match sqlite {
        Some(code) => matches!(code & 0xff, 19 | 20 | 25),
        None => code.starts_with("22") || code.starts_with("23"),
    }
}
