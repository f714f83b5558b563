//! What every service builds on: the state, its storage, identifiers, time, faults and counting.

pub(crate) mod blobs;
pub(crate) mod caller;
pub(crate) mod calls;
pub(crate) mod faults;
pub(crate) mod ids;
pub(crate) mod input;
pub(crate) mod options;
pub(crate) mod state;
pub(crate) mod store;
pub(crate) mod time;
pub(crate) mod world;
