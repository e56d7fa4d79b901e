//! The fuzzer's way into [`fuzz::sdp`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::sdp(bytes));
