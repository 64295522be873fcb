//! The running backend: one loop that joins `call`, `mail`, `identity` and `store`; commands and events for
//! pages; the loopback host.

pub mod contract;
