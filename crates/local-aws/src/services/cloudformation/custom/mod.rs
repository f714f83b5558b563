//! Custom resources of Copilot's stacks. Their functions run in Node.js where there is one; what they do is done without
//! running them where there is none.
//!
//! Others, such as those of a user's addons, are only accepted.

mod certificates;
mod controller;
mod delegation;
mod node;
mod values;

pub(crate) use node::Invocations;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::engine::{Phase, Progress, Work};
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
    let request = node::of_resource(work, resource);
    let ran = node::run(work, &request).map(node::Outcome::progress);
    let note = ran.is_none().then(|| node::why_not(work));
    let answer = match ran.map_or_else(|| done(work, resource), Some)? {
        Ok(answer) => answer,
        Err(progress) => return Some(progress),
    };
    if let Some(resource) = work.stack.resources.get_mut(&resource.logical_id) {
        resource.attributes = answer.attributes;
        if work.operation.phase != Phase::RollbackUpdate {
            resource.note = note.or_else(|| resource.note.take());
        }
    }
    Some(Progress::Done(answer.physical))
}

/// What a function does, without running it: its answer, or how far that is.
fn done(work: &mut Work, resource: &Resource) -> Option<Result<Answer, Progress>> {
    let (id, properties) = (resource.logical_id.as_str(), &resource.properties);
    let text = |key: &str| properties.text(key).unwrap_or_default();
    let kept = || resource.physical_id.clone().unwrap_or_else(|| id.to_owned());
    let answer = match resource.kind.as_str() {
        "Custom::EnvControllerFunction" => match controller::put(work, resource) {
            Ok(answer) => answer,
            Err(progress) => return Some(Err(progress)),
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
            Err(reason) => return Some(Err(Progress::Failed(reason))),
        },
        "Custom::CertificateValidationFunction" | "Custom::NLBCertValidatorFunction" => {
            match certificates::put(work, resource) {
                Ok(answer) => answer,
                Err(reason) => return Some(Err(Progress::Failed(reason))),
            }
        }
        "Custom::CertificateReplicatorFunction" => match certificates::replicate(work, resource) {
            Ok(answer) => answer,
            Err(reason) => return Some(Err(Progress::Failed(reason))),
        },
        "Custom::DNSDelegationFunction" => {
            delegation::put(work, properties);
            Answer::of(text("SubdomainName"))
        }
        "Custom::CustomDomainFunction" if properties.has("CustomDomain") => {
            Answer::of(format!("/associate-domain-app-runner/{}", text("CustomDomain")))
        }
        "Custom::CustomDomainFunction" | "Custom::NLBCustomDomainFunction" => Answer::of(id),
        "Custom::TriggerStateMachine" => Answer::of(kept()),
        "Custom::BucketCleanerFunction" => Answer::of(format!("bucket-cleaner-{id}")),
        _ => return None,
    };
    Some(Ok(answer))
}

/// Removes a resource; none where its function is not known.
pub(super) fn delete(
    work: &mut Work,
    logical_id: &str,
    kind: &str,
    physical: &str,
    properties: &Json,
) -> Option<Progress> {
    let physical_id = Some(physical);
    let request =
        node::Request { kind: "Delete", logical_id, resource: kind, physical_id, properties, old: None };
    match node::run(work, &request).map(node::Outcome::progress) {
        Some(Ok(_)) => return Some(Progress::Done(physical.to_owned())),
        Some(Err(progress)) => return Some(progress),
        None => {}
    }
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
        "Custom::DNSDelegationFunction" => delegation::delete(work, properties),
        "Custom::CertificateValidationFunction"
        | "Custom::NLBCertValidatorFunction"
        | "Custom::CertificateReplicatorFunction" => certificates::delete(work, physical),
        _ => return None,
    }
    Some(Progress::Done(physical.to_owned()))
}
