//! Credits and quotas as a pure state machine
