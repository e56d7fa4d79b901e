//! The emulated IP link in earnest: two network namespaces, real sockets, real time.
