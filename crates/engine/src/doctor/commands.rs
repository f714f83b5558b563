//! What a command of a buildspec is for, as far as Copilot's generated buildspecs go.
//!
//! They changed 23 times, but always had the same parts. These are told by the programs that they run, so that a part is found
//! again after somebody has changed it a little.

use copilot_manifest::buildspec::{Command, Invocation, Role, Word};

/// What a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Downloads Copilot.
    Download,
    /// Renames it or makes it executable.
    Tidy,
    /// Upgrades environments first, which does nothing since v1.20.
    Upgrade,
    /// Finds out names for the loops below it, by asking Copilot or by reading manifests.
    Names,
    /// Ends the build if there are no names.
    Guard,
    /// Renders the stacks of workloads.
    Package,
    /// Renders the stacks of environments.
    PackageEnvironments,
    /// Uploads addons or env files, or builds images: what `build` does too.
    Assets,
    /// Calls Copilot for something else.
    Call,
    /// The user's own.
    Own,
}

impl Part {
    /// Whether `copilot-pipeline build` does the same.
    pub(crate) const fn is_replaced(self) -> bool {
        !matches!(self, Self::Call | Self::Own)
    }
}

/// Variables of generated buildspecs.
pub(crate) const NAMES: [&str; 13] = [
    "WORKLOADS",
    "apps",
    "envs",
    "job_list",
    "job_ls_result",
    "jobs",
    "manifests",
    "pipeline",
    "pl_envs",
    "stages",
    "svc_list",
    "svc_ls_result",
    "svcs",
];

/// The variable for the tag of images.
pub(crate) const TAG: &str = "tag";

/// What loops around calls of Copilot consist of.
const PLUMBING: [&str; 26] = [
    "[", "[[", "break", "cat", "continue", "cut", "do", "done", "echo", "else", "exit", "export", "fi",
    "find", "for", "grep", "head", "if", "jq", "rev", "ruby", "sed", "set", "then", "tr", "true",
];

/// What a command is for.
pub(crate) fn part(command: &Command) -> Part {
    let Ok(invocations) = &command.invocations else { return Part::Own };
    let (mut downloads, mut verbs, mut others) = (false, Vec::new(), Vec::new());
    for invocation in invocations {
        match invocation.role() {
            Role::DownloadsCopilot { .. } => downloads = true,
            Role::Copilot(words) => verbs.push(verb(words)),
            Role::Other if !is_tidy(invocation) => others.push(program(invocation)),
            Role::CopilotPipeline(_) => return Part::Own,
            Role::Other => {}
        }
    }
    let is_plumbing = others.iter().all(|program| PLUMBING.contains(program));
    let all = |wanted: &[(&str, &str)]| !verbs.is_empty() && verbs.iter().all(|verb| wanted.contains(verb));
    match () {
        () if downloads && verbs.is_empty() && is_plumbing => Part::Download,
        () if verbs.is_empty() && others.is_empty() && !invocations.is_empty() => Part::Tidy,
        () if !is_plumbing && verbs.is_empty() => assets(&command.text, &others),
        () if !is_plumbing => Part::Call,
        () if verbs.is_empty() => names(&command.text),
        () if all(&[("env", "upgrade"), ("svc", "upgrade")]) => Part::Upgrade,
        () if all(&[("svc", "ls"), ("job", "ls"), ("app", "ls"), ("env", "ls")]) => {
            names_of_calls(&command.text)
        }
        () if all(&[("env", "package")]) => Part::PackageEnvironments,
        () if all(&[("svc", "package"), ("job", "package"), ("app", "package")]) => Part::Package,
        () => Part::Call,
    }
}

/// The first two words that are no flags.
fn verb(words: &[Word]) -> (&str, &str) {
    let mut plain = words.iter().map(|word| word.text.as_str()).filter(|word| !word.starts_with('-'));
    (plain.next().unwrap_or_default(), plain.next().unwrap_or_default())
}

fn program(invocation: &Invocation) -> &str {
    invocation.words.first().map(|word| word.text.as_str()).unwrap_or_default()
}

/// `mv`, `cp` or `chmod` of Copilot's file.
fn is_tidy(invocation: &Invocation) -> bool {
    let names_copilot = || invocation.words.iter().any(|word| is_copilot(&word.text));
    matches!(program(invocation), "mv" | "cp" | "chmod" | "install" | "ls") && names_copilot()
}

fn is_copilot(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or_default();
    name == "copilot" && word != "copilot"
        || name.starts_with("copilot-linux")
        || name.starts_with("ecs-preview")
}

/// A command that only gives names of generated buildspecs a value, or asks whether they have one.
fn names(text: &str) -> Part {
    let assigned = text.split_once('=').map(|(name, _)| name.trim());
    if assigned.is_some_and(|name| NAMES.contains(&name) || name == TAG) && !text.trim().contains('\n') {
        return Part::Names;
    }
    let asks = ["svc_list", "job_list", "svc_ls_result", "job_ls_result"].iter().any(|name| uses(text, name));
    if !asks || !text.trim_start().starts_with("if ") {
        return Part::Own;
    }
    if text.contains("exit ") { Part::Guard } else { Part::Names }
}

fn names_of_calls(text: &str) -> Part {
    let assigned = text.split_once('=').map(|(name, _)| name.trim());
    if assigned.is_some_and(|name| NAMES.contains(&name)) { Part::Names } else { Part::Call }
}

/// The loops over all workloads that build images, upload addons and upload env files.
fn assets(text: &str, programs: &[&str]) -> Part {
    let loops = ["$WORKLOADS", "$svcs", "$apps"].iter().any(|name| text.contains(&format!(" in {name}")));
    let values = text.contains(".params.json");
    let runs = |wanted: &str| programs.contains(&wanted);
    if loops && values && (runs("docker") || runs("aws")) { Part::Assets } else { Part::Own }
}

/// Whether a text puts a variable in.
pub(crate) fn uses(text: &str, variable: &str) -> bool {
    let follows = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    text.split('$').skip(1).any(|rest| {
        let rest = rest.trim_start_matches(['{', '#', '!']);
        rest.strip_prefix(variable).is_some_and(follows)
    })
}

#[cfg(test)]
mod tests {
    use copilot_manifest::buildspec::{Command, invocations};
    use copilot_yaml::Span;

    use super::*;

    fn of(text: &str) -> Part {
        part(&Command { text: text.to_owned(), invocations: invocations(text), span: Span::default() })
    }

    #[test]
    fn parts_are_told_by_what_they_run() {
        for (text, expected) in [
            ("wget -q https://x.example/copilot-linux-v1.30.0 -O copilot-linux", Part::Download),
            (
                "curl -Lo copilot https://x.example/v1.2.0/copilot-linux && chmod +x ./copilot-linux",
                Part::Download,
            ),
            ("mv ./copilot-linux-v1.2.0 ./copilot-linux", Part::Tidy),
            ("chmod +x ./copilot-linux", Part::Tidy),
            ("chmod +x ./run-tests", Part::Own),
            ("./copilot-linux env upgrade --all", Part::Upgrade),
            ("for e in $pl_envs; do ./copilot-linux env upgrade -n $e; done;", Part::Upgrade),
            ("pl_envs=$(echo $pipeline | jq -r '.stages[].name')", Part::Names),
            ("svcs=$(./copilot-linux svc ls --local --json | jq '.services[].name')", Part::Names),
            ("./copilot-linux svc ls --local", Part::Call),
            ("if [ ! \"$svc_list\" = null ]; then svcs=$(echo $svc_ls_result | jq -r .x); fi", Part::Names),
            ("if [ \"$svc_list\" = null ]; then echo none; exit 1; fi", Part::Guard),
            ("if [ \"$DEPLOY\" = null ]; then exit 1; fi", Part::Own),
            ("for e in $pl_envs; do ./copilot-linux svc package -n a -e $e; done", Part::Package),
            ("for e in $x; do ./copilot-linux env package -n $e --force; done", Part::PackageEnvironments),
            ("for e in $x; do ./copilot-linux svc package -n a && make check; done", Part::Call),
            ("./copilot-linux svc deploy -n a -e test", Part::Call),
            ("for w in $WORKLOADS; do docker build . ; cat $w-test.params.json; done", Part::Assets),
            ("docker build -t mine . && docker push mine", Part::Own),
            ("tag=$(sed 's/:/-/g' <<<\"$CODEBUILD_BUILD_ID\")", Part::Names),
            ("version=$(cat VERSION)", Part::Own),
            ("echo 'a", Part::Own),
            ("", Part::Own),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn variables_are_told_apart() {
        assert!(uses("docker push x:$tag", "tag") && uses("a ${tag}", "tag") && uses("${#svcs}", "svcs"));
        assert!(!uses("$tags", "tag") && !uses("tag", "tag"));
    }
}
