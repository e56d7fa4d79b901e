//! The fuzzer's way into [`fuzz::session`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::session(bytes));
