use std::fmt::Write as _;

use copilot_manifest::Kind;
use copilot_workspace::{Error, ManifestFile, Overrides, Workspace};

use crate::Folder;

fn workspace(files: &[(&str, &str)]) -> (Folder, Workspace) {
    let folder = Folder::with(files);
    folder.write("copilot/.workspace", "application: shop\n");
    let workspace = Workspace::find(folder.path()).unwrap();
    (folder, workspace)
}

/// What stands under `type`.
fn kind(kind: Kind) -> &'static str {
    if kind == Kind::Pipeline { "" } else { kind.as_str() }
}

fn outline(files: &[ManifestFile]) -> String {
    let mut text = String::new();
    for file in files {
        match &file.header {
            Ok(header) => {
                writeln!(text, "{}: {} ({})", file.display_path, header.name, kind(header.kind)).unwrap();
            }
            Err(diagnostics) => {
                for diagnostic in diagnostics {
                    let help = diagnostic.help.as_deref().unwrap_or("-");
                    writeln!(text, "{}: {diagnostic} [{}] {help}", file.folder, diagnostic.code.id).unwrap();
                }
            }
        }
    }
    text
}

#[test]
fn one_broken_manifest_does_not_hide_the_others() {
    let (folder, workspace) = workspace(&[
        ("copilot/api/manifest.yml", "name: api\ntype: Backend Service\n"),
        ("copilot/web/manifest.yml", "name: wep\r\ntype: Load Balanced Web Service\r\n"),
        ("copilot/clean/manifest.yml", "type: Scheduled Job\nname: clean\n"),
        ("copilot/empty/manifest.yml", ""),
        ("copilot/list/manifest.yml", "- name: list\n"),
        ("copilot/tabs/manifest.yml", "name: tabs\ntype: Worker Service\nhttp:\n\tpath: /\n"),
        ("copilot/typo/manifest.yml", "name: typo\ntype: Backend service\n"),
        ("copilot/bare/manifest.yml", "name:\n"),
        ("copilot/twice/manifest.yml", "name: twice\nname: twice\ntype: Static Site\n"),
        ("copilot/notes/readme.md", "no manifest here"),
        ("copilot/environments/addons/db.yml", "Resources: {}"),
    ]);
    folder.write("copilot/binary/manifest.yml", [0_u8, 159, 146, 150]);
    fs_err::create_dir_all(folder.join("copilot/folder/manifest.yml")).unwrap();
    insta::assert_snapshot!(outline(&workspace.workloads().unwrap()));
    assert_eq!(workspace.services().unwrap().len(), 1);
    assert_eq!(workspace.jobs().unwrap().len(), 1);
    assert!(workspace.environments().unwrap().is_empty());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_opened() {
    let (folder, workspace) = workspace(&[("copilot/ok/manifest.yml", "name: ok\ntype: Static Site\n")]);
    fs_err::create_dir_all(folder.join("copilot/lost")).unwrap();
    fs_err::os::unix::fs::symlink("nowhere", folder.join("copilot/lost/manifest.yml")).unwrap();
    // Reading a pipe would block forever.
    fs_err::create_dir_all(folder.join("copilot/pipe")).unwrap();
    let made =
        std::process::Command::new("mkfifo").arg(folder.join("copilot/pipe/manifest.yml")).status().unwrap();
    assert!(made.success());
    insta::assert_snapshot!(outline(&workspace.workloads().unwrap()));
}

#[test]
fn environments_are_listed_by_folder() {
    let (_folder, workspace) = workspace(&[
        ("copilot/environments/test/manifest.yml", "name: test\ntype: Environment\n"),
        ("copilot/environments/prod/manifest.yml", "name: prod\ntype: Backend Service\n"),
        ("copilot/environments/overrides/cdk.json", "{}"),
    ]);
    insta::assert_snapshot!(outline(&workspace.environments().unwrap()));
}

#[test]
fn the_pipeline_in_the_old_place_hides_one_of_its_name() {
    let (_folder, workspace) = workspace(&[
        ("copilot/pipeline.yml", "name: main\nversion: 1\n"),
        ("copilot/pipelines/main/manifest.yml", "name: main\nversion: 1\n"),
        ("copilot/pipelines/a/manifest.yml", "name: twice\n"),
        ("copilot/pipelines/b/manifest.yml", "name: twice\n"),
        ("copilot/pipelines/c/manifest.yml", "name: twice\n"),
    ]);
    let pipelines = workspace.pipelines().unwrap();
    let paths: Vec<_> =
        pipelines.iter().map(|file| (file.display_path.as_str(), file.header.is_ok())).collect();
    assert_eq!(
        paths,
        [
            ("copilot/pipeline.yml", true),
            ("copilot/pipelines/a/manifest.yml", true),
            ("copilot/pipelines/b/manifest.yml", false),
            ("copilot/pipelines/c/manifest.yml", false),
        ]
    );
    let strays: Vec<_> = workspace.strays().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        strays,
        [
            "copilot/pipelines/main/manifest.yml:1:7: `copilot/pipelines/main/manifest.yml` is not read: `copilot/pipeline.yml` has the pipeline `main`, too"
        ]
    );
}

#[test]
fn pipelines_go_by_the_name_inside_and_the_old_place_counts() {
    let (folder, workspace) = workspace(&[
        ("copilot/pipeline.yml", "name: zeta\nversion: 1\n"),
        ("copilot/pipelines/beta/manifest.yml", "name: gamma\nversion: 1\n"),
        ("copilot/pipelines/alpha/manifest.yml", "name: gamma\nversion: 1\n"),
        ("copilot/pipelines/main/manifest.yml", "name: main\nversion: nonsense\n"),
        ("copilot/pipelines/empty/.gitkeep", ""),
        ("copilot/pipelines/manifest.yml", "name: ignored"),
    ]);
    let pipelines = workspace.pipelines().unwrap();
    insta::assert_snapshot!(outline(&pipelines));
    assert_eq!(workspace.default_buildspec(pipelines.last().unwrap()), "copilot/buildspec.yml");
    assert_eq!(workspace.default_buildspec(&pipelines[2]), "copilot/pipelines/main/buildspec.yml");

    folder.write("copilot/main/manifest.yaml", "");
    folder.write("copilot/environments/test/manifest.yaml", "");
    let strays: Vec<_> = workspace.strays().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        strays,
        ["`copilot/main/manifest.yaml` is not read", "`copilot/environments/test/manifest.yaml` is not read"]
    );
}

#[test]
fn addons_and_overrides_are_found() {
    let (folder, workspace) = workspace(&[
        ("copilot/api/addons/s3.yml", ""),
        ("copilot/api/addons/db.yaml", ""),
        ("copilot/api/addons/addons.parameters.yml", ""),
        ("copilot/api/addons/notes.txt", ""),
        ("copilot/api/addons/deep.yml/inner.yml", ""),
        ("copilot/web/addons/addons.parameters.yml", ""),
        ("copilot/environments/addons/vpc.yml", ""),
        ("copilot/api/overrides/cdk.json", ""),
        ("copilot/web/overrides/readme.md", ""),
        ("copilot/pipelines/main/overrides/cfn.patches.yml", ""),
        ("copilot/pipelines/main/overrides/cdk.json", ""),
    ]);
    let addons = workspace.addons("api").unwrap().unwrap();
    let names: Vec<_> = addons.templates.iter().filter_map(|path| path.file_name()).collect();
    assert_eq!(names, ["db.yaml", "s3.yml"]);
    assert_eq!(addons.parameters, [addons.folder.join("addons.parameters.yml")]);
    assert_eq!(workspace.addons("web").unwrap(), None, "parameters alone are no addons");
    assert_eq!(workspace.addons("none").unwrap(), None);
    assert_eq!(workspace.environment_addons().unwrap().unwrap().templates.len(), 1);
    folder.write("copilot/api/addons/addons.parameters.yaml", "");
    assert_eq!(workspace.addons("api").unwrap().unwrap().parameters.len(), 2);

    assert!(
        matches!(workspace.overrides("api").unwrap(), Some(Overrides::Cdk(path)) if path.ends_with("overrides"))
    );
    assert!(matches!(workspace.overrides("web"), Err(Error::EmptyOverrides { .. })));
    assert!(matches!(workspace.pipeline_overrides("main").unwrap(), Some(Overrides::Patches(_))));
    assert_eq!(workspace.environment_overrides().unwrap(), None);
}
