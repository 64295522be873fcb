//! Who is speaking: OpenPGP keys, Autocrypt, trust. The only maker of a Verified signal.
