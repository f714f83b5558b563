//! Reading and writing inside of a folder, and only there.

use std::path::Path;

use copilot_workspace::files::{self, LARGEST_TEXT};
use copilot_workspace::{Error, FileProblem, Overrides, Root, Workspace};
use fs_err::os::unix::fs::symlink;

use crate::Folder;

fn project() -> (Folder, Root) {
    let folder = Folder::with(&[("project/a/b.txt", "inside"), ("secret/key", "outside")]);
    let root = Root::of(folder.join("project").as_std_path()).unwrap();
    (folder, root)
}

fn leads_out<T: std::fmt::Debug>(result: &Result<T, FileProblem>) -> bool {
    matches!(result, Err(FileProblem::Outside { .. }))
}

#[test]
fn links_are_followed_inside_and_refused_outside() {
    let (folder, root) = project();
    symlink("a/b.txt", folder.join("project/file")).unwrap();
    symlink("a", folder.join("project/folder")).unwrap();
    symlink(folder.join("project/a"), folder.join("project/absolute")).unwrap();
    symlink("../secret/key", folder.join("project/key")).unwrap();
    symlink(folder.join("secret"), folder.join("project/out")).unwrap();
    symlink("out", folder.join("project/twice")).unwrap();
    let read = |path: &str| root.read(Path::new(path), LARGEST_TEXT);
    for path in ["a/b.txt", "file", "folder/b.txt", "absolute/b.txt", "a/../file", "../project/file"] {
        assert_eq!(read(path).unwrap(), b"inside", "{path}");
    }
    for path in ["key", "out/key", "twice/key", "../secret/key", "/etc/passwd", "/proc/self/environ"] {
        assert!(leads_out(&read(path)), "{path}");
    }
    assert!(read("none").unwrap_err().is_absent());
    assert!(read("a/b.txt/c").unwrap_err().is_absent());
}

#[test]
fn what_somebody_names_may_be_anywhere_but_not_pretend_to_be_inside() {
    let (folder, root) = project();
    symlink("../secret/key", folder.join("project/key")).unwrap();
    let secret = folder.join("secret/key");
    assert_eq!(root.read_named(secret.as_std_path(), LARGEST_TEXT).unwrap(), b"outside");
    assert_eq!(root.read_named(Path::new("../secret/key"), LARGEST_TEXT).unwrap(), b"outside");
    assert!(leads_out(&root.read_named(Path::new("key"), LARGEST_TEXT)));
}

#[test]
fn only_regular_files_of_a_limited_size_are_read() {
    let (folder, root) = project();
    let pipe = folder.join("project/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let large = folder.join("project/large");
    fs_err::File::create(&large).unwrap().set_len(1 << 40).unwrap();
    let said = |path: &str| root.read(Path::new(path), LARGEST_TEXT).unwrap_err().to_string();
    assert_eq!(said("pipe"), "it is not a regular file");
    assert_eq!(said("large"), "it has more than 16 MB");
    assert_eq!(said("a"), "it is a folder");
    assert_eq!(
        files::read(Path::new("/dev/zero"), LARGEST_TEXT).unwrap_err().to_string(),
        "it is not a regular file"
    );
    assert!(files::read(folder.join("project/a/b.txt").as_std_path(), 5).is_err());
    assert_eq!(files::read(folder.join("project/a/b.txt").as_std_path(), 6).unwrap(), b"inside");
    // Those of `/proc` have no size, and content nevertheless.
    if cfg!(target_os = "linux") {
        let endless = files::read(Path::new("/proc/self/maps"), 100).unwrap_err();
        assert_eq!(endless.to_string(), "it has more than 100 bytes");
    }
}

#[test]
fn nothing_is_written_through_a_link_that_leads_out() {
    let (folder, root) = project();
    symlink("../secret", folder.join("project/out")).unwrap();
    symlink("nowhere", folder.join("project/dangling")).unwrap();
    symlink("a", folder.join("project/in")).unwrap();
    for path in ["", "a", "new", "new/deep", "in", "in/new", "../elsewhere/new", "/tmp/new"] {
        root.check_folder(Path::new(path)).unwrap();
    }
    for path in ["out", "out/new", "out/new/deep", "a/../out", "dangling", "dangling/new"] {
        assert!(leads_out(&root.check_folder(Path::new(path))), "{path}");
    }
    // The link itself is replaced by what is written.
    root.check_file(Path::new("out")).unwrap();
    assert!(leads_out(&root.check_file(Path::new("out/key"))));
}

#[test]
fn every_file_of_a_workspace_stays_inside() {
    let folder = Folder::with(&[
        ("secret/text", "application: shop\n"),
        ("secret/folder/cfn.patches.yml", "[]\n"),
        ("p/copilot/api/manifest.yml", "name: api\ntype: Backend Service\n"),
    ]);
    let link = |to: &str, at: &str| {
        let at = folder.join(&format!("p/copilot/{at}"));
        fs_err::create_dir_all(at.parent().unwrap()).unwrap();
        symlink(folder.join(to), at).unwrap();
    };
    link("secret/text", ".workspace");
    link("secret/text", "web/manifest.yml");
    link("secret/text", "api/addons/a.yml");
    link("secret/folder", "api/overrides");
    link("secret", "environments");
    let workspace = Workspace::find(&folder.join("p")).unwrap();
    let Err(Error::Summary(problems)) = workspace.summary() else { panic!("it was read") };
    assert!(problems.iter().all(|problem| problem.code.id == "copilot::workspace::outside"), "{problems:?}");
    let web = workspace.workloads().unwrap().pop().unwrap();
    assert!(web.header.unwrap_err().iter().all(|problem| problem.code.id == "copilot::workspace::outside"));
    let addons = workspace.addons("api").unwrap().unwrap();
    assert!(workspace.read_addons(&addons).unwrap_err().has_errors());
    let outside = |error: Error| matches!(error, Error::File { problem: FileProblem::Outside { .. }, .. });
    assert!(outside(workspace.environments().unwrap_err()));
    assert!(outside(workspace.overrides("api").unwrap_err()));
    // Inside, links are as good as files.
    fs_err::remove_file(folder.join("p/copilot/api/overrides")).unwrap();
    folder.write("p/shared/cfn.patches.yml", "[]\n");
    symlink("../../shared", folder.join("p/copilot/api/overrides")).unwrap();
    assert!(matches!(workspace.overrides("api").unwrap(), Some(Overrides::Patches(_))));
}
