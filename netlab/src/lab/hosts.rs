//! Hosts beside this one on a network of their own: to the servers on them what machines are to a fleet's nodes.
//!
//! Each is a namespace, and so is the switch between them and this host. Nothing of them outlives the namespaces.

use std::ffi::OsStr;
use std::net::Ipv4Addr;
use std::process::Command;

use super::namespace::{self, Namespace, ip};
use super::{LabError, check_user, registry};

/// Hosts on one network, as many as were asked for; this host is on it, too.
#[derive(Debug)]
pub struct Hosts {
    hosts: Vec<Namespace>,
    switch: Namespace,
    network: u8,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Host {
    namespace: String,
    address: Ipv4Addr,
}

impl Host {
    /// Its address on the network.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// A command that runs `program` there. What still runs when the hosts are dropped is killed.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        namespace::command_in(&self.namespace, program)
    }

    /// Runs `work` on a thread there.
    ///
    /// # Errors
    /// When the thread can't enter the namespace.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, LabError> {
        namespace::enter(&self.namespace, work)
            .map_err(LabError::system("enter a host's namespace"))
    }
}

impl Hosts {
    /// A network of `count` hosts.
    ///
    /// # Errors
    /// When this machine or user can't have one ([`LabError::is_missing`]).
    pub fn new(count: u8) -> Result<Self, LabError> {
        check_user()?;
        registry::clear_leftovers();
        registry::clean_up_on_signals().map_err(LabError::system("watch for signals"))?;
        let names = registry::next_names();
        let switch = Namespace::create(names.of("switch"))?;
        let hosts = (0..count).map(|number| Namespace::create(names.of(&format!("host{number}"))));
        let hosts = hosts.collect::<Result<Vec<_>, _>>()?;
        let network = names.network();
        let made = Self {
            hosts,
            switch,
            network,
        };
        made.wire(&names.device())?;
        Ok(made)
    }

    fn wire(&self, device: &str) -> Result<(), LabError> {
        let switch = self.switch.name();
        ip(
            &["-n", switch, "-batch", "-"],
            "link add switch type bridge\nlink set switch up\n",
        )?;
        let (own, second) = (self.own_address(), self.second_address());
        let script = format!(
            "link add {device} type veth peer name own netns {switch}\n\
             addr add {own}/24 dev {device}\n\
             addr add {second}/24 dev {device}\n\
             link set {device} up\n"
        );
        ip(&["-batch", "-"], &script)?;
        let mut plugs = "link set own master switch up\n".to_owned();
        for (number, host) in self.hosts.iter().enumerate() {
            let address = self.address(number);
            let script = format!(
                "link set lo up\n\
                 link add link0 type veth peer name host{number} netns {switch}\n\
                 addr add {address}/24 dev link0\n\
                 link set link0 up\n"
            );
            ip(&["-n", host.name(), "-batch", "-"], &script)?;
            plugs += &format!("link set host{number} master switch up\n");
        }
        ip(&["-n", switch, "-batch", "-"], &plugs)?;
        Ok(())
    }

    /// This host's address on the network.
    fn own_address(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 78, self.network, 1)
    }

    /// A second address of this host there, for what is to be hidden from hosts alone.
    pub fn second_address(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 78, self.network, 2)
    }

    fn address(&self, number: usize) -> Ipv4Addr {
        let number = u8::try_from(number).unwrap_or(u8::MAX);
        Ipv4Addr::new(10, 78, self.network, number.saturating_add(10))
    }

    /// A host by its number, from zero.
    pub fn host(&self, number: usize) -> Host {
        Host {
            namespace: self.hosts[number].name().to_owned(),
            address: self.address(number),
        }
    }

    /// Pulls a host's plug, or puts it in again.
    ///
    /// # Errors
    /// When `ip` says no.
    pub fn unplug(&self, number: usize, is_unplugged: bool) -> Result<(), LabError> {
        let (port, state) = (
            format!("host{number}"),
            if is_unplugged { "down" } else { "up" },
        );
        ip(&["-n", self.switch.name(), "link", "set", &port, state], "")?;
        Ok(())
    }

    /// Hides [`Self::second_address`] from a host, or shows it again.
    ///
    /// # Errors
    /// When `ip` says no.
    pub fn hide(&self, number: usize, is_hidden: bool) -> Result<(), LabError> {
        let (verb, address) = (if is_hidden { "add" } else { "del" }, self.second_address());
        let (host, address) = (self.hosts[number].name(), address.to_string());
        ip(&["-n", host, "route", verb, "unreachable", &address], "")?;
        Ok(())
    }
}
