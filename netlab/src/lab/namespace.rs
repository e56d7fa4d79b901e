//! One network namespace of the lab, with its end of the path in it; knows no path model.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::net::Ipv4Addr;
use std::panic::resume_unwind;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use nix::sched::{CloneFlags, setns};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tun_rs::{DeviceBuilder, SyncDevice};

use super::LabError;
use super::registry;
use crate::clock::Stopwatch;

/// Where `ip netns` keeps its namespaces.
pub(super) const FOLDER: &str = "/run/netns";

/// The lab's device, in each namespace.
const DEVICE: &str = "link0";

/// A namespace that is ours; it goes, with every process in it, when this is dropped.
#[derive(Debug)]
pub(super) struct Namespace {
    name: String,
}

impl Namespace {
    pub(super) fn create(name: String) -> Result<Self, LabError> {
        registry::add(&name);
        let namespace = Self { name };
        ip(&["netns", "add", &namespace.name], "")?;
        Ok(namespace)
    }

    /// Makes this end of the path: a TUN device with `address`, the way to everywhere through `peer`, and loopback.
    pub(super) fn make_device(
        &self,
        address: Ipv4Addr,
        peer: Ipv4Addr,
    ) -> Result<SyncDevice, LabError> {
        // Made from within, so that the device never shows in the host's own namespace.
        let device = self
            .enter(|| {
                let device = DeviceBuilder::new()
                    .name(DEVICE)
                    .enable(false)
                    .build_sync()?;
                quieten();
                Ok(device)
            })
            .and_then(|made| made)
            .map_err(|source| match source.kind() {
                ErrorKind::NotFound => LabError::NoTun { source },
                ErrorKind::PermissionDenied => LabError::NotPermitted {
                    detail: source.to_string(),
                },
                _ => LabError::System {
                    doing: "make a TUN device",
                    source,
                },
            })?;
        let script = format!(
            "link set lo up\n\
             addr add {address}/24 dev {DEVICE}\n\
             link set {DEVICE} mtu 1500 txqueuelen 10000 up\n\
             route add default via {peer} dev {DEVICE}\n{}",
            refuse_name_servers()
        );
        ip(&["-n", &self.name, "-batch", "-"], &script)?;
        Ok(device)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A command that runs `program` inside.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        command_in(&self.name, program)
    }

    /// Runs `work` on a thread inside.
    pub(super) fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        enter(&self.name, work)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        destroy(&self.name);
        registry::remove(&self.name);
    }
}

/// A command that runs `program` in the namespace of that name.
pub(super) fn command_in(name: &str, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", name]).arg(program);
    command
}

/// Runs `work` on a thread in the namespace of that name.
pub(super) fn enter<T: Send>(name: &str, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    let namespace = File::open(format!("{FOLDER}/{name}"))?;
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            setns(namespace, CloneFlags::CLONE_NEWNET)?;
            Ok(work())
        });
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// Ends every process in the namespace, and the namespace. One that is gone already is none of our business.
pub(super) fn destroy(name: &str) {
    /// A process that the kernel can't end in this time is stuck in it; it keeps the namespace, but not its name.
    const PATIENCE: Duration = Duration::from_secs(2);
    let clock = Stopwatch::start();
    // Until they are gone: a killed process takes a moment, and one may start another while it is being ended.
    while clock.remaining(PATIENCE).is_some() {
        let inside = processes_in(name);
        if inside.is_empty() {
            break;
        }
        for pid in inside {
            let _ = kill(pid, Signal::SIGKILL);
        }
    }
    let _ = ip(&["netns", "del", name], "");
}

fn processes_in(name: &str) -> Vec<Pid> {
    let Ok(listed) = ip(&["netns", "pids", name], "") else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&listed.stdout);
    text.split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .map(Pid::from_raw)
        .filter(|pid| *pid != Pid::this())
        .collect()
}

/// Settings for a link with nothing on it but the test's own packets, the same in each run. A kernel without one of
/// them has nothing to quieten.
fn quieten() {
    // No router solicitations.
    let _ = fs::write(
        format!("/proc/sys/net/ipv6/conf/{DEVICE}/disable_ipv6"),
        "1",
    );
    // No connection learns from the one before.
    let _ = fs::write("/proc/sys/net/ipv4/tcp_no_metrics_save", "1");
}

/// Routes that refuse the host's name servers at once: no packet reaches them, and a browser that looks up its maker's
/// hosts would wait for seconds.
fn refuse_name_servers() -> String {
    let text = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let addresses = text
        .lines()
        .filter_map(|line| line.strip_prefix("nameserver")?.trim().parse().ok());
    addresses
        .filter(|address: &Ipv4Addr| !address.is_loopback())
        .map(|address| format!("route replace unreachable {address}\n"))
        .collect()
}

/// Runs `ip` with `input` on its standard input.
pub(super) fn ip(arguments: &[&str], input: &str) -> Result<Output, LabError> {
    let run = || {
        let mut child = Command::new("ip")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // An `ip` that refuses its arguments is gone before it reads: its own words say more than a broken pipe.
            let _ = stdin.write_all(input.as_bytes());
        }
        child.wait_with_output()
    };
    let output = run().map_err(|source| match source.kind() {
        ErrorKind::NotFound => LabError::NoIproute,
        _ => LabError::System {
            doing: "run ip",
            source,
        },
    })?;
    if output.status.success() {
        return Ok(output);
    }
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if stderr.contains("Operation not permitted") || stderr.contains("Permission denied") {
        return Err(LabError::NotPermitted { detail: stderr });
    }
    Err(LabError::Ip {
        arguments: arguments.join(" "),
        stderr,
    })
}
