//! What whoever asks may not do, by the commands that need it.

use std::collections::{BTreeMap, BTreeSet};

use copilot_deployer::iam::Simulated;
use copilot_deployer::permissions::{Credentials, Verb, actions};
use copilot_yaml::Severity;

use super::codes;
use super::finding::{Finding, Place};

/// One finding for all commands that lack the same permissions.
pub(super) fn findings(caller: &Simulated) -> Vec<Finding> {
    let Simulated::Lacks { identity, actions: lacking } = caller else { return Vec::new() };
    let mut groups: BTreeMap<BTreeSet<&str>, Vec<&str>> = BTreeMap::new();
    for verb in Verb::all() {
        let needed = verb.calls(Credentials::Caller).iter().flat_map(|call| actions(call));
        let missing: BTreeSet<&str> = needed.filter(|action| lacking.contains(*action)).collect();
        if !missing.is_empty() {
            groups.entry(missing).or_default().push(verb.name);
        }
    }
    groups.into_iter().map(|(missing, verbs)| finding(identity, &missing, &verbs)).collect()
}

fn finding(identity: &str, missing: &BTreeSet<&str>, verbs: &[&str]) -> Finding {
    let verbs: Vec<String> = verbs.iter().map(|verb| format!("`{verb}`")).collect();
    let missing: Vec<&str> = missing.iter().copied().collect();
    let message = format!("the caller's policies don't allow {}: {}", verbs.join(", "), missing.join(", "));
    let place = Place::Resource { id: identity.to_owned(), region: String::new() };
    let finding = Finding::at(&codes::MISSING_PERMISSION, Severity::Warning, message, place);
    finding
        .reference("https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html")
        .fix("`copilot-pipeline policy COMMAND` prints the smallest policy for a command")
}

#[cfg(test)]
mod tests {
    use copilot_deployer::iam::Simulated;

    use super::findings;

    #[test]
    fn commands_that_lack_the_same_stand_together() {
        let identity = "arn:aws:iam::111122223333:user/ada".to_owned();
        let actions = ["codepipeline:PutApprovalResult", "codepipeline:StopPipelineExecution"];
        let lacks = Simulated::Lacks { identity, actions: actions.map(str::to_owned).into() };
        let messages: Vec<String> = findings(&lacks).into_iter().map(|finding| finding.message).collect();
        assert_eq!(
            messages,
            [
                "the caller's policies don't allow `approve`, `reject`: codepipeline:PutApprovalResult",
                "the caller's policies don't allow `stop`: codepipeline:StopPipelineExecution",
            ]
        );
        assert!(findings(&Simulated::Unknown("no".into())).is_empty());
    }
}
