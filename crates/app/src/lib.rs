//! The running backend: one loop that joins call, mail, identity and store; the loopback host; mailcalld.
