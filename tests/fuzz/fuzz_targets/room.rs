//! The fuzzer's way into [`fuzz::room`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::room(bytes));
