//! An interpreter of the part of the Amazon States Language, in JSONPath, that our machine uses.
//!
//! [`Machine::load`] reads a definition and refuses every field, state type, operator and path form
//! that it does not run, naming the JSON pointer of the offender: nothing is ignored.
//! [`Machine::run`] executes it with a [`TaskHandler`] (what a Task calls), a [`Timer`] (real or
//! virtual time) and an [`Observer`] (the ordered history).
//!
//! What it runs: Task, Choice (`StringEquals`, `Or`), Wait (`TimestampPath`), Pass, Map (inline),
//! Succeed and Fail; ResultPath, Parameters, ResultSelector, ItemsPath, MaxConcurrencyPath,
//! TimeoutSeconds, Retry, Catch, Error(Path), Cause(Path); reference paths by name into the input
//! (`$.a.b`) and into the context object (`$$.Execution.Id`).
//!
//! Behaviour follows the [States Language](https://states-language.net/spec.html) and, where the
//! two differ, [AWS Step Functions](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html):
//! a path, a Parameters field or a Choice that fails reports
//! `States.Runtime`, which nothing can catch; the name that the specification gives to the error
//! stands at the start of its cause.

mod choice;
mod context;
mod document;
mod engine;
mod error;
mod event;
mod graph;
mod lambda;
mod load;
mod model;
mod path;
mod ports;
mod result_path;
mod retry;
mod template;
mod timer;

pub use context::Execution;
pub use engine::{EVENTS_MAX, INLINE_CONCURRENCY_MAX, Outcome, Status};
pub use error::{LoadError, PAYLOAD_BYTES_MAX, TaskError};
pub use event::{Event, EventKind, Iteration};
pub use lambda::{Functions, LAMBDA_INVOKE, LambdaInvoke};
pub use model::Machine;
pub use ports::{NoObserver, Observer, TaskContext, TaskHandler, Timer};
pub use timer::ClockTimer;
