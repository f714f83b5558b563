//! What has to hold after a command that met with faults, and in the end.

pub(super) mod violations {
    use std::collections::BTreeMap;

    use copilot_local_aws::StackView;

    use super::super::plan::Plan;
    use super::super::world::{ACCOUNT, REGION, SECRET, STACK, World};
    use crate::Done;

    type Stacks = BTreeMap<String, StackView>;

    fn pipeline_stack() -> String {
        format!("{REGION}/{STACK}")
    }

    /// What is wrong right after the faults.
    pub(in super::super) fn after_faults(
        world: &World,
        plan: &Plan,
        before: &Stacks,
        killed: bool,
        done: &Done,
    ) -> Vec<String> {
        let mut found = common(world, before, done);
        if !killed && done.code != 0 && !done.stderr.contains("error: ") {
            found.push(format!("exit code {} without an error: {}", done.code, done.stderr));
        }
        if plan.resource.is_some() && !done.stderr.contains("made to fail") {
            found.push(format!("the resource's reason is not shown: {}", done.stderr));
        }
        found
    }

    /// What is wrong after the command that met with none.
    pub(in super::super) fn in_the_end(
        world: &World,
        plan: &Plan,
        before: &Stacks,
        done: &Done,
    ) -> Vec<String> {
        let mut found = common(world, before, done);
        if done.code != 0 {
            found.push(format!("the second command failed: {}", done.stderr));
            return found;
        }
        let after = world.stacks();
        let Some(stack) = after.get(&pipeline_stack()) else {
            found.push("there is no pipeline stack in the end".to_owned());
            return found;
        };
        if !matches!(stack.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE") {
            found.push(format!("the pipeline's stack is in {}", stack.status));
        }
        if stack.template.contains("ApprovePromotionTo-test") != plan.update {
            found.push("the deployed template is not that of the manifest".to_owned());
        }
        let more: Vec<_> = after.keys().filter(|name| !before.contains_key(*name)).collect();
        let own = pipeline_stack();
        let strange = more.iter().filter(|name| **name != &own && !name.contains("/StackSet-"));
        found.extend(strange.map(|name| format!("stack {name} came from nowhere")));
        world.aws.with_state(|state| {
            let pipelines = state.region(ACCOUNT, REGION).pipelines();
            if pipelines.len() != 1 {
                found.push(format!("there are the pipelines {pipelines:?}"));
            }
        });
        found
    }

    fn common(world: &World, before: &Stacks, done: &Done) -> Vec<String> {
        let mut found = Vec::new();
        let after = world.stacks();
        for (name, old) in before {
            match after.get(name) {
                None => found.push(format!("stack {name} is lost")),
                // Another one under the same name would mean that the first was deleted.
                Some(new) if new.id != old.id => found.push(format!("stack {name} was replaced")),
                Some(_) => {}
            }
        }
        for text in [&done.stdout, &done.stderr] {
            for secret in [SECRET, "local-session-", "Authorization", "panicked"] {
                if text.contains(secret) {
                    found.push(format!("the output has `{secret}`: {text}"));
                }
            }
        }
        found.extend(objects(world));
        found
    }

    /// Templates in buckets that are not whole.
    fn objects(world: &World) -> Vec<String> {
        let places: Vec<(String, String)> = world.aws.with_state(|state| {
            let buckets: Vec<String> = state.buckets().into_iter().map(str::to_owned).collect();
            let keys = |bucket: String| {
                let keys = state.keys(&bucket).into_iter().map(str::to_owned);
                keys.map(|key| (bucket.clone(), key)).collect::<Vec<_>>()
            };
            buckets.into_iter().flat_map(keys).collect()
        });
        let mut found = Vec::new();
        for (bucket, key) in places {
            let bytes = world.aws.object(&bucket, &key).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            // The outputs are the last section of the template.
            if !text.contains("AWSTemplateFormatVersion") || !text.contains("PipelineConnectionARN") {
                found.push(format!("object {key} is not whole: {} bytes", bytes.len()));
            }
            if text.contains(SECRET) {
                found.push(format!("object {key} has a secret"));
            }
        }
        found
    }
}
