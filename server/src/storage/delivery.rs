//! Delivery: puts finished games from the rooms into the outbox, and brings them from there to the database for as long as
//! it takes. No room waits for the disk, and the disk doesn't wait for the database.

use std::sync::Arc;
use std::time::Duration;

use signaling::Window;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::database::Database;
use super::leaderboards::Leaderboards;
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

/// How often a database that nobody wants anything of is asked whether it is there.
const LOOK: Duration = Duration::from_secs(15);

/// How often old periods are forgotten.
const TIDY: Duration = Duration::from_secs(3_600);

/// Both ends of an outbox.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    database: Database,
    leaderboards: Leaderboards,
    outbox: Arc<Outbox>,
    /// There is something new in it.
    filled: Arc<Notify>,
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
    pub(super) fn new(
        database: Database,
        leaderboards: Leaderboards,
        outbox: Outbox,
        clock: Clock,
    ) -> Self {
        Self {
            database,
            leaderboards,
            outbox: Arc::new(outbox),
            filled: Arc::default(),
            clock,
        }
    }

    /// Begins. From `closing` on nothing more is taken; what was handed over before is on disk when the tasks have ended, and
    /// the database has had a last chance.
    pub(super) fn spawn(
        self,
        finished: mpsc::Receiver<FinishedGame>,
        closing: &CancellationToken,
        tasks: &TaskTracker,
    ) {
        let all_on_disk = CancellationToken::new();
        tasks.spawn(self.clone().deliver_all(all_on_disk.clone()));
        let closing = closing.clone();
        tasks.spawn(async move {
            self.put_all(finished, closing).await;
            all_on_disk.cancel();
        });
    }

    /// Puts what rooms hand over on disk.
    async fn put_all(self, mut finished: mpsc::Receiver<FinishedGame>, closing: CancellationToken) {
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                taken = finished.recv_many(&mut batch, BATCH) => if taken == 0 {
                    return;
                },
                // What has been sent already still comes, and then the end.
                () = closing.cancelled(), if !finished.is_closed() => finished.close(),
            }
            let games = std::mem::take(&mut batch);
            self.on_disk(move |outbox| outbox.put(games)).await;
            self.tell();
            self.filled.notify_one();
        }
    }

    /// Brings what is on disk to the database, until `all_on_disk` and no more can be done.
    async fn deliver_all(self, all_on_disk: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        let mut tidy_at = self.clock.now();
        loop {
            let outcome = self.deliver().await;
            self.tell();
            let wait = match outcome {
                Some(Outcome::NotNow(reason)) => {
                    counters::storage_faults("database").increment(1);
                    if pause == FIRST_PAUSE {
                        let waiting = self.outbox.len();
                        warn!(
                            reason,
                            waiting,
                            "the database takes no finished games; they wait in the outbox"
                        );
                    }
                    let wait = pause;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    wait
                }
                Some(Outcome::Delivered) => {
                    if pause > FIRST_PAUSE {
                        info!("the database takes finished games again");
                        pause = FIRST_PAUSE;
                    }
                    continue;
                }
                Some(Outcome::Never(reason)) => {
                    self.on_disk(move |outbox| outbox.set_oldest_aside(&reason))
                        .await;
                    continue;
                }
                None => {
                    if self.clock.now() >= tidy_at && self.database.is_reachable() {
                        tidy_at = self.clock.now() + TIDY;
                        self.tidy().await;
                    }
                    LOOK
                }
            };
            if all_on_disk.is_cancelled() {
                return;
            }
            let is_idle = wait == LOOK;
            tokio::select! {
                () = self.filled.notified(), if is_idle => {}
                () = all_on_disk.cancelled() => {}
                () = tokio::time::sleep(wait) => if is_idle {
                    self.look().await;
                },
            }
        }
    }

    /// Brings the oldest games to the database: all of them, or where one is at fault the one. Nothing where none wait.
    async fn deliver(&self) -> Option<Outcome> {
        let batch = self.outbox.oldest(BATCH);
        if batch.is_empty() {
            return None;
        }
        let (outcome, count) = match self.keep(&batch).await {
            // One of them is at fault, perhaps the first.
            Outcome::Never(_) if batch.len() > 1 => (self.keep(&batch[..1]).await, 1),
            outcome => (outcome, batch.len()),
        };
        if matches!(outcome, Outcome::Delivered) {
            counters::games_kept().increment(count as u64);
            self.on_disk(move |outbox| outbox.delivered(count)).await;
        }
        Some(outcome)
    }

    /// Does something with the outbox's files where a thread may wait for the disk.
    async fn on_disk(&self, act: impl FnOnce(&Outbox) + Send + 'static) {
        let outbox = Arc::clone(&self.outbox);
        // It only fails where it panics, which it doesn't.
        let _ = tokio::task::spawn_blocking(move || act(&outbox)).await;
    }

    async fn keep(&self, batch: &[FinishedGame]) -> Outcome {
        if let Err(fault) = self.database.migrate().await {
            return Outcome::NotNow(fault.to_string());
        }
        let kept = games::keep(&self.database, batch);
        let outcome = match tokio::time::timeout(TIMEOUT, kept).await {
            Ok(Ok(changes)) => {
                self.leaderboards.put(changes).await;
                Outcome::Delivered
            }
            Ok(Err(error)) if is_for_good(&error) => Outcome::Never(error.to_string()),
            Ok(Err(error)) => Outcome::NotNow(error.to_string()),
            Err(_) => Outcome::NotNow(format!("no answer in {} s", TIMEOUT.as_secs())),
        };
        self.database.note(!matches!(outcome, Outcome::NotNow(_)));
        outcome
    }

    /// Looks whether the database is there, with all its tables.
    async fn look(&self) {
        let look = async {
            self.database.migrate().await?;
            self.database.ask().await
        };
        let asked = tokio::time::timeout(TIMEOUT, look).await;
        self.database.note(matches!(asked, Ok(Ok(()))));
        self.leaderboards.tell_doubts().await;
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
        let outbox = &self.outbox;
        counters::outbox_games().set(outbox.len() as f64);
        let age = outbox
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
