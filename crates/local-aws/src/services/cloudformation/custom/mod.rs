//! Custom resources of Copilot's stacks: what their functions do, without running them.
//!
//! Others, such as those of a user's addons, are only accepted.

mod certificates;
mod controller;
mod values;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::engine::{Progress, Work};
use super::model::Resource;
use crate::core::input::Input;

/// What a function answers.
#[derive(Default)]
struct Answer {
    physical: String,
    attributes: IndexMap<String, Json>,
}

impl Answer {
    fn of(physical: impl Into<String>) -> Self {
        Self { physical: physical.into(), attributes: IndexMap::new() }
    }

    fn with(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }
}

/// The physical id that a resource will have, where it is known before its function has answered.
pub(super) fn id_before(resource: &Resource) -> Option<String> {
    (resource.kind == "Custom::EnvControllerFunction").then(|| controller::usual_id(&resource.properties))
}

/// Makes or changes a resource; none where its function is not known.
pub(super) fn put(work: &mut Work, resource: &Resource) -> Option<Progress> {
    let (id, properties) = (resource.logical_id.as_str(), &resource.properties);
    let text = |key: &str| properties.text(key).unwrap_or_default();
    let kept = || resource.physical_id.clone().unwrap_or_else(|| id.to_owned());
    let answer = match resource.kind.as_str() {
        "Custom::EnvControllerFunction" => match controller::put(work, resource) {
            Ok(answer) => answer,
            Err(progress) => return Some(progress),
        },
        "Custom::RulePriorityFunction" => values::priorities(work, resource),
        "Custom::DynamicDesiredCountFunction" => Answer::of(format!(
            "copilot/apps/{}/envs/{}/services/{}/autoscaling",
            text("App"),
            text("Env"),
            text("Svc")
        ))
        .with("DesiredCount", properties.get("DefaultDesiredCount").cloned().unwrap_or_default()),
        "Custom::UniqueJSONValuesFunction" => match values::unique(properties) {
            Ok(values) => Answer::of(kept()).with("UniqueValues", values),
            Err(reason) => return Some(Progress::Failed(reason)),
        },
        "Custom::CertificateValidationFunction" | "Custom::NLBCertValidatorFunction" => {
            match certificates::put(work, resource) {
                Ok(answer) => answer,
                Err(reason) => return Some(Progress::Failed(reason)),
            }
        }
        "Custom::CertificateReplicatorFunction" => match certificates::replicate(work, resource) {
            Ok(answer) => answer,
            Err(reason) => return Some(Progress::Failed(reason)),
        },
        "Custom::DNSDelegationFunction" => Answer::of(text("SubdomainName")),
        "Custom::CustomDomainFunction" if properties.has("CustomDomain") => {
            Answer::of(format!("/associate-domain-app-runner/{}", text("CustomDomain")))
        }
        "Custom::CustomDomainFunction" | "Custom::NLBCustomDomainFunction" => Answer::of(id),
        "Custom::TriggerStateMachine" => Answer::of(kept()),
        "Custom::BucketCleanerFunction" => Answer::of(format!("bucket-cleaner-{id}")),
        _ => return None,
    };
    if let Some(resource) = work.stack.resources.get_mut(id) {
        resource.attributes = answer.attributes;
    }
    Some(Progress::Done(answer.physical))
}

/// Removes a resource; none where its function is not known.
pub(super) fn delete(
    work: &mut Work,
    logical_id: &str,
    kind: &str,
    physical: &str,
    properties: &Json,
) -> Option<Progress> {
    match kind {
        "Custom::EnvControllerFunction" => {
            return Some(controller::delete(work, logical_id, physical, properties));
        }
        "Custom::BucketCleanerFunction" => {
            let name = properties.text("BucketName").unwrap_or_default();
            if let Some(bucket) = work.world.state.buckets.get_mut(name) {
                bucket.clear();
            }
        }
        "Custom::CertificateValidationFunction"
        | "Custom::NLBCertValidatorFunction"
        | "Custom::CertificateReplicatorFunction" => certificates::delete(work, physical),
        _ => return None,
    }
    Some(Progress::Done(physical.to_owned()))
}
