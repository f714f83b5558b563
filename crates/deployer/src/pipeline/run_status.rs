//! The status of an execution, and of what it does in a stage or an action.

use std::fmt;

use serde::{Serialize, Serializer};

/// The status of an execution, of a stage or of an action. As JSON it is CodePipeline's word, or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RunStatus {
    /// Nothing has run yet.
    #[default]
    NotRun,
    /// It runs.
    InProgress,
    /// It is done.
    Succeeded,
    /// It went wrong, or an approval was rejected.
    Failed,
    /// It was given up, with the execution that it belongs to.
    Abandoned,
    /// It runs only until its actions are done.
    Stopping,
    /// Somebody stopped it.
    Stopped,
    /// The pipeline was changed meanwhile.
    Cancelled,
    /// A newer execution took its place.
    Superseded,
    /// A condition let it out.
    Skipped,
    /// A word that CodePipeline did not have when this was written.
    Other(String),
}

impl RunStatus {
    /// CodePipeline's word; empty where nothing has run yet.
    pub fn as_str(&self) -> &str {
        match self {
            Self::NotRun => "",
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Abandoned => "Abandoned",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Cancelled => "Cancelled",
            Self::Superseded => "Superseded",
            Self::Skipped => "Skipped",
            Self::Other(word) => word,
        }
    }

    /// Whether nothing has run yet.
    pub fn is_none(&self) -> bool {
        *self == Self::NotRun
    }
}

impl From<&str> for RunStatus {
    fn from(word: &str) -> Self {
        match word {
            "" => Self::NotRun,
            "InProgress" => Self::InProgress,
            "Succeeded" => Self::Succeeded,
            "Failed" => Self::Failed,
            "Abandoned" => Self::Abandoned,
            "Stopping" => Self::Stopping,
            "Stopped" => Self::Stopped,
            "Cancelled" => Self::Cancelled,
            "Superseded" => Self::Superseded,
            "Skipped" => Self::Skipped,
            word => Self::Other(word.to_owned()),
        }
    }
}

impl PartialEq<&str> for RunStatus {
    fn eq(&self, word: &&str) -> bool {
        self.as_str() == *word
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for RunStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::RunStatus;

    #[test]
    fn every_word_is_kept() {
        for word in ["", "InProgress", "Superseded", "Skipped", "Abandoned", "Paused"] {
            assert_eq!(RunStatus::from(word).as_str(), word);
            assert_eq!(serde_json::to_value(RunStatus::from(word)).unwrap(), word);
        }
        assert_eq!(RunStatus::from("Paused"), RunStatus::Other("Paused".into()));
        assert!(RunStatus::default().is_none());
    }
}
