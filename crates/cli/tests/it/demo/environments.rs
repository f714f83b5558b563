//! A pipeline of type `Environments`, from `init` to a stage that fails.

use super::{quickly, stack, until};
use crate::{Folder, copilot};

const FILE: &str = "copilot/environments/test/manifest.yml";

/// The manifest of `test` with a rule for this block of addresses.
fn with_rule(block: &str) -> String {
    format!(
        "name: test\ntype: Environment\nnetwork:\n  vpc:\n    flow_logs: {{retention: 30}}\n    security_group:\n      ingress: \
         [{{ip_protocol: tcp, ports: 5432, cidr: {block}}}]\n"
    )
}

/// Starts a run, whose number is the answer.
fn start(folder: &Folder) -> String {
    let done = quickly(folder, &["start", "--name", "envs"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    done.stdout.trim()[..8].to_owned()
}

#[test]
fn a_pipeline_of_environments_deploys_them_until_a_stage_fails() {
    let folder = Folder::new();
    assert_eq!(copilot(&folder.path, &["demo", "."]).code, 0);
    let init = "--local .aws init --name envs --url https://github.com/storefront-example/storefront --git-branch main \
                --pipeline-type Environments --environments test,prod";
    assert_eq!(copilot(&folder.path, &init.split_whitespace().collect::<Vec<_>>()).code, 0);
    assert_eq!(copilot(&folder.path, &["validate"]).code, 0);
    let done = quickly(&folder, &["deploy", "--name", "envs", "--yes"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    until(&folder, "envs", "succeeded in all stages");

    // A service has asked for a load balancer since.
    let shop = "--local .aws init --name shop --url https://github.com/storefront-example/storefront --git-branch main \
                --pipeline-type Workloads --environments test";
    assert_eq!(copilot(&folder.path, &shop.split_whitespace().collect::<Vec<_>>()).code, 0);
    assert_eq!(quickly(&folder, &["deploy", "--name", "shop", "--yes"]).code, 0);
    until(&folder, "shop", "succeeded in all stages");
    let environment = || stack(&folder, "111122223333", "storefront-test");
    assert_eq!(environment().parameters["ALBWorkloads"], "frontend");

    folder.write(FILE, with_rule("10.0.0.0/16"));
    let run = start(&folder);
    until(&folder, "envs", &format!("Execution {run} succeeded"));
    assert!(environment().template.contains("RetentionInDays: 30"));
    assert_eq!(environment().parameters["ALBWorkloads"], "frontend", "it stays");
    let same = quickly(&folder, &["env", "package", "-n", "test", "--diff"]);
    assert_eq!((same.code, same.stdout.as_str()), (0, "No changes.\n"), "{}", same.stderr);

    // `validate` warns of it, and AWS refuses it.
    folder.write(FILE, with_rule("10.0.0.0/99"));
    start(&folder);
    let failed = until(&folder, "envs", "failed: CreateOrUpdate-deploy-env-test in DeployTo-test");
    let reason = "CIDR block 10.0.0.0/99 is malformed";
    assert!(
        failed.stdout.contains("EnvironmentSecurityGroup") && failed.stdout.contains(reason),
        "{failed:?}"
    );
    let logs = quickly(&folder, &["logs", "--name", "envs"]);
    assert!(logs.stdout.contains(reason), "{logs:?}");
    assert_eq!(environment().status, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(environment().parameters["ALBWorkloads"], "frontend", "it stays here, too");

    folder.write(FILE, with_rule("10.1.0.0/16"));
    let run = start(&folder);
    until(&folder, "envs", &format!("Execution {run} succeeded"));
    assert_eq!(environment().status, "UPDATE_COMPLETE");
}

#[test]
fn an_environment_that_cannot_be_rendered_fails_the_build() {
    let folder = Folder::new();
    assert_eq!(copilot(&folder.path, &["demo", "."]).code, 0);
    let init = "--local .aws init --name envs --url https://github.com/storefront-example/storefront --git-branch main \
                --pipeline-type Environments --environments test,prod";
    assert_eq!(copilot(&folder.path, &init.split_whitespace().collect::<Vec<_>>()).code, 0);
    folder.write("copilot/environments/prod/manifest.yml", "name: prod\ntype: Environment\nnetwork: []\n");
    assert_eq!(quickly(&folder, &["deploy", "--name", "envs", "--yes"]).code, 0);
    until(&folder, "envs", "the stacks of prod can't be rendered");
    let logs = quickly(&folder, &["logs", "--name", "envs"]);
    assert!(logs.stdout.contains("copilot/environments/prod/manifest.yml:3"), "{logs:?}");
}
