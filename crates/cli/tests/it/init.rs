use std::collections::{BTreeMap, VecDeque};

use copilot_pipeline::{Prompt, PromptError, Question};
use copilot_workspace::{GitCommand, Runner};

use crate::{Folder, copilot, with};

const FLAGS: [&str; 11] = [
    "init",
    "-n",
    "shop-main",
    "-u",
    "git@github.com:acme/shop.git",
    "-b",
    "main",
    "-e",
    "test,prod",
    "-p",
    "Workloads",
];

/// The text without the version that wrote it, which each release changes.
fn buildspec(folder: &Folder, pipeline: &str) -> String {
    let text = folder.read(&format!("copilot/pipelines/{pipeline}/buildspec.yml"));
    text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
}

#[test]
fn flags_are_enough() {
    let folder = Folder::workspace();
    let done = copilot(&folder.path, &FLAGS);
    assert_eq!(done.code, 0, "{done:?}");
    insta::assert_snapshot!("flags_manifest", folder.read("copilot/pipelines/shop-main/manifest.yml"));
    insta::assert_snapshot!("flags_buildspec", buildspec(&folder, "shop-main"));
    let validated = copilot(&folder.path, &["validate"]);
    assert_eq!((validated.code, validated.stdout.as_str()), (0, ""), "{validated:?}");
}

#[test]
fn a_pipeline_of_environments_names_their_stacks() {
    let folder = Folder::workspace();
    let done = copilot(
        &folder.path,
        &[
            "pipeline",
            "init",
            "--name",
            "envs",
            "--github-url",
            "codecommit://me@shop",
            "--region",
            "eu-west-1",
            "--git-branch",
            "@x",
            "--environments",
            "test",
            "--environments",
            "prod",
            "--pipeline-type",
            "Environments",
        ],
    );
    assert_eq!(done.code, 0, "{done:?}");
    insta::assert_snapshot!("environments_manifest", folder.read("copilot/pipelines/envs/manifest.yml"));
    insta::assert_snapshot!("environments_buildspec", buildspec(&folder, "envs"));
    let checked = copilot(&folder.path, &["validate"]);
    assert!(checked.stderr.contains("0 errors, 1 warning"), "no program is pinned yet: {checked:?}");
}

#[test]
fn the_buildspec_is_a_script_that_bash_understands() {
    let folder = Folder::workspace();
    copilot(&folder.path, &FLAGS);
    let text = folder.read("copilot/pipelines/shop-main/buildspec.yml");
    let source = copilot_yaml::Source::new("buildspec.yml", text);
    let mut diagnostics = copilot_yaml::Diagnostics::default();
    let root = copilot_yaml::parse(&source, &mut diagnostics).unwrap();
    assert!(diagnostics.is_empty());
    let mut checked = 0;
    for phase in ["install", "build", "post_build"] {
        let commands = root.get("phases").and_then(|phases| phases.get(phase)?.get("commands")).unwrap();
        for command in commands.as_sequence().unwrap() {
            let status =
                std::process::Command::new("bash").args(["-n", "-c", command.as_str().unwrap()]).status();
            assert!(status.unwrap().success(), "{command:?}");
            checked += 1;
        }
    }
    assert!(checked >= 6);
}

#[test]
fn what_exists_is_left_as_it_is() {
    let folder = Folder::workspace();
    copilot(&folder.path, &FLAGS);
    folder.write("copilot/pipelines/shop-main/manifest.yml", "name: shop-main # mine\n");
    let before = folder.content();
    let done = copilot(&folder.path, &FLAGS);
    insta::assert_snapshot!(done.shown(&folder.path));
    assert_eq!(folder.content(), before);
    let done = copilot(&folder.path, &["init", "--name", "shop-main"]);
    assert!(!done.stderr.contains("--url"), "it is said before anything else is missed: {done:?}");

    fs_err::remove_file(folder.path.join("copilot/pipelines/shop-main/buildspec.yml")).unwrap();
    assert_eq!(copilot(&folder.path, &FLAGS).code, 0);
    assert_eq!(folder.content(), before, "only what is missing is written");

    let mut forced = FLAGS.to_vec();
    forced.push("--force");
    assert_eq!(copilot(&folder.path, &forced).code, 0);
    assert!(folder.read("copilot/pipelines/shop-main/manifest.yml").contains("requires_approval"));
}

#[test]
fn a_name_that_is_taken_is_said_right_after_it() {
    let folder = Folder::workspace();
    copilot(&folder.path, &FLAGS);
    let script = |answers: &[&'static str]| Box::new(Script(answers.to_vec().into()));
    let arguments = ["init", "-u", "acme/shop", "-b", "main"];
    let done = with(&folder.path, &arguments, BTreeMap::new(), Some(script(&["shop-main"])));
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("in `copilot/pipelines/shop-main/manifest.yml`"), "{done:?}");
    // What is suggested instead is free.
    let done = with(&folder.path, &arguments, BTreeMap::new(), Some(script(&["", "Workloads", ""])));
    assert_eq!(done.code, 0, "{done:?}");
    assert!(folder.read("copilot/pipelines/shop-main-2/manifest.yml").contains("name: \"shop-main-2\""));
}

#[test]
fn environments_are_offered_from_test_to_production() {
    let folder = Folder::workspace();
    folder.write("copilot/environments/prod/manifest.yml", "name: prod\ntype: Environment\n");
    let script = Box::new(Script(["", "Workloads", ""].into()));
    let arguments = ["init", "-u", "acme/shop", "-b", "main"];
    let done = with(&folder.path, &arguments, BTreeMap::new(), Some(script));
    assert_eq!(done.code, 0, "{done:?}");
    let manifest = folder.read("copilot/pipelines/shop-main/manifest.yml");
    assert!(manifest.find("\"test\"").unwrap() < manifest.find("\"prod\"").unwrap());
    insta::assert_snapshot!(done.shown(&folder.path));
}

#[test]
fn lists_may_have_blanks() {
    for list in [&["test, prod"][..], &["test,", "prod"], &["test", "prod"], &["test,prod"]] {
        let folder = Folder::workspace();
        let mut arguments = FLAGS.to_vec();
        arguments.splice(8..9, list.iter().copied());
        arguments.extend(["--require-approval", "prod, test"]);
        let done = copilot(&folder.path, &arguments);
        assert_eq!(done.code, 0, "{list:?}: {done:?}");
        let manifest = folder.read("copilot/pipelines/shop-main/manifest.yml");
        assert!(manifest.contains("name: \"test\"") && manifest.contains("name: \"prod\""));
        assert!(!manifest.contains("# requires_approval"), "{manifest}");
    }
}

#[test]
fn a_second_pipeline_of_the_name_is_refused() {
    let folder = Folder::workspace();
    folder.write("copilot/pipeline.yml", "name: shop-main\nversion: 1\n");
    let before = folder.content();
    let done = copilot(&folder.path, &FLAGS);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("in `copilot/pipeline.yml`"), "{done:?}");
    assert_eq!(folder.content(), before);
}

#[test]
fn without_a_terminal_everything_missing_is_listed() {
    let folder = Folder::workspace();
    let git = |arguments: &[&str]| GitCommand::new("git").run(&folder.path, arguments).unwrap();
    git(&["init", "-q", "-b", "feature/x"]);
    git(&["remote", "add", "upstream", "https://github.com/acme/upstream"]);
    git(&["remote", "add", "origin", "git@github.com:acme/shop.git"]);
    let before = folder.content();
    insta::assert_snapshot!(copilot(&folder.path, &["init"]).shown(&folder.path));
    assert_eq!(folder.content(), before);
}

#[test]
fn facts_know_the_environments() {
    let folder = Folder::workspace();
    let facts = crate::root().join("examples/storefront/facts.yml");
    let mut arguments = FLAGS.to_vec();
    arguments.extend(["--facts", facts.as_str()]);
    assert_eq!(copilot(&folder.path, &arguments).code, 0);
    arguments[8] = "test,staging";
    arguments[2] = "other";
    let done = copilot(&folder.path, &arguments);
    assert_eq!(
        (done.code, done.stderr.as_str()),
        (1, "error: the application has no environment `staging`\nhint: it has: test, prod\n")
    );
}

#[test]
fn wrong_answers_are_refused() {
    let folder = Folder::workspace();
    let before = folder.content();
    let mut found = Vec::new();
    for (flag, value) in [
        ("-n", "Shop"),
        ("-n", "a--b"),
        ("-u", "https://user:pass@gitlab.com/a/b"),
        ("-b", "a b"),
        ("-e", "test,test"),
        ("-e", "a_b"),
        ("-e", ","),
        ("-p", "workloads"),
        ("-a", "other"),
        ("-t", "ghp_secret"),
    ] {
        let mut arguments = FLAGS.to_vec();
        match arguments.iter().position(|argument| *argument == flag) {
            Some(at) => arguments[at + 1] = value,
            None => arguments.extend([flag, value]),
        }
        let done = copilot(&folder.path, &arguments);
        assert!(!done.stderr.contains("ghp_secret") && !done.stderr.contains("pass@"), "{done:?}");
        found.push(format!("{flag} {value}: {} {}", done.code, done.stderr));
    }
    insta::assert_snapshot!(found.join("\n"));
    assert_eq!(folder.content(), before);
}

/// Answers from a list, and checks that nothing was asked beyond it.
pub(crate) struct Script(pub(crate) VecDeque<&'static str>);

impl Prompt for Script {
    fn text(&mut self, question: &Question<'_>) -> Result<String, PromptError> {
        loop {
            let answer = match self.0.pop_front() {
                Some("^C") => return Err(PromptError::Cancelled),
                Some("") => question.suggestion.unwrap_or_default(),
                Some(answer) => answer,
                None => panic!("nobody expected: {}", question.text),
            };
            if (question.check)(answer).is_ok() {
                return Ok(answer.to_owned());
            }
        }
    }

    fn select(&mut self, question: &str, options: &[String], _: Option<&str>) -> Result<usize, PromptError> {
        let wanted = self.0.pop_front().unwrap_or_else(|| panic!("nobody expected: {question}"));
        Ok(options
            .iter()
            .position(|option| option.starts_with(wanted))
            .unwrap_or_else(|| panic!("{options:?}")))
    }

    fn confirm(&mut self, question: &str) -> Result<bool, PromptError> {
        match self.0.pop_front() {
            Some("^C") => Err(PromptError::Cancelled),
            Some(answer) => Ok(answer == "yes"),
            None => panic!("nobody expected: {question}"),
        }
    }
}

#[test]
fn a_person_is_asked_again_until_the_answer_is_good() {
    let folder = Folder::workspace();
    folder.write("copilot/environments/prod/manifest.yml", "name: prod\ntype: Environment\n");
    let answers = [
        "bad branch",
        "",
        "Not A Name",
        "",
        "Workloads",
        "prod prod",
        "prod, test",
        "no",
        "prod test",
        "yes",
    ];
    let done = with(
        &folder.path,
        &["init", "-u", "acme/shop"],
        BTreeMap::new(),
        Some(Box::new(Script(answers.into()))),
    );
    assert_eq!(done.code, 0, "{done:?}");
    let manifest = folder.read("copilot/pipelines/shop-main/manifest.yml");
    let prod = manifest.find("\"prod\"").unwrap();
    assert!(prod < manifest.find("\"test\"").unwrap(), "the order is that of the answers");
}

#[test]
fn cancelling_writes_nothing() {
    let folder = Folder::workspace();
    let before = folder.content();
    let script = Script(["^C"].into());
    let done = with(&folder.path, &["init", "-u", "acme/shop"], BTreeMap::new(), Some(Box::new(script)));
    assert_eq!((done.code, done.stderr.as_str()), (130, "error: interrupted\nhint: nothing was changed\n"));
    assert_eq!(folder.content(), before);
}
