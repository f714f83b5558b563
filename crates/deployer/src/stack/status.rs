//! The status of a stack, or of a resource in one.

use std::fmt;

use serde::Serialize;

/// The status of a stack or resource in CloudFormation's word, such as `UPDATE_COMPLETE`. Empty for what CloudFormation has not
/// begun with.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Status(String);

impl Status {
    /// CloudFormation's word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether CloudFormation has not begun with it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it has this end, such as `_IN_PROGRESS`.
    fn ends_in(&self, end: &str) -> bool {
        self.0.ends_with(end)
    }

    /// Whether something goes on, or waits to: a stack of which only change sets were made counts too.
    pub fn is_in_progress(&self) -> bool {
        self.ends_in("_IN_PROGRESS")
    }

    /// Whether change sets were made for the stack, but none was executed yet: nothing is in it.
    pub fn is_in_review(&self) -> bool {
        self.0 == "REVIEW_IN_PROGRESS"
    }

    /// Whether an operation is under way, so that no other can begin.
    pub fn is_busy(&self) -> bool {
        self.is_in_progress() && !self.is_in_review()
    }

    /// Whether an operation has failed.
    pub fn is_failure(&self) -> bool {
        self.ends_in("_FAILED")
    }

    /// Whether an operation has ended, well or by undoing everything.
    pub fn is_complete(&self) -> bool {
        self.ends_in("_COMPLETE")
    }

    /// Whether everything is as the template says. While old resources are cleaned up, what was asked for is already done.
    pub fn is_deployed(&self) -> bool {
        self.is_created() || self.is_updated() || self.0 == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    }

    /// Whether it was made.
    pub fn is_created(&self) -> bool {
        self.0 == "CREATE_COMPLETE"
    }

    /// Whether it was changed, and nothing is left to do.
    pub fn is_updated(&self) -> bool {
        self.0 == "UPDATE_COMPLETE"
    }

    /// Whether it is gone.
    pub fn is_deleted(&self) -> bool {
        self.0 == "DELETE_COMPLETE"
    }

    /// Whether it is being deleted.
    pub fn is_being_deleted(&self) -> bool {
        self.0 == "DELETE_IN_PROGRESS"
    }

    /// Whether the stack was never created, or is half deleted, and can only be deleted.
    pub fn is_stuck(&self) -> bool {
        matches!(self.0.as_str(), "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED")
    }

    /// Whether what was changed so far stayed after a failure, because nobody wanted it undone.
    pub fn is_half_updated(&self) -> bool {
        self.0 == "UPDATE_FAILED"
    }

    /// Whether CloudFormation could not undo a failed update.
    pub fn is_not_undone(&self) -> bool {
        self.0 == "UPDATE_ROLLBACK_FAILED"
    }

    /// Whether a failed update is undone, or was, or could not be.
    pub fn is_undone_update(&self) -> bool {
        self.0.starts_with("UPDATE_ROLLBACK")
    }

    /// Whether CloudFormation is undoing what it did.
    pub fn is_being_undone(&self) -> bool {
        self.0.contains("ROLLBACK_IN_PROGRESS")
    }
}

impl From<&str> for Status {
    fn from(word: &str) -> Self {
        Self(word.to_owned())
    }
}

impl From<String> for Status {
    fn from(word: String) -> Self {
        Self(word)
    }
}

impl PartialEq<str> for Status {
    fn eq(&self, word: &str) -> bool {
        self.0 == word
    }
}

impl PartialEq<&str> for Status {
    fn eq(&self, word: &&str) -> bool {
        self.0 == *word
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn what_a_status_means() {
        let status = |word: &str| Status::from(word);
        assert!(status("REVIEW_IN_PROGRESS").is_in_progress() && !status("REVIEW_IN_PROGRESS").is_busy());
        assert!(status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS").is_busy());
        assert!(status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS").is_deployed());
        assert!(
            !status("UPDATE_ROLLBACK_COMPLETE").is_deployed()
                && status("UPDATE_ROLLBACK_COMPLETE").is_complete()
        );
        assert!(status("ROLLBACK_COMPLETE").is_stuck() && !status("UPDATE_ROLLBACK_COMPLETE").is_stuck());
        assert!(
            status("UPDATE_ROLLBACK_FAILED").is_not_undone() && status("UPDATE_ROLLBACK_FAILED").is_failure()
        );
        assert!(status("UPDATE_ROLLBACK_IN_PROGRESS").is_being_undone());
        assert!(Status::default().is_empty() && !Status::default().is_in_progress());
    }
}
