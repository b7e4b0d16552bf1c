//! Wire types, ids, credits and error codes of the Hunter
