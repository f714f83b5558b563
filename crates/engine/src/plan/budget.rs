//! How much of the limits of CloudFormation and `CodePipeline` a stack takes.

use copilot_cfn::limits::{COUNTS, INLINE_BYTES, S3_BYTES};
use copilot_manifest::pipeline::{MOST_ACTIONS, MOST_STAGES};
use serde::Serialize;

use super::Proposed;

/// What a stack takes of each limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// The limits, those of CloudFormation first.
    pub limits: Vec<Limit>,
    /// Whether the template has to lie in S3 to be deployed.
    pub in_s3: bool,
}

/// What a stack takes of a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// What is counted, such as `resources`.
    pub what: String,
    /// How much of it there is.
    pub used: usize,
    /// How much there may be.
    pub most: usize,
}

impl Limit {
    /// Percent of what there may be.
    pub fn percent(&self) -> usize {
        (self.used * 100).div_ceil(self.most.max(1))
    }
}

impl Budget {
    pub(super) fn of(proposed: &Proposed) -> Self {
        let bytes = proposed.text.len();
        let mut limits = vec![Limit { what: "template bytes".to_owned(), used: bytes, most: S3_BYTES }];
        for (section, most) in COUNTS {
            let used = proposed.template.get(section.as_str()).and_then(|section| section.as_map());
            let used = used.map_or(0, copilot_cfn::Map::len);
            if used > 0 {
                limits.push(Limit { what: section.as_str().to_lowercase(), used, most });
            }
        }
        if let Some(loaded) = &proposed.pipeline {
            let stages = loaded.pipeline.stage_views(&loaded.application);
            limits.push(Limit { what: "stages".to_owned(), used: stages.len(), most: MOST_STAGES });
            let fullest = stages.iter().max_by_key(|stage| stage.actions.len());
            limits.extend(fullest.map(|stage| Limit {
                what: format!("actions of {}", stage.name),
                used: stage.actions.len(),
                most: MOST_ACTIONS,
            }));
        }
        Self { limits, in_s3: bytes > INLINE_BYTES }
    }

    /// The limit that is nearest.
    pub fn nearest(&self) -> Option<&Limit> {
        self.limits.iter().max_by_key(|limit| limit.percent())
    }
}
