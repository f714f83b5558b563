//! What users and disks get wrong: one clear message each, nothing written, nothing changed.

use std::fmt::Write as _;

use crate::{Folder, copilot};

const MANIFEST: &str = "copilot/pipelines/main/manifest.yml";

/// Runs what reads manifests, and returns what was said.
fn refused(folder: &Folder) -> String {
    let before = folder.content();
    let mut text = String::new();
    for arguments in [
        &["validate"][..],
        &["show", "--local", "-n", "main"],
        &["package", "-n", "main", "--facts", "facts.yml", "--output-dir", "out"],
    ] {
        let done = copilot(&folder.path, arguments);
        assert_eq!(done.code, 1, "{arguments:?} {done:?}");
        assert_eq!(done.stdout, "", "{arguments:?}");
        writeln!(
            text,
            "$ {}\n{}",
            arguments.join(" "),
            done.stderr.replace(folder.path.as_str(), "[FOLDER]")
        )
        .unwrap();
    }
    assert_eq!(folder.content(), before, "something was written");
    text
}

fn workspace() -> Folder {
    let folder = Folder::workspace();
    folder.write(
        "facts.yml",
        "application: {name: shop, account_id: '111122223333'}\nregions: {}\nenvironments: {}\n",
    );
    folder
}

fn good(tail: &str) -> String {
    format!(
        "name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    branch: main\n    repository: acme/shop\n{tail}"
    )
}

#[test]
fn broken_manifests() {
    let bomb: String = (1..12).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |mut text, level| {
        let before = level - 1;
        writeln!(text, "a{level}: &a{level} [{}]", vec![format!("*a{before}"); 9].join(", ")).unwrap();
        text
    });
    let mut large = b"name: main\nversion: 1\n# ".to_vec();
    large.resize(10 << 20, b'x');
    let cases: [(&str, Vec<u8>); 9] = [
        ("empty", Vec::new()),
        ("binary", vec![0x7f, b'E', b'L', b'F', 0, 0, 255, 254]),
        ("utf16", "name: main\n".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("ten_megabytes", large),
        ("alias_bomb", bomb.into_bytes()),
        ("tabs", b"name: main\nversion: 1\nsource:\n\tprovider: GitHub\n".to_vec()),
        ("list", b"- name: main\n".to_vec()),
        (
            "misspelt_approval",
            good("stages:\n  - name: prod\n    require_approval: true\n    deployments: {api: }\n")
                .into_bytes(),
        ),
        ("deep", format!("name: main\nversion: 1\nstages: {}", "[".repeat(5000)).into_bytes()),
    ];
    for (name, bytes) in cases {
        let folder = workspace();
        folder.write(MANIFEST, bytes);
        insta::assert_snapshot!(name, refused(&folder));
    }
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_no_problem() {
    let folder = workspace();
    let text = good("stages:\n  - name: test\n    test_commands:\n      - make test\n");
    folder.write(MANIFEST, format!("\u{feff}{}", text.replace('\n', "\r\n")));
    folder.write("copilot/pipelines/main/buildspec.yml", "version: 0.2\nphases: {}\n");
    let done = copilot(&folder.path, &["validate", "--strict"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(copilot(&folder.path, &["show", "--local"]).stdout.contains("make test"));
}

#[cfg(unix)]
#[test]
fn unreadable_and_special_files() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = workspace();
    folder.write(MANIFEST, good("stages: []\n"));
    let path = folder.path.join(MANIFEST);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
    // The superuser reads it all the same.
    if std::fs::read(&path).is_err() {
        insta::assert_snapshot!("unreadable", refused(&folder));
    }
    fs_err::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    insta::assert_snapshot!("link_to_a_device", refused(&folder));
    fs_err::remove_file(&path).unwrap();
    symlink("manifest.yml", &path).unwrap();
    insta::assert_snapshot!("link_to_itself", refused(&folder));
    fs_err::remove_file(&path).unwrap();
    fs_err::create_dir(&path).unwrap();
    insta::assert_snapshot!("folder_as_manifest", refused(&folder));
}

#[test]
fn copilot_is_a_file() {
    let folder = Folder::new();
    folder.write("copilot", "");
    let done = copilot(&folder.path, &["validate"]);
    insta::assert_snapshot!(done.shown(&folder.path));
}

#[test]
fn no_git_and_no_repository() {
    let folder = Folder::workspace();
    let before = folder.content();
    let done = copilot(&folder.path, &["init", "-n", "main", "-e", "test", "-p", "Workloads"]);
    insta::assert_snapshot!(done.shown(&folder.path));
    assert_eq!(folder.content(), before);
}

#[test]
fn an_output_folder_that_is_a_file() {
    let example = crate::root().join("examples/storefront");
    let folder = Folder::new();
    folder.write("file", "kept");
    let out = folder.path.join("file/deeper");
    let done = copilot(&example, &["package", "--facts", "facts.yml", "--output-dir", out.as_str()]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("can't write"), "{done:?}");
    assert_eq!(folder.read("file"), "kept");
}

#[test]
fn buildspecs_that_are_not_there() {
    let folder = workspace();
    folder.write("buildspecs/migrate.yml", "version: 0.2\nphases: {}\n");
    folder.write(
        MANIFEST,
        good(
            "stages:\n  - name: test\n    pre_deployments:\n      migrate:\n        buildspec: buildspecs/migrte.yml\n    \
             post_deployments:\n      s3:\n        buildspec: arn:aws:s3:::bucket/spec.yml\n",
        ),
    );
    let done = copilot(&folder.path, &["validate"]);
    assert_eq!(done.code, 0, "warnings alone are no failure");
    insta::assert_snapshot!(done.shown(&folder.path));
    assert_eq!(copilot(&folder.path, &["validate", "--strict"]).code, 1);
}

#[test]
fn a_key_twice_hides_no_other_problem() {
    let folder = workspace();
    folder.write("copilot/pipelines/main/buildspec.yml", "version: 0.2\nphases: {}\n");
    folder.write(MANIFEST, good("version: 1\nstages:\n  - name: prod\n    require_approval: true\n"));
    folder.write("copilot/api/manifest.yml", "name: web\ntype: Backend Service\nimage: {}\n");
    let done = copilot(&folder.path, &["validate"]);
    assert_eq!(done.code, 1);
    insta::assert_snapshot!(done.shown(&folder.path));
    let shown = copilot(&folder.path, &["show", "--local"]);
    assert!(
        shown.stderr.contains("duplicate_key") && shown.stderr.contains("approval_misspelt"),
        "{shown:?}"
    );
}

#[test]
fn a_stage_of_nearly_an_environment() {
    let folder = workspace();
    folder.write("copilot/environments/production/manifest.yml", "name: production\ntype: Environment\n");
    folder.write("copilot/pipelines/main/buildspec.yml", "version: 0.2\nphases: {}\n");
    folder.write(MANIFEST, good("stages:\n  - name: prodution\n  - name: production\n  - name: elsewhere\n"));
    let done = copilot(&folder.path, &["validate"]);
    assert_eq!(done.code, 0, "an environment needs no manifest");
    insta::assert_snapshot!(done.shown(&folder.path));
}

/// Once, although it is wrong in each of two environments.
#[test]
fn a_schedule_that_never_comes() {
    let folder = workspace();
    folder.write("copilot/environments/prod/manifest.yml", "name: prod\ntype: Environment\n");
    folder.write(
        "copilot/report/manifest.yml",
        "name: report\ntype: Scheduled Job\nimage:\n  location: shop/report\non:\n  schedule: 0 3 * *\n",
    );
    let done = copilot(&folder.path, &["validate"]);
    insta::assert_snapshot!(done.shown(&folder.path));
}
