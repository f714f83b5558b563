//! Repositories whose configuration names commands: whatever is asked of git, none of them runs.
//!
//! Each attack first succeeds against git as it comes, so that a test can't pass because the attack was none.

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use camino::Utf8Path;
use copilot_workspace::{Git, GitCommand, Pushed};

use crate::Folder;

/// Git as it comes, but for a name to commit under and the configuration of this machine.
fn git(folder: &Utf8Path, arguments: &[&str]) -> bool {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=trunk"])
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git is installed");
    output.status.success()
}

fn done(folder: &Utf8Path, arguments: &[&str]) {
    assert!(git(folder, arguments), "{arguments:?}");
}

/// A repository with one commit of `files`.
fn repository(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::with(files);
    done(folder.path(), &["init", "-q"]);
    done(folder.path(), &["add", "."]);
    done(folder.path(), &["commit", "-q", "-m", "first"]);
    folder
}

/// Makes git look into a file to tell whether it was changed: its time is another each time.
fn touched(path: &Utf8Path) {
    static TIMES: AtomicU64 = AtomicU64::new(1);
    let hours = TIMES.fetch_add(1, Ordering::Relaxed);
    let file = fs_err::File::options().write(true).open(path).unwrap();
    file.file().set_modified(SystemTime::UNIX_EPOCH + Duration::from_hours(hours)).unwrap();
}

/// A mark, and the command that makes it.
fn mark(folder: &Folder) -> (camino::Utf8PathBuf, String) {
    let path = folder
        .join("../")
        .canonicalize_utf8()
        .unwrap()
        .join(format!("{}-RAN", folder.path().file_name().unwrap_or_default().replace(' ', "-")));
    let command = format!("touch '{path}'; false");
    (path, command)
}

/// Asks everything that can be asked and returns the commit. Before that, `git status` has to fall for the attack.
fn asked(folder: &Folder, at: &Utf8Path) -> Option<String> {
    let (mark, _) = mark(folder);
    git(at, &["update-ref", "refs/remotes/origin/trunk", "HEAD"]);
    git(at, &["status", "--porcelain"]);
    assert!(mark.exists(), "the attack does not work");
    fs_err::remove_file(&mark).unwrap();
    let asked = Git::new(GitCommand::new("git"), at);
    let commit = asked.clean_commit();
    let _ = (asked.head(), asked.remotes(None), asked.default_branch("origin"), asked.branches("origin"));
    let pushed = asked.pushed("origin", "trunk", at);
    assert!(commit.is_none() || matches!(pushed, Ok(Pushed::All)), "{pushed:?}");
    assert!(!mark.exists(), "git ran what the repository names");
    commit
}

fn configure(folder: &Utf8Path, key: &str, value: &str) {
    done(folder, &["config", key, value]);
}

#[test]
fn a_bare_repository_among_the_files_is_refused() {
    let folder = Folder::with(&[("file", "")]);
    done(folder.path(), &["init", "-q", "--bare"]);
    let (_, command) = mark(&folder);
    configure(folder.path(), "core.bare", "false");
    configure(folder.path(), "core.worktree", folder.path().as_str());
    configure(folder.path(), "core.fsmonitor", &command);
    assert_eq!(asked(&folder, folder.path()), None);
}

#[test]
fn a_monitor_of_the_file_system_does_not_run() {
    let folder = repository(&[("file", "")]);
    let (_, command) = mark(&folder);
    configure(folder.path(), "core.fsmonitor", &command);
    assert!(asked(&folder, folder.path()).is_some());
}

#[test]
fn hooks_do_not_run() {
    let folder = repository(&[("file", "")]);
    let (mark, command) = mark(&folder);
    let hook = folder.join("hooks/post-index-change");
    folder.write("hooks/post-index-change", format!("#!/bin/sh\n{command}\n"));
    assert!(Command::new("chmod").args(["+x", hook.as_str()]).status().unwrap().success());
    configure(folder.path(), "core.hooksPath", "hooks");
    touched(&folder.join("file"));
    assert_eq!(asked(&folder, folder.path()), None, "the hook is a file that is not committed");
    assert!(!mark.exists());
}

#[test]
fn filters_of_the_repository_do_not_run() {
    for key in ["clean", "process"] {
        let folder = repository(&[("file", "text"), (".gitattributes", "file filter=Their.own\n")]);
        let (_, command) = mark(&folder);
        configure(folder.path(), &format!("filter.Their.own.{key}"), &command);
        configure(folder.path(), "filter.Their.own.required", "true");
        touched(&folder.join("file"));
        assert!(asked(&folder, folder.path()).is_some(), "the same text is no change");
        folder.write("file", "more");
        touched(&folder.join("file"));
        assert_eq!(asked(&folder, folder.path()), None, "another text is one");
    }
}

#[test]
fn a_filter_that_can_not_be_turned_off_is_not_asked() {
    let folder = repository(&[("file", "text"), (".gitattributes", "file filter=a=b\n")]);
    let (_, command) = mark(&folder);
    folder.write(".git/more", format!("[filter \"a=b\"]\nclean = \"{command}\"\n"));
    configure(folder.path(), "include.path", "more");
    touched(&folder.join("file"));
    assert_eq!(asked(&folder, folder.path()), None);
}

#[test]
fn filters_of_submodules_do_not_run() {
    let inner = repository(&[("file", "text"), (".gitattributes", "file filter=own\n")]);
    let folder = repository(&[("file", "")]);
    done(folder.path(), &["submodule", "--quiet", "add", inner.path().as_str(), "inner"]);
    done(folder.path(), &["commit", "-q", "-m", "second"]);
    let (_, command) = mark(&folder);
    configure(&folder.join("inner"), "filter.own.clean", &command);
    touched(&folder.join("inner/file"));
    assert!(asked(&folder, folder.path()).is_some());
    configure(&folder.join("inner"), "core.fsmonitor", &command);
    folder.write("inner/file", "other");
    assert_eq!(asked(&folder, folder.path()), None, "a change in a submodule counts");
}

#[test]
fn objects_that_are_missing_are_not_fetched() {
    for by_helper in [true, false] {
        let folder = repository(&[("file", "text"), ("more/file", "text")]);
        let (_, command) = mark(&folder);
        let url =
            if by_helper { format!("ext::sh -c {}", command.replace(' ', "% ")) } else { "a@b:c".to_owned() };
        configure(folder.path(), "remote.origin.url", &url);
        configure(folder.path(), "core.sshCommand", &command);
        configure(folder.path(), "protocol.ext.allow", "always");
        configure(folder.path(), "core.repositoryFormatVersion", "1");
        configure(folder.path(), "extensions.partialClone", "origin");
        configure(folder.path(), "remote.origin.promisor", "true");
        let output =
            Command::new("git").args(["rev-parse", "HEAD^{tree}"]).current_dir(folder.path()).output();
        let tree = String::from_utf8(output.unwrap().stdout).unwrap();
        let (start, rest) = tree.trim().split_at(2);
        fs_err::remove_file(folder.join(&format!(".git/objects/{start}/{rest}"))).unwrap();
        assert_eq!(asked(&folder, folder.path()), None);
    }
}

#[test]
fn filters_of_the_machine_still_tell_what_was_changed() {
    // As Git LFS is set up for one repository: the program is the machine's, and what it stores is not what lies there.
    let folder = repository(&[("file", "text")]);
    configure(folder.path(), "filter.lfs.process", "git-lfs filter-process");
    configure(folder.path(), "filter.lfs.clean", "git-lfs clean -- %f");
    let asked = Git::new(GitCommand::new("git"), folder.path());
    let commit = asked.clean_commit();
    assert!(commit.is_some());
    done(folder.path(), &["tag", "-a", "-m", "one", "v1.2.3"]);
    assert_eq!(asked.clean_commit().as_deref(), Some("v1.2.3"));
    folder.write("new", "");
    assert_eq!(asked.clean_commit(), None);
}
