//! The fuzzer's way into [`fuzz::quic_frames`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::quic_frames(bytes));
