//! Exit codes, which scripts rely on.

/// The command did what it was asked for.
pub const SUCCESS: u8 = 0;

/// The command was refused, failed, or was asked to find something (a difference, a problem) and found it.
pub const FAILURE: u8 = 1;

/// Ctrl-C, as shells report it.
pub const INTERRUPTED: u8 = 130;

/// A request to terminate (SIGTERM), as shells report it.
pub const TERMINATED: u8 = 143;

/// `--diff` could not be produced, so nothing can be said about differences.
pub const DIFF_UNAVAILABLE: u8 = 2;

/// `plan` found that something would change.
pub const CHANGES: u8 = 2;
