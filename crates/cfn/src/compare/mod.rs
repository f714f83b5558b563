//! Whether two templates, or two parameter files, mean the same to CloudFormation.
//!
//! - `Fn::GetAtt: A.B` is `[A, B]`; `!Sub "${X}"` is `!Ref X`; a `Fn::Sub` is the `Fn::Join` with an empty separator of
//!   the same pieces.
//! - Scalars are the same when the text written is (`443` and `"443"`, not `0755` and `493`).
//! - `null` and `AWS::NoValue` are the same as no entry.
//! - The items of `Tags`, `Environment` and other lists that have a name or a key of their own may come in any order;
//!   so may the statements of a policy and what stands in them. The `Stages` of a pipeline may not.
//! - JSON in a string is compared as JSON where its reader parses it (a state machine's definition).

mod canon;
mod text;

pub(crate) use canon::{Canon, ORDERED, Place, REMARK, canonical, list_key};

use crate::Value;

/// How much of a template is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attention {
    /// All of it but `aws:copilot:description` in the metadata of a resource, a phrase for people.
    Everything,
    /// What the stack's resources do. Left out are descriptions, `Metadata`, where the code of a Lambda function lies and
    /// which version of Node.js it runs on, statement IDs, and the `UpdateID` of a custom resource.
    Behaviour,
}

/// Whether CloudFormation would make the same of both.
pub fn same(one: &Value, other: &Value, attention: Attention) -> bool {
    one == other || canonical(one, &Place::ROOT, attention) == canonical(other, &Place::ROOT, attention)
}
