//! The Hunter on one machine: the same handlers, the same state machine and the same store as on
//! AWS, on an embedded DynamoDB and an embedded engine.

pub mod adapters;
pub mod agent_file;
pub mod args;
pub mod cloud;
pub mod commands;
pub mod doctor;
pub mod exit;
pub mod journal;
pub mod progress;
pub mod report;
pub mod serve;
pub mod wiring;
