//! The fuzzer's way into [`fuzz::sctp`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::sctp(bytes));
