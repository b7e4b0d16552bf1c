//! The command `hunter`: the command line around the embedded cloud.

pub mod args;
mod called;
pub mod commands;
pub mod doctor;
pub mod exit;
mod outside;
pub mod progress;
pub mod report;
mod sheet;
mod signals;
