//! The fuzzer's way into [`fuzz::delta`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::delta(bytes));
