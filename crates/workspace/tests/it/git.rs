use std::cell::RefCell;
use std::io;

use camino::Utf8Path;
use copilot_workspace::{CommandOutput, Error, Git, GitCommand, Head, Pushed, Runner};

use crate::Folder;

fn git(folder: &Utf8Path, arguments: &[&str]) {
    let mut all =
        vec!["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=trunk"];
    all.extend(arguments);
    let output = GitCommand::new("git").run(folder, &all).expect("git is installed");
    assert!(output.success, "{arguments:?}: {}", output.stderr);
}

#[test]
fn a_real_repository_answers() {
    let folder = Folder::with(&[("file", "")]);
    git(folder.path(), &["init", "-q"]);
    let asked = Git::new(GitCommand::new("git"), folder.path());
    assert_eq!(asked.head().unwrap(), Head::Branch("trunk".into()), "a branch without a commit");
    assert!(asked.remotes(None).unwrap().is_empty());

    git(folder.path(), &["remote", "add", "origin", "git@github.com:acme/shop.git"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    git(folder.path(), &["checkout", "-q", "-b", "feature/größe"]);
    assert_eq!(asked.head().unwrap(), Head::Branch("feature/größe".into()));
    let remotes = asked.remotes(None).unwrap();
    assert_eq!(remotes[0].repository.as_ref().unwrap().to_string(), "https://github.com/acme/shop");

    git(folder.path(), &["checkout", "-q", "--detach"]);
    assert_eq!(asked.head().unwrap(), Head::Detached);
    assert_eq!(asked.default_branch("origin").unwrap(), None);
    git(folder.path(), &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);
    assert_eq!(asked.default_branch("origin").unwrap(), Some("trunk".into()));

    assert_eq!(asked.branches("origin").unwrap(), None, "nothing was fetched");
    git(folder.path(), &["update-ref", "refs/remotes/origin/trunk", "HEAD"]);
    git(folder.path(), &["update-ref", "refs/remotes/origin/feature/x", "HEAD"]);
    assert_eq!(asked.branches("origin").unwrap(), Some(vec!["feature/x".to_owned(), "trunk".to_owned()]));
    git(folder.path(), &["config", "remote.origin.fetch", "+refs/heads/trunk:refs/remotes/origin/trunk"]);
    assert_eq!(asked.branches("origin").unwrap(), None, "only one branch is followed");
}

#[test]
fn what_was_not_pushed_is_known() {
    let folder =
        Folder::with(&[("copilot/a", "1"), ("copilot/b", "1"), ("src/c", "1"), (".gitignore", "*.tmp\n")]);
    let (path, copilot) = (folder.path(), folder.path().join("copilot"));
    let asked = Git::new(GitCommand::new("git"), path);
    assert!(matches!(asked.pushed("origin", "trunk", &copilot), Err(Error::NotARepository { .. })));
    git(path, &["init", "-q"]);
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "first"]);
    assert_eq!(asked.pushed("origin", "trunk", &copilot).unwrap(), Pushed::UnknownBranch);
    // As a push would do.
    git(path, &["update-ref", "refs/remotes/origin/trunk", "HEAD"]);
    assert_eq!(asked.pushed("origin", "trunk", &copilot).unwrap(), Pushed::All);

    fs_err::write(path.join("src/c"), "2").unwrap();
    fs_err::write(path.join("copilot/x.tmp"), "1").unwrap();
    assert_eq!(asked.pushed("origin", "trunk", &copilot).unwrap(), Pushed::All, "elsewhere, or ignored");
    fs_err::write(path.join("copilot/größe"), "1").unwrap();
    fs_err::write(path.join("copilot/a"), "2").unwrap();
    git(path, &["add", "copilot/a"]);
    git(path, &["commit", "-q", "-m", "second"]);
    fs_err::remove_file(path.join("copilot/b")).unwrap();
    let Pushed::AllBut(files) = asked.pushed("origin", "trunk", &copilot).unwrap() else { panic!() };
    assert_eq!(files, ["copilot/a", "copilot/b", "copilot/größe"]);
}

#[test]
fn outside_a_repository_is_said_as_such() {
    let folder = Folder::with(&[]);
    let asked = Git::new(GitCommand::new("git"), folder.path());
    assert!(matches!(asked.head(), Err(Error::NotARepository { .. })));
    assert!(matches!(asked.remotes(None), Err(Error::NotARepository { .. })));
}

#[test]
fn without_git_is_said_as_such() {
    let folder = Folder::with(&[]);
    let asked = Git::new(GitCommand::new("no-such-git-anywhere"), folder.path());
    assert!(matches!(asked.remotes(None), Err(Error::GitMissing(_))));
}

struct Scripted {
    output: CommandOutput,
    asked: RefCell<Vec<String>>,
}

impl Runner for Scripted {
    fn run(&self, _: &Utf8Path, arguments: &[&str]) -> io::Result<CommandOutput> {
        self.asked.borrow_mut().push(arguments.join(" "));
        Ok(self.output.clone())
    }
}

#[test]
fn any_other_failure_keeps_the_words_of_git() {
    let stderr = "fatal: detected dubious ownership in repository at '/srv/shop'\n".to_owned();
    let output = CommandOutput { success: false, stdout: String::new(), stderr };
    let asked = Git::new(Scripted { output, asked: RefCell::default() }, "/srv/shop");
    let message = asked.head().unwrap_err().to_string();
    assert_eq!(
        message,
        "`git symbolic-ref HEAD` failed: fatal: detected dubious ownership in repository at '/srv/shop'"
    );
}

#[cfg(unix)]
#[test]
fn git_ends_when_somebody_wants_that() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::{Duration, Instant};

    let folder = Folder::with(&[("git", "#!/bin/sh\n: >began\nsleep 600 & wait\n")]);
    let program = folder.path().join("git");
    fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let began = folder.path().join("began");
    let git = GitCommand::new(program.as_str()).end_when(move || began.exists());
    let asked = Git::new(git, folder.path());
    let started = Instant::now();
    assert!(matches!(asked.remotes(None), Err(Error::Ended)));
    // By now nobody begins another one.
    fs_err::remove_file(&program).unwrap();
    assert!(matches!(asked.head(), Err(Error::Ended)));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}
