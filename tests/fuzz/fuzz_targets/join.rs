//! The fuzzer's way into [`fuzz::join`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::join(bytes));
