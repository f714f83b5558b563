//! What has to be asked before a plan is carried out.

use copilot_deployer::stack::Status;
use serde::Serialize;

/// A question of a plan. It can be answered beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// What is asked.
    pub about: Subject,
    /// The field of [`Answers`] that answers it.
    pub field: Field,
    /// What counts as the answer where nobody is asked; none if somebody has to be.
    pub default: Option<bool>,
}

/// What a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "subject", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// A pipeline is made for the first time.
    CreatePipeline {
        /// Its name.
        pipeline: String,
    },
    /// A stack that is there is updated.
    Update {
        /// Its name.
        stack: String,
    },
    /// What a failed operation has left is deleted, and made anew.
    Recreate {
        /// The stacks.
        stacks: Vec<Remains>,
    },
    /// Somebody who has seen the difference wants it.
    Difference,
    /// A pipeline is deleted with its stack.
    DeletePipeline {
        /// Its name.
        pipeline: String,
        /// Its application.
        application: String,
    },
    /// The secret with a pipeline's token is deleted, too.
    DeleteSecret {
        /// Its name.
        secret: String,
    },
}

/// A stack that can only be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remains {
    /// Its name.
    pub name: String,
    /// The status that it was left in.
    pub status: Status,
}

/// A field of [`Answers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// [`Answers::confirmed`].
    Confirmed,
    /// [`Answers::delete_secret`].
    DeleteSecret,
}

/// Answers to the questions of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// What the plan says is wanted.
    pub confirmed: bool,
    /// The secret is to go, too.
    pub delete_secret: bool,
}

impl Answers {
    /// Yes to everything.
    pub const YES: Self = Self { confirmed: true, delete_secret: true };

    /// The answer to a question.
    pub fn to(self, question: &Question) -> bool {
        match question.field {
            Field::Confirmed => self.confirmed,
            Field::DeleteSecret => self.delete_secret,
        }
    }

    /// With this answer.
    #[must_use]
    pub fn with(mut self, field: Field, answer: bool) -> Self {
        match field {
            Field::Confirmed => self.confirmed = answer,
            Field::DeleteSecret => self.delete_secret = answer,
        }
        self
    }
}
