//! A deployed application: what blocks it, what ends, and what Copilot's last release has damaged.

use std::collections::{BTreeMap, BTreeSet};

use copilot_deployer::inventory::{DeployedStack, Inventory, Kind};
use copilot_yaml::{Diagnostics, Node, Severity, Source, parse};

use super::dates::{Dates, Version};
use super::finding::{Finding, Place};
use super::{Clock, codes, manifests, runtimes};

/// Everything that can be told from the stacks alone.
pub(super) fn findings(inventory: &Inventory, dates: &Dates, clock: &Clock) -> Vec<Finding> {
    let mut findings: Vec<Finding> = inventory.stacks.iter().filter_map(blocked).collect();
    findings.extend(ending(inventory, dates, clock));
    findings.extend(mixed(inventory));
    findings.extend(application_version(inventory));
    findings.extend(boundary(inventory));
    findings.extend(accounts(inventory));
    findings.extend(inventory.stacks.iter().filter_map(source_ips));
    findings.extend(inventory.unreachable.iter().map(|(name, why)| {
        let message = format!("the environment `{name}` can't be looked at: {why}");
        let place = resource(format!("environment {name}"), "");
        let finding = Finding::at(&codes::UNREACHABLE, Severity::Error, message, place);
        finding
            .reference(APPLICATION)
            .fix("see who may take on its manager role, or whether the environment is still there")
    }));
    findings
}

const APPLICATION: &str = "https://aws.github.io/copilot-cli/docs/concepts/applications/";

fn resource(id: impl Into<String>, region: &str) -> Place {
    Place::Resource { id: id.into(), region: region.to_owned() }
}

fn of_stack(stack: &DeployedStack) -> Place {
    resource(&stack.arn, stack.region())
}

/// A stack in a state in which it can't be updated.
fn blocked(stack: &DeployedStack) -> Option<Finding> {
    let fix = match stack.status.as_str() {
        "UPDATE_ROLLBACK_FAILED" => {
            "run `aws cloudformation continue-update-rollback` for it, and skip what can't be rolled back"
        }
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" => {
            "delete the stack; the next deployment makes it anew"
        }
        "REVIEW_IN_PROGRESS" => {
            "delete the stack, in which there is nothing; the next deployment makes it anew"
        }
        "DELETE_FAILED" => "see in its events what can't be deleted, and delete it again",
        _ => return None,
    };
    let message = format!("the stack `{}` is in {} and can't be updated", stack.name, stack.status);
    let finding = Finding::at(&codes::BLOCKED_STACK, Severity::Error, message, of_stack(stack));
    Some(finding.reference("https://github.com/aws/copilot-cli/issues/4167").fix(fix))
}

/// The stacks of environments and workloads by version; those that were made by nobody's version are left out.
fn versions(inventory: &Inventory) -> BTreeMap<Version, (&str, Vec<&DeployedStack>)> {
    let mut found: BTreeMap<Version, (&str, Vec<&DeployedStack>)> = BTreeMap::new();
    for stack in inventory.stacks.iter().filter(|stack| stack.kind != Kind::Pipeline) {
        let Some(text) = stack.version.as_deref().filter(|text| *text != "v0.0.0") else { continue };
        if let Some(version) = Version::parse(text) {
            found.entry(version).or_insert_with(|| (text, Vec::new())).1.push(stack);
        }
    }
    found
}

/// Names of the first stacks, and how many more there are.
fn listed(stacks: &[&DeployedStack]) -> String {
    const MOST: usize = 3;
    let names: Vec<String> = stacks.iter().take(MOST).map(|stack| format!("`{}`", stack.name)).collect();
    match stacks.len().checked_sub(MOST).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", names.join(", ")),
        None => names.join(", "),
    }
}

/// Runtimes of the functions in deployed stacks, by the version that made them.
fn ending(inventory: &Inventory, dates: &Dates, clock: &Clock) -> Vec<Finding> {
    let found = versions(inventory).into_values().filter_map(|(version, stacks)| {
        let runtime = dates.runtime_of(version).filter(|runtime| clock.matters(runtime.create))?;
        let what = format!("stacks of {version} ({})", listed(&stacks));
        let mut finding = runtimes::finding(runtime, &what, dates, clock);
        finding.place = of_stack(stacks.first()?);
        let fix = format!(
            "raise the runtime to {} with an override, and deploy before that day",
            runtime.successor
        );
        Some(finding.fix(fix))
    });
    found.collect()
}

/// The version from which on an older Copilot deletes repositories.
const REPOSITORIES: &str = "v1.28.0";

/// Stacks that several versions have deployed.
fn mixed(inventory: &Inventory) -> Option<Finding> {
    let versions = versions(inventory);
    let (first, last) = (versions.first_key_value()?, versions.last_key_value()?);
    if first.0 == last.0 {
        return None;
    }
    let parts: Vec<String> =
        versions.values().map(|(version, stacks)| format!("{version} ({})", stacks.len())).collect();
    let turn = Version::parse(REPOSITORIES)?;
    let risk = if *first.0 < turn && *last.0 >= turn {
        ": one from before v1.28 that goes on deploying can delete image repositories"
    } else {
        ""
    };
    let message = format!("stacks were deployed by several versions, {}{risk}", parts.join(", "));
    let place = of_stack(first.1.1.first()?);
    let finding = Finding::at(&codes::MIXED_VERSIONS, Severity::Warning, message, place);
    let fix =
        "deploy all of them with one program, and see that no pipeline or machine has an older one left";
    Some(finding.reference("https://github.com/aws/copilot-cli/issues/5140").fix(fix))
}

fn metadata(template: &str) -> Option<Node> {
    let source = Source::new("template", template);
    parse(&source, &mut Diagnostics::default())?.get("Metadata").cloned()
}

/// The template version `1.0`, which stands for the layout of records and which deletions write in the wrong place.
fn application_version(inventory: &Inventory) -> Vec<Finding> {
    let name = &inventory.application.name;
    let templates = [
        (&inventory.roles, "stack", format!("{name}-infrastructure-roles")),
        (&inventory.stack_set, "stack set", format!("{name}-infrastructure")),
    ];
    let wrong = templates.into_iter().filter_map(|(template, kind, id)| {
        let metadata = metadata(template.as_deref()?)?;
        let version = metadata.get("TemplateVersion")?.as_scalar()?.text();
        if version != "1.0" {
            return None;
        }
        let message = format!("the {kind} `{id}` says that it has version 1.0: static sites and aliases are refused");
        let finding = Finding::at(&codes::APPLICATION_VERSION, Severity::Error, message, resource(id, ""));
        let fix = "run `copilot app upgrade` of v1.34.1 once, then look whether the permissions boundary is still there";
        Some(finding.reference(APPLICATION).fix(fix))
    });
    wrong.collect()
}

/// A permissions boundary that the record has and the roles don't.
fn boundary(inventory: &Inventory) -> Option<Finding> {
    let boundary = inventory.application.permissions_boundary.as_deref().filter(|name| !name.is_empty())?;
    let roles = inventory.roles.as_deref().filter(|template| !template.contains("PermissionsBoundary"))?;
    if roles.is_empty() {
        return None;
    }
    let id = format!("{}-infrastructure-roles", inventory.application.name);
    let message = format!("the application's roles have lost the permissions boundary `{boundary}`");
    let finding = Finding::at(&codes::LOST_BOUNDARY, Severity::Error, message, resource(id.as_str(), ""));
    let fix =
        format!("add `PermissionsBoundary` to the roles in the template of `{id}` and update the stack");
    Some(finding.reference("https://github.com/aws/copilot-cli/pull/5949").fix(fix))
}

/// Accounts of environments that may use the application's buckets and repositories, held against the environments there are.
fn accounts(inventory: &Inventory) -> Vec<Finding> {
    let Some(metadata) = inventory.stack_set.as_deref().and_then(metadata) else { return Vec::new() };
    let id = format!("{}-infrastructure", inventory.application.name);
    let listed = metadata.get("Accounts").and_then(Node::as_sequence).unwrap_or_default();
    let allowed: BTreeSet<String> =
        listed.iter().filter_map(|node| Some(node.as_scalar()?.text().to_owned())).collect();
    let own = &inventory.application.account_id;
    let used: BTreeSet<&String> = inventory.environments.iter().map(|env| &env.account_id).collect();
    let mut findings = Vec::new();
    for account in used.iter().filter(|account| ***account != *own && !allowed.contains(**account)) {
        let environments: Vec<&str> = inventory
            .environments
            .iter()
            .filter(|env| env.account_id == ***account)
            .map(|env| env.name.as_str())
            .collect();
        let message = format!(
            "account {account} of {} is cut off from buckets, keys and image repositories",
            environments.join(", ")
        );
        let finding = Finding::at(&codes::LOST_ACCOUNT, Severity::Error, message, resource(id.as_str(), ""));
        let fix = format!(
            "run `copilot env init --name {}` again, which adds the account",
            environments.first().unwrap_or(&"NAME")
        );
        findings.push(finding.reference(APPLICATION).fix(fix));
    }
    for account in allowed.iter().filter(|account| *account != own && !used.contains(account)) {
        let message = format!(
            "account {account} has no environment any more, and may still use buckets, keys and image repositories"
        );
        let finding =
            Finding::at(&codes::LOST_ACCOUNT, Severity::Warning, message, resource(id.as_str(), ""));
        findings.push(
            finding.reference(APPLICATION).fix("take it out of the StackSet's template, unless it is in use"),
        );
    }
    findings
}

/// Addresses in the place that is checked and not used, in the manifest that an environment was deployed with.
fn source_ips(stack: &DeployedStack) -> Option<Finding> {
    let manifest = stack.manifest.as_deref().filter(|_| stack.kind == Kind::Environment)?;
    let source = Source::new(format!("manifest in {}", stack.name), manifest);
    let root = parse(&source, &mut Diagnostics::default())?;
    let mut finding = manifests::source_ips(&source, &root)?;
    finding.message = format!(
        "the load balancer of `{}` is open to everybody: addresses in its manifest were ignored",
        stack.name
    );
    finding.place = of_stack(stack);
    Some(finding)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use copilot_deployer::application::{Application, Environment};

    use super::*;
    use crate::doctor::Date;

    fn stack(name: &str, status: &str, version: &str, kind: Kind) -> DeployedStack {
        DeployedStack {
            arn: format!("arn:aws:cloudformation:eu-west-1:1:stack/{name}/x"),
            name: name.to_owned(),
            status: status.to_owned(),
            version: Some(version.to_owned()),
            manifest: None,
            kind,
        }
    }

    fn inventory() -> Inventory {
        let record = r#"{"name":"shop","account":"1","permissionsBoundary":"edge","version":"1.0"}"#;
        let environment = |name: &str, account: &str| -> Environment {
            let text = format!(
                r#"{{"name":"{name}","region":"eu-west-1","accountID":"{account}","executionRoleARN":"","managerRoleARN":""}}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        Inventory {
            application: serde_json::from_str::<Application>(record).unwrap(),
            environments: vec![environment("test", "1"), environment("prod", "2")],
            roles: Some("Metadata:\n  TemplateVersion: 'v1.2.0'\nResources:\n  A:\n    Properties:\n      PermissionsBoundary: x\n".to_owned()),
            stack_set: Some("Metadata:\n  TemplateVersion: 'v1.2.0'\n  Accounts:\n  - 2\n".to_owned()),
            stacks: vec![
                stack("shop-test", "UPDATE_COMPLETE", "v2.0.0", Kind::Environment),
                stack("shop-test-api", "UPDATE_COMPLETE", "v2.0.0", Kind::Workload),
                stack("pipeline-shop-main", "CREATE_COMPLETE", "v1.1.0", Kind::Pipeline),
            ],
            unreachable: Vec::new(),
        }
    }

    fn found(inventory: &Inventory) -> Vec<String> {
        // 2026-11-28, with nothing of what comes later.
        let today = Date::of(UNIX_EPOCH + Duration::from_hours(498_840));
        let clock = Clock { today, until: Some(today) };
        let findings = findings(inventory, Dates::known().unwrap(), &clock);
        findings
            .iter()
            .map(|finding| format!("{} {}", finding.code.id.rsplit(':').next().unwrap(), finding.message))
            .collect()
    }

    #[test]
    fn a_sound_application_has_no_findings() {
        assert_eq!(found(&inventory()), [""; 0]);
    }

    #[test]
    fn each_damage_is_found() {
        type Damage = fn(&mut Inventory);
        let cases: [(Damage, &str); 9] = [
            (
                |it| it.stacks[1].status = "UPDATE_ROLLBACK_FAILED".to_owned(),
                "blocked_stack the stack `shop-test-api` is in UPDATE_ROLLBACK_FAILED",
            ),
            (
                |it| it.stacks[2].status = "REVIEW_IN_PROGRESS".to_owned(),
                "blocked_stack the stack `pipeline-shop-main`",
            ),
            (
                |it| {
                    it.roles =
                        Some("Metadata: {TemplateVersion: '1.0'}\nx: PermissionsBoundary\n".to_owned());
                },
                "application_version the stack `shop-infrastructure-roles`",
            ),
            (
                |it| it.stack_set = Some("Metadata:\n  TemplateVersion: 1.0\n  Accounts: [2]\n".to_owned()),
                "application_version the stack set `shop-infrastructure`",
            ),
            (
                |it| it.roles = Some("Metadata: {TemplateVersion: v1.2.0}\n".to_owned()),
                "lost_boundary the application's roles have lost the permissions boundary `edge`",
            ),
            (
                |it| it.stack_set = Some("Metadata:\n  Accounts: []\n".to_owned()),
                "lost_account account 2 of prod is cut off",
            ),
            (|it| drop(it.environments.pop()), "lost_account account 2 has no environment any more"),
            (
                |it| it.unreachable.push(("prod".to_owned(), "no".to_owned())),
                "unreachable the environment `prod` can't be looked at: no",
            ),
            (
                |it| {
                    it.stacks[0].manifest = Some(
                        "http: {public: {security_groups: {ingress: {restrict_to: {source_ips: [a]}}}}}"
                            .to_owned(),
                    );
                },
                "ignored_source_ips the load balancer of `shop-test` is open",
            ),
        ];
        for (damage, expected) in cases {
            let mut inventory = inventory();
            damage(&mut inventory);
            let found = found(&inventory);
            assert!(found.len() == 1 && found[0].starts_with(expected), "{expected}: {found:?}");
        }
        let mut old = inventory();
        old.stacks[1].version = Some("v1.20.0".to_owned());
        let found = found(&old);
        assert!(found[0].starts_with("lambda_runtime stacks of v1.20.0 (`shop-test-api`) have functions for nodejs12.x: since 2023-03-31"), "{found:?}");
        assert!(found[1].contains("v1.20.0 (1), v2.0.0 (1): one from before v1.28"), "{found:?}");
    }
}
