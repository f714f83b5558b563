//! Calls of Copilot beside what its own buildspecs do.

use copilot_manifest::buildspec::{Role, Word, invocations};
use copilot_workspace::Header;
use copilot_yaml::{Node, Severity, Source, Span};

use super::buildspecs::Found;
use super::codes;
use super::commands::{Part, part};
use super::finding::Finding;

/// What does the same, by the first words of a call.
fn instead(words: &[Word]) -> &'static str {
    let mut plain = words.iter().map(|word| word.text.as_str()).filter(|word| !word.starts_with('-'));
    match (plain.next().unwrap_or_default(), plain.next().unwrap_or_default()) {
        ("svc" | "task", "exec") => "use `aws ecs execute-command`",
        ("task" | "job", "run") => "use `aws ecs run-task`, or `aws stepfunctions start-execution` for a job",
        ("svc" | "job", "logs") => "use `aws logs tail`",
        ("svc" | "job" | "env", "deploy") => "let a stage of the pipeline deploy it",
        ("svc" | "job" | "env", "package") => {
            "run `copilot-pipeline build`, or the same command of `copilot-pipeline`"
        }
        ("env" | "svc", "upgrade") => "delete it: it does nothing since v1.20",
        ("svc" | "job" | "env", "ls") => "use the same command of `copilot-pipeline`",
        _ => "use AWS's command line",
    }
}

fn finding(at: (&Source, Span, &str), words: &[Word]) -> Finding {
    let called: Vec<&str> = words
        .iter()
        .map(|word| word.text.as_str())
        .take_while(|word| !word.starts_with('-'))
        .take(2)
        .collect();
    let message = format!("`copilot {}` is called, of a program without support", called.join(" "));
    let finding = Finding::in_file(&codes::OLD_CALL, Severity::Warning, message, at);
    finding.reference("https://github.com/aws/copilot-cli").fix(instead(words))
}

/// A call in a buildspec that `migrate` would not replace.
pub(super) fn old(source: &Source, span: Span, text: &str, words: &[Word], found: &Found) -> Option<Finding> {
    let command = found.buildspec.commands().find(|command| command.span == span && command.text == text)?;
    (part(command) == Part::Call).then(|| finding((source, span, "here"), words))
}

/// Calls in the test commands of a pipeline's stages.
pub(super) fn in_tests(header: &Header) -> Vec<Finding> {
    let stages = header.root.get("stages").and_then(Node::as_sequence).unwrap_or_default();
    let commands = stages.iter().filter_map(|stage| stage.get("test_commands")?.as_sequence()).flatten();
    let mut findings = Vec::new();
    for command in commands {
        let Some(Ok(called)) = command.as_str().map(invocations) else { continue };
        for invocation in called {
            match invocation.role() {
                Role::Copilot(words) => findings.push(finding((&header.source, command.span, "here"), words)),
                Role::DownloadsCopilot { .. } => {
                    let at = (&header.source, command.span, "here");
                    let finding = Finding::in_file(
                        &codes::OLD_CALL,
                        Severity::Warning,
                        "tests download Copilot, unchecked",
                        at,
                    );
                    let fix = "call AWS's command line in the tests, which every image of CodeBuild has";
                    findings.push(finding.reference("https://github.com/aws/copilot-cli").fix(fix));
                }
                _ => {}
            }
        }
    }
    findings
}
