//! Which permissions each command needs, and with whose credentials it uses them.
//!
//! [`verbs`] has the calls of each command, [`rendering`] those of commands that render, [`looking`] those of commands that look at
//! services and jobs, [`CALLS`](calls::CALLS) what IAM wants for each call. Tests record what commands call, and fail where a call
//! stands in neither.

mod calls;
mod looking;
mod policy;
mod rendering;
mod verbs;

use std::sync::LazyLock;

pub use policy::{Place, Policy, Statement};

use crate::iam::Wanted;

/// With whose credentials a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Credentials {
    /// Those of whoever starts the command.
    Caller,
    /// The manager role of an environment, which the caller assumes. Every environment has it.
    Manager,
}

/// A command with the calls that it can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verb {
    /// The words of the command, such as `svc deploy`.
    pub name: &'static str,
    /// Calls with the caller's credentials, as `service:Operation`.
    caller: &'static [&'static str],
    /// Calls with a manager role.
    manager: &'static [&'static str],
}

/// All commands, by name.
static ALL: LazyLock<Vec<Verb>> = LazyLock::new(|| {
    let mut all = [verbs::VERBS, rendering::VERBS, looking::VERBS].concat();
    all.sort_by_key(|verb| verb.name);
    all
});

impl Verb {
    /// The command with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|verb| verb.name == name)
    }

    /// All commands that call AWS, by name.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The calls that the command can make, as `service:Operation`.
    pub fn calls(&self, credentials: Credentials) -> &'static [&'static str] {
        match credentials {
            Credentials::Caller => self.caller,
            Credentials::Manager => self.manager,
        }
    }

    /// The smallest policy with which the command works.
    pub fn policy(&self, credentials: Credentials, place: &Place) -> Policy {
        Policy::of(self.calls(credentials).iter().flat_map(|call| calls::grants(call)), place)
    }
}

/// What the commands need of the caller, as a question to IAM: one for each resource. Where an ARN is open, an example stands.
pub fn wanted(verbs: &[&Verb], place: &Place) -> Vec<Wanted> {
    let calls = verbs.iter().flat_map(|verb| verb.calls(Credentials::Caller));
    let policy = Policy::of(calls.flat_map(|call| calls::grants(call)), place);
    let statements = policy.statements.into_iter().filter(|statement| statement.condition.is_none());
    let wanted = statements.flat_map(|statement| {
        let Statement { actions, resources, .. } = statement;
        resources
            .into_iter()
            .map(move |resource| Wanted { resource: example(&resource, place), actions: actions.clone() })
    });
    wanted.collect()
}

/// An ARN as a request has it: in the application's own region and account, with something in each place that is open.
fn example(resource: &str, place: &Place) -> String {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let [arn, partition, service, region, account, rest] = parts[..] else { return resource.to_owned() };
    let region = if region == "*" { &place.region } else { region };
    let account = if account == "*" { &place.account } else { account };
    format!("{arn}:{partition}:{service}:{region}:{account}:{}", rest.replace('*', "example"))
}

/// The actions of IAM that a call needs.
pub fn actions(call: &str) -> Vec<&'static str> {
    calls::grants(call).iter().flat_map(|grant| grant.actions).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Credentials, Place, Verb, calls, example};

    #[test]
    fn permissions_are_asked_for_where_the_application_is() {
        let place = Place::of("eu-west-1", "111122223333", "shop");
        let is = |open: &str, asked: &str| assert_eq!(example(open, &place), asked);
        is("*", "*");
        is("arn:aws:s3:::stackset-shop-*/*", "arn:aws:s3:::stackset-shop-example/example");
        is(
            "arn:aws:iam::*:role/shop-*-EnvManagerRole",
            "arn:aws:iam::111122223333:role/shop-example-EnvManagerRole",
        );
        is(
            "arn:aws:cloudformation:*:111122223333:stack/shop-*",
            "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-example",
        );
    }

    #[test]
    fn each_call_of_a_command_has_its_permissions_and_none_is_left_over() {
        let mut used = BTreeSet::new();
        for verb in Verb::all() {
            for credentials in [Credentials::Caller, Credentials::Manager] {
                let names = verb.calls(credentials);
                assert!(names.is_sorted(), "{}: {names:?}", verb.name);
                for call in names {
                    assert!(
                        !calls::grants(call).is_empty(),
                        "`{call}` of `{}` has no permissions",
                        verb.name
                    );
                    used.insert(*call);
                }
            }
        }
        let known: BTreeSet<&str> = calls::CALLS.iter().map(|(call, _)| *call).collect();
        assert_eq!(known, used, "calls that no command makes");
    }
}
