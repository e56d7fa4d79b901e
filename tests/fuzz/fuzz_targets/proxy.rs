//! The fuzzer's way into [`fuzz::proxy`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::proxy(bytes));
