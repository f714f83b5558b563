//! Tests of the crate through its public interface.

mod diff;
mod hostile;
mod read;
mod write;
