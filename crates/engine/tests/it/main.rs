//! The crate as another program uses it.

#![expect(clippy::unwrap_used, reason = "a failed test panics")]

mod embedding;
mod plans;
mod support;
