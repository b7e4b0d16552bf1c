//! Decisions that several parts share, made from data alone.

mod channel_choice;
mod schedule_expression;
mod similarity;

pub use channel_choice::{Route, may_be_written_to, route};
pub use schedule_expression::ScheduleExpression;
pub use similarity::{
    NEAR_DUPLICATE_THRESHOLD, WordGrams, mask_names, near_duplicates, similarity,
};
