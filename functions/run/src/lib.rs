//! Opens and closes a run
