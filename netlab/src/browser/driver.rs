//! The driver process and its JSON lines: requests out, answers back to whoever waits. Knows no operation.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::options::find;
use super::{BrowserError, packages};
use crate::lab::Lab;
use crate::process::ProcessGroup;

/// A running driver; usable from many threads at once.
#[derive(Debug)]
pub(super) struct Driver {
    process: Mutex<ProcessGroup>,
    stdin: Mutex<Option<ChildStdin>>,
    waiting: Arc<Mutex<Waiting>>,
    last_words: Arc<Mutex<VecDeque<String>>>,
    /// Profiles and whatever else the browser puts in its temporary folder; removed last.
    _folder: TempDir,
}

#[derive(Debug, Default)]
struct Waiting {
    asked: u64,
    gone: bool,
    senders: HashMap<u64, SyncSender<Answer>>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    id: u64,
    #[serde(default)]
    value: Value,
    error: Option<AnswerError>,
}

#[derive(Debug, Deserialize)]
struct AnswerError {
    kind: String,
    message: String,
}

impl Driver {
    /// Starts one, on the lab's client host when there is a lab.
    pub(super) fn start(lab: Option<&Lab>) -> Result<Self, BrowserError> {
        let node = find(&["node"], "nodejs")?;
        let source = packages::driver_folder();
        packages::check([(source.clone(), "puppeteer-core")])?;
        let folder = tempfile::Builder::new()
            .prefix("battle-circles-browser-")
            .tempdir()
            .map_err(BrowserError::Spawn)?;
        let mut command = match lab {
            Some(lab) => lab.command_in_client(node),
            None => Command::new(node),
        };
        command
            .arg(source.join("driver.mjs"))
            .env("TMPDIR", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = ProcessGroup::spawn(&mut command).map_err(BrowserError::Spawn)?;
        let child = process.child();
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let last_words = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(stdout) = stdout {
            let waiting = Arc::clone(&waiting);
            std::thread::spawn(move || hand_out_answers(stdout, &waiting));
        }
        if let Some(stderr) = stderr {
            let last_words = Arc::clone(&last_words);
            std::thread::spawn(move || keep_last_words(stderr, &last_words));
        }
        Ok(Self {
            process: Mutex::new(process),
            stdin: Mutex::new(stdin),
            waiting,
            last_words,
            _folder: folder,
        })
    }

    /// Asks for `operation` with the keys of `request`, and waits for the answer up to `limit`.
    pub(super) fn ask(
        &self,
        operation: &'static str,
        mut request: Value,
        limit: Duration,
    ) -> Result<Value, BrowserError> {
        let (sender, receiver) = sync_channel(1);
        let id = {
            let mut waiting = lock(&self.waiting);
            if waiting.gone {
                return Err(self.gone(operation));
            }
            waiting.asked += 1;
            let id = waiting.asked;
            waiting.senders.insert(id, sender);
            id
        };
        request["id"] = json!(id);
        request["op"] = json!(operation);
        self.write(&request).ok_or_else(|| self.gone(operation))?;
        let answer = receiver.recv_timeout(limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => {
                lock(&self.waiting).senders.remove(&id);
                BrowserError::Timeout {
                    operation,
                    message: format!("no answer within {limit:?}"),
                }
            }
            RecvTimeoutError::Disconnected => self.gone(operation),
        })?;
        match answer.error {
            None => Ok(answer.value),
            Some(error) if error.kind == "timeout" => Err(BrowserError::Timeout {
                operation,
                message: error.message,
            }),
            Some(error) => Err(BrowserError::Failed {
                operation,
                message: error.message,
            }),
        }
    }

    fn write(&self, request: &Value) -> Option<()> {
        let mut stdin = lock(&self.stdin);
        // One write, so that two threads' lines never mix.
        stdin
            .as_mut()?
            .write_all(format!("{request}\n").as_bytes())
            .ok()
    }

    fn gone(&self, operation: &'static str) -> BrowserError {
        let last_words = lock(&self.last_words);
        BrowserError::Gone {
            operation,
            last_words: Vec::from(last_words.clone()).join(" | "),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The end of its input makes it close its browser and end; what hasn't by then is killed.
        drop(lock(&self.stdin).take());
        let mut process = lock(&self.process);
        process.wait(Duration::from_secs(5));
        process.stop(Duration::from_secs(1));
    }
}

fn hand_out_answers(stdout: impl Read, waiting: &Mutex<Waiting>) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        let Ok(answer) = serde_json::from_str::<Answer>(&line) else {
            continue;
        };
        let sender = lock(waiting).senders.remove(&answer.id);
        if let Some(sender) = sender {
            // Whoever asked may have stopped waiting.
            let _ = sender.send(answer);
        }
    }
    let mut waiting = lock(waiting);
    waiting.gone = true;
    waiting.senders.clear();
}

fn keep_last_words(stderr: impl Read, last_words: &Mutex<VecDeque<String>>) {
    const LINES: usize = 20;
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let mut last_words = lock(last_words);
        last_words.push_back(line);
        if last_words.len() > LINES {
            last_words.pop_front();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
