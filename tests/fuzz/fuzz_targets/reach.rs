//! The fuzzer's way into [`fuzz::reach`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::reach(bytes));
