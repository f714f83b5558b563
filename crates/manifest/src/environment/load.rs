//! From a manifest's text to an environment.

use copilot_yaml::{Diagnostics, Node, Source, parse};

use crate::decode::{Context, Decode, Describe};
use crate::environment::{EnvironmentManifest, codes, validate};
use crate::interpolate::{Interpolated, Variables, Written, interpolate, substituted};
use crate::stack_name;

/// An environment's manifest, and what is questionable about it.
#[derive(Debug, Clone)]
pub struct LoadedEnvironment {
    /// The manifest.
    pub manifest: EnvironmentManifest,
    /// The manifest's text with its variables substituted.
    pub text: Source,
    /// The manifest's file, and what is written there where variables were put in.
    pub written: Written,
    /// Problems that leave it usable.
    pub warnings: Diagnostics,
}

/// Longest name of a role in IAM.
const ROLE_NAME: usize = 64;

/// The names of the environment's roles begin with those of application and environment.
fn role_names(
    environment: &str,
    variables: &Variables,
    manifest: Option<&EnvironmentManifest>,
    cx: &mut Context<'_>,
) {
    let role = format!("{}-CFNExecutionRole", stack_name::environment(&variables.application, environment));
    let too_many = role.len().saturating_sub(ROLE_NAME);
    if too_many == 0 {
        return;
    }
    let span = manifest.and_then(|manifest| Some(manifest.name.as_ref()?.span)).unwrap_or_default();
    let message = format!("the role `{role}` would have a name of {} characters", role.len());
    let help =
        format!("names of roles have {ROLE_NAME} at most: take {too_many} from the environment's name");
    cx.within("name", |cx| {
        let problem = cx.error(&codes::NAME, message, span, "");
        cx.report(problem.help(help));
    });
}

impl EnvironmentManifest {
    /// Reads, interpolates and validates a manifest as a user wrote it.
    ///
    /// # Errors
    /// All problems of the manifest, warnings included, if at least one of them is an error.
    pub fn load(
        source: &Source,
        environment: &str,
        variables: &Variables,
    ) -> Result<LoadedEnvironment, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let tree =
            parse(source, &mut diagnostics).unwrap_or_else(|| Node::null(copilot_yaml::Span::default()));
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        let interpolated = interpolate(&tree, source, environment, variables, &mut diagnostics);
        let (tree, text, written) = match &interpolated {
            Interpolated::Unchanged => (&tree, source.clone(), Written::plain(source.clone())),
            Interpolated::Changed(new) => {
                (&**new, substituted(source, &tree, new), Written::between(source.clone(), &tree, new))
            }
        };
        let mut cx = Context::of(&written, &mut diagnostics).with_shape(&Self::shape);
        let manifest = Self::decode(tree, &mut cx);
        role_names(environment, variables, manifest.as_ref(), &mut cx);
        if let Some(manifest) = &manifest {
            let unread = cx.diagnostics().has_errors();
            let mut found = Diagnostics::default();
            validate::validate(manifest, tree.span, &mut Context::of(&written, &mut found));
            found.retain(|problem| !unread || !std::ptr::eq(problem.code, &raw const codes::MISSING_KEY));
            cx.diagnostics().extend(found);
        }
        diagnostics.sort();
        match manifest {
            Some(manifest) if !diagnostics.has_errors() => {
                Ok(LoadedEnvironment { manifest, text, written, warnings: diagnostics })
            }
            _ => Err(diagnostics),
        }
    }

    /// Reads the manifest that an environment was deployed with, without validating it again. What can't be read counts as
    /// not set, and is reported.
    pub fn deployed(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Self {
        Self::decode(node, &mut Context::new(source, diagnostics)).unwrap_or_default()
    }
}
