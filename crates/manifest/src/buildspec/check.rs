//! What is wrong with a buildspec that CodeBuild can read.

use copilot_yaml::{Diagnostic, Diagnostics, Source};

use super::{Buildspec, Command, HASH_AMD64, HASH_ARM64, Invocation, Role, codes};

/// Reports commands that a shell would refuse, downloads of AWS Copilot, and hashes that pin nothing. `hash` is the variable
/// that builds look at, [`HASH_AMD64`] or [`HASH_ARM64`] by the processor of their image; without it hashes are not looked at.
pub fn check(buildspec: &Buildspec, hash: Option<&str>, source: &Source, diagnostics: &mut Diagnostics) {
    if buildspec.is_shell() {
        for command in buildspec.commands() {
            match &command.invocations {
                Ok(invocations) => copilot(command, invocations, source, diagnostics),
                Err(unclosed) => {
                    let message =
                        format!("{} is not closed, and a shell refuses the command", name(unclosed.0));
                    let diagnostic =
                        Diagnostic::error(&codes::COMMAND, message).at(source, command.span, "this command");
                    diagnostics.push(diagnostic);
                }
            }
        }
    }
    if let Some(hash) = hash {
        hashes(buildspec, hash, source, diagnostics);
    }
}

fn name(open: char) -> &'static str {
    match open {
        '\'' => "a single quote",
        '"' => "a double quote",
        '`' => "a backtick",
        _ => "a bracket",
    }
}

fn copilot(command: &Command, invocations: &[Invocation], source: &Source, diagnostics: &mut Diagnostics) {
    for invocation in invocations {
        let Role::DownloadsCopilot { version } = invocation.role() else { continue };
        let version = version.map(|version| format!(" {version}")).unwrap_or_default();
        let message = format!("the build downloads AWS Copilot{version}, which is no longer supported");
        let diagnostic = Diagnostic::warning(&codes::COPILOT, message).at(source, command.span, "here");
        diagnostics.push(diagnostic.help("let the build run `copilot-pipeline build` instead"));
    }
}

fn hashes(buildspec: &Buildspec, wanted: &str, source: &Source, diagnostics: &mut Diagnostics) {
    let pinned = [HASH_AMD64, HASH_ARM64].into_iter().filter_map(|name| buildspec.variable(name));
    for variable in pinned.clone() {
        if !variable.value.is_empty() && !is_hash(&variable.value) {
            let message = format!("`{}` is not a SHA-256 in hexadecimal digits", variable.name);
            let diagnostic =
                Diagnostic::error(&codes::HASH, message).at(source, variable.span, "64 digits belong here");
            diagnostics.push(diagnostic.help("let `copilot-pipeline self upload` write it"));
        }
    }
    let missing = buildspec.variable(wanted).is_none_or(|variable| variable.value.is_empty());
    if let Some(any) = buildspec.variable(wanted).or(pinned.into_iter().next()).filter(|_| missing) {
        let message = format!(
            "the build's image needs `{wanted}`, and that is {}",
            if any.name == wanted { "empty" } else { "not there" }
        );
        let diagnostic =
            Diagnostic::warning(&codes::NO_PROGRAM, message).at(source, any.span, "no program is pinned");
        let help = "`copilot-pipeline deploy` or `copilot-pipeline self upload --file ARCHIVE` pins one; commit the file afterwards";
        diagnostics.push(diagnostic.help(help));
    }
}

/// `sha256sum --check` takes capitals too, but the key in the bucket has none.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
