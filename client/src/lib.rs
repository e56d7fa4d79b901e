#![doc = include_str!("../README.md")]

#[cfg(feature = "native")]
pub mod native;
pub mod session;
