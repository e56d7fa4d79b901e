//! The fuzzer's way into [`fuzz::quic`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::quic(bytes));
