//! Adapters to AWS services and the only reader of the environment
