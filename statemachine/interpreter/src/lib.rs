//! An interpreter of the portable JSONPath subset of the Amazon States Language
