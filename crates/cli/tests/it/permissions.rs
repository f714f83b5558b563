//! That each command calls only what `policy` says.

use copilot_deployer::permissions::{Credentials, Verb};
use copilot_local_aws::{Call, Effect, Fault};

use crate::remote::Cloud;
use crate::{Folder, with};

/// Holds what a command has called against its policy.
pub(crate) fn check(arguments: &[&str], calls: &[Call]) {
    let calls: Vec<&Call> = calls.iter().filter(|call| call.service != "registry").collect();
    if calls.is_empty() {
        return;
    }
    let verb = verb(arguments);
    let verb = verb.unwrap_or_else(|| panic!("`{arguments:?}` calls AWS and has no policy: {calls:#?}"));
    for call in calls {
        let credentials = match call.role.as_deref() {
            Some(role) if role.ends_with("EnvManagerRole") => Credentials::Manager,
            _ => Credentials::Caller,
        };
        let name = format!("{}:{}", call.service, call.operation);
        assert!(
            verb.calls(credentials).contains(&name.as_str()),
            "`{}` calls {name} as {credentials:?}, which its policy does not allow",
            verb.name
        );
    }
}

/// The command of an invocation, whose options may stand before it.
fn verb(arguments: &[&str]) -> Option<&'static Verb> {
    let mut words = arguments.iter().copied().peekable();
    while let Some(option) = words.next_if(|word| word.starts_with('-')) {
        if !option.contains('=') && option != "--verbose" {
            words.next();
        }
    }
    words.next_if_eq(&"pipeline");
    let first = words.next()?;
    let second = words.next().filter(|word| !word.starts_with('-'));
    let first = match first {
        "update" => "deploy",
        "list" => "ls",
        first => first,
    };
    second.and_then(|second| Verb::named(&format!("{first} {second}"))).or_else(|| Verb::named(first))
}

#[test]
fn a_policy_is_printed_for_a_command() {
    let folder = Folder::workspace();
    let run = |arguments: &[&str]| with(&folder.path, arguments, std::collections::BTreeMap::new(), None);
    let done = run(&["policy", "approve", "--account", "111122223333", "--region", "eu-west-1"]);
    insta::assert_snapshot!("policy-approve", done.shown(&folder.path));
    let done = run(&["policy", "env", "deploy", "--manager", "--app", "shop"]);
    insta::assert_snapshot!("policy-env-deploy-manager", done.shown(&folder.path));
    let done = run(&["policy", "validate"]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("no command `validate` calls AWS"), "{}", done.stderr);
    for verb in Verb::all() {
        let words: Vec<&str> = std::iter::once("policy").chain(verb.name.split(' ')).collect();
        let done = run(&words);
        assert_eq!(done.code, 0, "{done:?}");
        let policy: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        assert_eq!(policy["Version"], "2012-10-17");
    }
}

#[test]
fn doctor_names_what_the_caller_lacks() {
    let cloud = Cloud::new();
    cloud.aws.inject(Fault::new(Effect::AccessDenied).on("codepipeline:PutApprovalResult"));
    cloud.aws.inject(Fault::new(Effect::AccessDenied).on("codepipeline:StopPipelineExecution"));
    let done = cloud.run(&["doctor", "--deployed", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
    let findings = report["findings"].as_array().unwrap();
    let lacking: Vec<&str> = findings
        .iter()
        .filter(|finding| finding["code"] == "copilot::doctor::missing_permission")
        .map(|finding| finding["message"].as_str().unwrap())
        .collect();
    assert_eq!(lacking.len(), 2, "{lacking:#?}");
    assert!(lacking[0].contains("`approve`, `reject`: codepipeline:PutApprovalResult"), "{lacking:#?}");
    assert!(lacking[1].contains("`stop`: codepipeline:StopPipelineExecution"), "{lacking:#?}");

    let cloud = Cloud::new();
    cloud.aws.inject(Fault::new(Effect::AccessDenied).on("iam:SimulatePrincipalPolicy"));
    let done = cloud.run(&["doctor", "--deployed"]);
    assert!(done.stderr.contains("which permissions you lack can't be told"), "{done:?}");
}
