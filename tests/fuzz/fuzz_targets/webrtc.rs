//! The fuzzer's way into [`fuzz::webrtc`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::webrtc(bytes));
