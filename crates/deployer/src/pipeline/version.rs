//! Whether a deployed pipeline may be replaced by what we render.

use copilot_yaml::{Diagnostics, Node, Source, parse};
use semver::Version;

use crate::error::Error;
use crate::session::Session;
use crate::stack;

/// The version of a deployed stack's template, such as `v1.34.1`; none if it says none, or there is no stack.
///
/// # Errors
/// When CloudFormation refuses.
pub async fn deployed_version(session: &Session, stack_name: &str) -> Result<Option<String>, Error> {
    let Some(metadata) = stack::metadata(&stack::client(session), stack_name).await? else { return Ok(None) };
    let source = Source::new(format!("metadata of stack {stack_name}"), metadata);
    let node = parse(&source, &mut Diagnostics::default());
    Ok(node.as_ref().and_then(|node| node.get("Version")).and_then(Node::as_str).map(str::to_owned))
}

/// Whether a deployed template is of a later version than `own`. One that can't be read is older than everything.
pub fn is_later(deployed: &str, own: &str) -> bool {
    let parse = |text: &str| Version::parse(text.strip_prefix('v').unwrap_or(text)).ok();
    match (parse(deployed), parse(own)) {
        (Some(deployed), Some(own)) => deployed.cmp_precedence(&own).is_gt(),
        (deployed, _) => deployed.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_later;

    #[test]
    fn versions_compare_by_precedence() {
        let cases = [
            ("v1.34.1", "v1.34.1", false),
            ("v1.35.0", "v1.34.1", true),
            ("v1.34.1+local.3", "v1.34.1", false),
            ("v1.34.1-rc.1", "v1.34.1", false),
            ("v1.9.0", "v1.34.1", false),
            ("", "v1.34.1", false),
            ("bootstrap", "v1.34.1", false),
        ];
        for (deployed, own, later) in cases {
            assert_eq!(is_later(deployed, own), later, "{deployed} {own}");
        }
    }
}
