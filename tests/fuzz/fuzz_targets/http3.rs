//! The fuzzer's way into [`fuzz::http3`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::http3(bytes));
